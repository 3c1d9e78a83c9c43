"""What a person says of a material: a report of the order as any other, under the same rights and interlocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.audit.signing import Proof
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import CHANGED_MEANWHILE, lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.models import User


@transaction.atomic
def say_of_material(
    order_id: UUID, *, by: User, kind: str, payload: Mapping[str, Any], occurred_at: datetime, token: str,
    now: datetime, seen_version: int | None = None, proof: Proof | None = None,
) -> None:  # fmt: skip
    """Record what `by` says of a material or lot of the order. Raises Refused, by field of the payload.

    `token` was made when the form was shown: the same token again changes nothing (a double click). `proof`: with
    which `by` signs, where the product asks for it. `seen_version`: of the order as `by` saw it; None: what is said
    does not depend on it.
    """
    reporter, source_event_id = Reporter.of_user(by, proof), f"page-{token}-{order_id}"
    if seen_version is not None:
        _check_seen(order_id, reporter, source_event_id, seen_version)
    row = {
        "source_event_id": source_event_id, "order": str(order_id), "kind": kind,
        "occurred_at": occurred_at.isoformat(), "payload": dict(payload),
    }  # fmt: skip
    result = record_event(row, by=reporter, now=now)
    if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
        errors = {name.removeprefix("payload."): " ".join(texts) for name, texts in result.errors.items()}
        raise Refused(errors or {"all": result.refusal})


def _check_seen(order_id: UUID, by: Reporter, source_event_id: str, seen_version: int) -> None:
    """Raises Refused if the order is no longer as it was shown; never for what was recorded with this form already."""
    order = lock_orders([order_id], by.site_ids).get(order_id)
    is_known = StatusEvent.objects.filter(user=by.user, source_event_id=source_event_id).exists()
    if order and order.version != seen_version and not is_known:
        raise Refused({"all": CHANGED_MEANWHILE})
