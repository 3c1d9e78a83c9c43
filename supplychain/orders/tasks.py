"""Celery shells of verifying seals."""

import time
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from supplychain.live import publish_change
from supplychain.orders.actions.changes import forget_changes
from supplychain.orders.actions.seals import check_seal, orders_to_recheck, orders_with_unchecked_events
from supplychain.orders.models import SealCheck
from supplychain.sql import LOST

MOST_ORDERS = 200
# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 10

log = structlog.get_logger(__name__)


@shared_task(name="supplychain.orders.check_new_events")
def check_new_events() -> None:
    """Verify what was recorded since, order by order."""
    _check_each(orders_with_unchecked_events(now=timezone.now(), limit=MOST_ORDERS), whole=False)


@shared_task(name="supplychain.orders.recheck_seals")
def recheck_seals() -> None:
    """Verify the whole chains that are due, those that somebody asked for among them."""
    _check_each(orders_to_recheck(now=timezone.now(), limit=MOST_ORDERS), whole=True)


@shared_task(name="supplychain.orders.forget_changes")
def forget_old_changes() -> None:
    """Forget what readers of the change feed had a month to read."""
    forget_changes(now=timezone.now())


def _check_each(order_ids: list[UUID], *, whole: bool) -> None:
    stop_at = time.monotonic() + LONGEST_SECONDS
    for order_id in order_ids:
        try:
            _tell(check_seal(order_id, whole=whole, now=timezone.now()), whole)
        except LOST:
            raise
        except Exception:
            log.exception("seal could not be checked", order=str(order_id))  # the others go on
        if time.monotonic() > stop_at:
            return


def _tell(check: SealCheck, whole: bool) -> None:
    """Open pages of the order show it at once where somebody waits for it or must know."""
    if whole or check.broken_at:
        order = check.order
        sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
        publish_change({order.pk: sites})
