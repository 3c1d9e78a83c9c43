"""Codes that people of the demo read: labels at hand-overs, and one bag that was swapped."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.flows.statuses import StageKind
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus, StageStatus
from supplychain.people.models import User

# So many hand-overs of lately were checked.
MOST_CHECKED = 12
# So long ago the swapped bag was read.
CAUGHT = timedelta(minutes=40)
SCANNER = "Receiving dock, hand scanner"


def write_checks(people: Mapping[str, User], risky: Collection[str], now: datetime) -> None:
    """The labels of lately received cells were read and match; one bag that was just received is another order's.

    `risky`: chains of identity of the orders of which the demo tells something else.
    """
    by = Reporter.of_user(people["ops"])
    received = StageRun.objects.filter(
        stage__kind=StageKind.TRANSPORT, status=StageStatus.COMPLETED, completed_at__lt=now - CAUGHT,
        order__plant__in=by.site_ids, order__status__in=OPEN_ORDER_STATUSES,
    )  # fmt: skip
    runs = list(received.select_related("order", "stage").order_by("-completed_at", "id"))
    calm = [run for run in runs if run.order.coi not in risky and run.order.status == OrderStatus.IN_PROGRESS]
    caught = next(iter(calm or runs), None)
    others = [run for run in runs if caught and run.order_id != caught.order_id]
    for run in others[:MOST_CHECKED]:
        _read(run, run.order.coi, by, run.completed_at)
    if caught and others:
        _read(caught, others[0].order.coi, by, now - CAUGHT)


def _read(run: StageRun, code: str, by: Reporter, at: datetime) -> None:
    check_identity(
        run.order_id, read=code, by=by, place=CheckPlace.HAND_OVER, client_id=f"demo-{run.pk}-{code}", now=at,
        stage=run.stage.code, device=SCANNER,
    )  # fmt: skip
