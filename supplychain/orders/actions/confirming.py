"""A second person confirms what another one reported: a sealed event of its own."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.audit.signing import Proof
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User

STRANGER = "The second person belongs to none of this order’s sites."


@transaction.atomic
def confirm_report(order_id: UUID, event_id: UUID, *, by: User, now: datetime, proof: Proof | None = None) -> None:
    """Record that `by` checked as the second person what this event says; the same again changes nothing.

    `proof`: with which `by` signs, where the product asks for it. Raises Refused (field: event)."""
    source_event_id, reporter = f"witness-{event_id}", Reporter.of_user(by, proof)
    lock_orders([order_id], reporter.site_ids)  # of two at once the second finds what the first has said
    if known := StatusEvent.objects.filter(user=by, source_event_id=source_event_id).first():
        if str(known.pk) in known.order.withdrawn_events:
            raise Refused({"event": "You confirmed this before, and that was withdrawn: another person confirms it."})
        return
    row = {"source_event_id": source_event_id, "order": str(order_id), "kind": OrderEventKind.WITNESSED.value,
           "occurred_at": now.isoformat(), "payload": {"event": str(event_id)}}  # fmt: skip
    result = record_event(row, by=reporter, now=now)
    if result.outcome != ReportOutcome.CREATED:
        raise Refused({"event": STRANGER if "order" in result.errors else result.refusal})
