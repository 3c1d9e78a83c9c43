"""What stands out in an order's list of events."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from dashboards.rules.words import span_words

# Systems report in batches; from here on somebody may have decided without knowing.
LATE_AFTER = timedelta(hours=1)


class Event(Protocol):
    """One stored event."""

    id: UUID
    occurred_at: datetime
    recorded_at: datetime


def marks_of(events: Iterable[Event], surprises: Iterable[Mapping[str, Any]]) -> dict[UUID, list[str]]:
    """By event id, what is unusual about it, in words. `events` come in the order in which we heard of them.

    `surprises` are those of the fold (PatientOrder.surprises).
    """
    marks: dict[UUID, list[str]] = {}
    newest: datetime | None = None
    for event in events:
        late = event.recorded_at - event.occurred_at
        if late >= LATE_AFTER:
            marks.setdefault(event.id, []).append(f"reported {span_words(late)} later")
        if newest and event.occurred_at < newest:
            marks.setdefault(event.id, []).append("arrived after later events")
        newest = max(newest or event.occurred_at, event.occurred_at)
    for surprise in surprises:
        marks.setdefault(UUID(surprise["event"]), []).append(surprise["text"])
    return marks
