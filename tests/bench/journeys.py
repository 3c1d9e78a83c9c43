"""What happens to one order of the bench, from confirmation to infusion, as rows for record_events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.orders.statuses import OrderEventKind, StageEventKind

# Between the end of one stage and the start of the next.
WAIT_HOURS = 1.0
SECOND = timedelta(seconds=1)

# kind, stage, hours from the order to the event
Happening = tuple[str, str, float]


def happenings(flow: FlowPlan) -> list[Happening]:
    """Everything that is reported of an order that goes as planned, in the order in which it happens."""
    found: list[Happening] = [(OrderEventKind.CONFIRMED.value, "", 0.5)]
    ends: dict[str, float] = {}
    for code, stage in flow.stages.items():
        start = max((ends[before] for before in stage.after), default=0.0) + WAIT_HOURS
        ends[code] = start + stage.planned_hours
        if stage.kind in (StageKind.COLLECTION, StageKind.TRANSPORT):
            found.append((StageEventKind.SCHEDULED.value, code, start - WAIT_HOURS / 2))
        found.append((StageEventKind.STARTED.value, code, start))
        found.append((StageEventKind.COMPLETED.value, code, ends[code]))
    return sorted(found, key=lambda happening: happening[2])


@dataclass(slots=True)
class Journey:
    """One order's way; `taken` counts what was reported so far."""

    order_id: str
    number: int
    flow: FlowPlan
    plan: Sequence[Happening]
    ordered_at: datetime
    taken: int = 0
    reported: int = 0

    @property
    def left(self) -> int:
        """How many events are still to come."""
        return len(self.plan) - self.taken

    def past(self, count: int) -> Iterator[dict[str, Any]]:
        """The next `count` events, at the moments of the plan."""
        for kind, stage, hours in self._next(count):
            yield self._row(kind, stage, self.ordered_at + timedelta(hours=hours))

    def fresh(self, count: int, moment: datetime) -> Iterator[dict[str, Any]]:
        """The next `count` events, one second apart from `moment` on: each later than all before."""
        for kind, stage, _ in self._next(count):
            self.reported += 1
            yield self._row(kind, stage, moment + self.reported * SECOND)

    def _next(self, count: int) -> Sequence[Happening]:
        start, self.taken = self.taken, self.taken + count
        return self.plan[start : self.taken]

    def _row(self, kind: str, stage: str, moment: datetime) -> dict[str, Any]:
        return {
            "source_event_id": f"{self.order_id}-{stage}-{kind}",
            "order": self.order_id,
            "kind": kind,
            "stage": stage,
            "occurred_at": moment.isoformat(),
            "resource": f"unit {self.number % 40}" if stage else "",
            "payload": payload_of(self.flow.stages.get(stage), kind, self.number, moment),
        }


def payload_of(stage: StagePlan | None, kind: str, number: int, moment: datetime) -> dict[str, Any]:
    """What a hospital, plant or courier says along with an event."""
    if stage is None:
        return {}
    if stage.kind == StageKind.TRANSPORT and kind == StageEventKind.SCHEDULED:
        way = "I" if stage.direction == Direction.INBOUND else "O"
        return {
            "courier": "bench courier",
            "tracking_number": f"TRK-{way}-{number}",
            "planned_pickup_at": (moment + timedelta(hours=2)).isoformat(),
        }
    if stage.kind == StageKind.COLLECTION and kind == StageEventKind.COMPLETED:
        return {"donation_number": f"G123426{number % 1_000_000:06}"}
    if stage.kind == StageKind.MANUFACTURING and kind == StageEventKind.STARTED and stage.pool == "suite":
        return {"batch_number": f"LOT-{number}", "suite": f"S{number % 40}", "operator": f"operator {number % 9}"}
    return {}


def chunks(rows: Iterator[dict[str, Any]], size: int = 1_000) -> Iterator[list[dict[str, Any]]]:
    """Lists of at most `size` rows; as many as one request may hold."""
    while chunk := list(islice(rows, size)):
        yield chunk
