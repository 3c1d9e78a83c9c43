"""Taking back a report that is wrong."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.orders.actions.events import Reporter, ReportResult, record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import event_withdrawals
from supplychain.orders.statuses import ReportOutcome, StageEventKind
from supplychain.people.models import User
from supplychain.recording.actions.refusals import ReportRefused


@transaction.atomic
def withdraw_reports(event_ids: Sequence[UUID], *, by: User, reason: str, now: datetime) -> None:
    """The same of several at once, those first that rest on others; if one is refused, none is taken back."""
    for event_id in event_ids:
        withdraw_report(event_id, by=by, reason=reason, now=now)


@transaction.atomic
def withdraw_report(event_id: UUID, *, by: User, reason: str, now: datetime) -> ReportResult:
    """Record that a report is wrong: it stays, and the order's state is worked out without it. Raises ReportRefused.

    Where it matters (orders.rules.withdrawals) it counts once a second person has said so, too.
    """
    event = StatusEvent.objects.select_related("order").filter(pk=event_id).first()
    if event is None:
        raise ReportRefused("There is no such report; go back to the order.")
    if not reason.strip():
        raise ReportRefused("Say why the report is wrong.", field="reason")
    against = event_withdrawals(event.order).get(event.pk)
    rejected = [one for one in against.said if one.rejected_by and one.user == by.pk] if against else []
    name = f"withdraw-{event_id}{f'-{len(rejected)}' if rejected else ''}"
    row = {"source_event_id": name, "order": str(event.order_id), "kind": StageEventKind.WITHDRAWN.value,
           "stage": event.stage, "occurred_at": now.isoformat(),
           "payload": {"event": str(event_id), "reason": reason.strip()}}  # fmt: skip
    result = record_event(row, by=Reporter.of_user(by), now=now)
    if result.outcome == ReportOutcome.CONFLICT:
        if PatientOrder.objects.filter(pk=event.order_id, withdrawn_events__contains=[str(event_id)]).exists():
            raise ReportRefused("This report was withdrawn already.")
        raise ReportRefused("You said already that this report is wrong: a second person must confirm.")
    if result.outcome == ReportOutcome.REJECTED:
        raise ReportRefused(result.refusal)
    return result
