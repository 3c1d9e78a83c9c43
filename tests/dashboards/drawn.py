"""What the tests beside share: runs as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.orders.rules.time_lines import Span
from tests.supplychain.builders import T0


@dataclass
class FakeRun:
    """The moments of one run."""

    status: str
    attempt: int = 1
    ready_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    failed_at: datetime | None = None
    held_at: datetime | None = None
    planned_start_at: datetime | None = None
    planned_end_at: datetime | None = None
    wait_until: datetime | None = None
    wait_limit: str = ""
    wait_expires_at: datetime | None = None


def told(spans: Sequence[Span]) -> list[tuple]:
    return [(span.kind, (span.start - T0) / timedelta(hours=1), (span.end - T0) / timedelta(hours=1)) for span in spans]
