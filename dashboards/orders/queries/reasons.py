"""Why somebody reported what they did, as a chain report says it; no query."""

from collections.abc import Iterable, Iterator
from typing import Any

from batches.flags.models import Flag
from dashboards.orders.queries.order_view import OrderView
from dashboards.orders.rules.events import MarkKind
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.mismatches import MISMATCHES, named_mismatches
from supplychain.orders.rules.withdrawals import WITHDRAWN
from supplychain.orders.statuses import OrderEventKind


def reasons_given(event: StatusEvent) -> Iterator[str]:
    """The reason of a report, and why it was made although a flag stood. That of a withdrawal stands beside the report
    that it takes back."""
    reason, override = event.payload.get("reason"), event.payload.get(OVERRIDE)
    if isinstance(reason, str) and reason and event.kind != WITHDRAWN:
        yield f"“{reason}”"
    if isinstance(override, str) and override:
        yield f"although flagged: “{override}”"


def resolutions_of(events: Iterable[StatusEvent], order: PatientOrder, flag: Flag) -> list[dict[str, Any]]:
    """Who said how the mismatch of this flag was cleared up, the first one first; nothing of any other flag."""
    named = set(flag.evidence.get(MISMATCHES, ()))
    said = [
        event for event in events
        if event.kind == OrderEventKind.RESOLVED and named & named_mismatches(event.payload)
        and str(event.pk) not in order.withdrawn_events
    ]  # fmt: skip
    return [
        {"by": str(event.user or event.source), "at": event.occurred_at, "reason": event.payload.get("reason", "")}
        for event in sorted(said, key=lambda event: event.position)
    ]


def notes_of(view: OrderView, event: StatusEvent) -> Iterable[str]:
    """What stands out of it, and who said that it was wrong."""
    yield from (mark.text for mark in view.marks.get(event.pk, ()) if mark.kind != MarkKind.LATE)
    against = view.withdrawals.get(event.pk)
    for said in against.said if against else ():
        does_count = against.counts and not said.rejected_by
        yield f"{'withdrawn' if does_count else 'said to be wrong'} by {said.by}: “{said.reason}”"
        if said.rejected_by:
            yield f"rejected by {said.rejected_by}: the report is right"
