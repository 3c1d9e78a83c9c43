"""The flags of an order that quality assurance settled, beside the events of its decisions; no query."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import OrderEventKind

SPOKEN = (FlagChangeKind.ACKNOWLEDGED, FlagChangeKind.COMMENTED)


class SettledFlag(NamedTuple):
    """A flag that was settled, and what people had said of it by then, the decision apart; oldest first."""

    flag: Flag
    said: Sequence[FlagChange]


class Decisions(NamedTuple):
    """By event, the flag that it settled; by flag, when that was, whether or not the decision counts still."""

    by_event: Mapping[UUID, SettledFlag]
    moments: Mapping[UUID, list[datetime]]


def decisions_of(events: Iterable[StatusEvent], flags: Iterable[Flag]) -> Decisions:
    """What was decided of these flags, their changes fetched, as these events have it."""
    by_id = {str(flag.pk): flag for flag in flags}
    by_event: dict[UUID, SettledFlag] = {}
    moments: dict[UUID, list[datetime]] = {}
    for event in events:
        flag = by_id.get(str(event.payload.get("flag"))) if event.kind == OrderEventKind.SETTLED else None
        if flag:
            by_event[event.pk] = SettledFlag(flag, _said_before(flag, event))
            moments.setdefault(flag.pk, []).append(event.recorded_at)
    return Decisions(by_event, moments)


def _said_before(flag: Flag, event: StatusEvent) -> list[FlagChange]:
    said = [one for one in flag.changes.all() if one.kind in SPOKEN and one.changed_at < event.recorded_at]
    return sorted(said, key=lambda one: one.changed_at)
