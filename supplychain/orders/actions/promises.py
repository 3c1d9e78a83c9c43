"""Changing what was promised, against the version of the order that the one who changes it has read."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.moments import written
from supplychain.orders.actions.checks import promise_problem
from supplychain.orders.actions.events import Reporter, ReportResult, record_event
from supplychain.orders.actions.replies import rejected
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderEventKind


class OrderChanged(Exception):
    """The order has another version now than the one that the change was made for."""


class OrderEnded(Exception):
    """The patient does not wait any more: there is nothing to promise."""


@transaction.atomic
def change_promise(
    order_id: UUID,
    *,
    promised_at: datetime,
    expected_version: int | None,
    by: Reporter,
    reason: str = "",
    now: datetime,
) -> ReportResult:
    """Record that the dose is promised ready to infuse at `promised_at`, as a `promised` event of now.

    `expected_version` None: whatever the version. Raises PatientOrder.DoesNotExist for an order of other sites,
    OrderChanged, OrderEnded. Not taken is a date before the dose is expected without a reason, or one that has passed.
    """
    orders = PatientOrder.objects.of_sites(by.site_ids).select_for_update(no_key=True)
    version, status = orders.values_list("version", "status").get(pk=order_id)
    if expected_version not in (None, version):
        raise OrderChanged(f"The order has version {version} now.")
    if status not in OPEN_ORDER_STATUSES:
        raise OrderEnded("The order has ended; its promise can no longer change.")
    payload = {"promised_at": written(promised_at)} | ({"reason": reason} if reason else {})
    # Of a person the report below is checked so.
    if by.source and (problem := promise_problem(order_id, payload, now, now)):
        return rejected("", [problem], order_id=order_id)
    report = {
        "source_event_id": f"promise-{order_id}-after-v{version}",
        "order": str(order_id),
        "kind": OrderEventKind.PROMISED.value,
        "occurred_at": now.isoformat(),
        "payload": payload,
    }
    return record_event(report, by=by, now=now)
