"""What limits each line next, beside what held it up lately: for the pages of either."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from batches.ramp_ups.models import ScenarioRun
from batches.ramp_ups.rules.pages import beside_past, held_up_by, limit_words
from batches.ramp_ups.rules.planned import planned_words
from batches.ramp_ups.statuses import OUTLOOK, RunStatus
from supplychain.sites.models import Site


@dataclass(frozen=True, slots=True)
class LineOutlook:
    """The newest outlook of a line: what limits it in the four weeks from `made_at` on, with how sure that is."""

    made_at: datetime
    limit: Mapping[str, Any]
    replications: int
    planned: list[str]

    @property
    def words(self) -> tuple[str, str]:
        """What limits the line, and how sure that is."""
        return limit_words(self.limit, self.replications)

    @property
    def holds_up(self) -> str:
        """Name of the pool that is to hold the line up; empty: none is."""
        return held_up_by(self.limit)

    def differs_from(self, past: str) -> str:
        """Why the past week names another pool; empty: it does not."""
        return beside_past(past, self.limit, self.planned)


def line_outlooks(lines: Iterable[Site]) -> dict[UUID, LineOutlook]:
    """By line, its newest outlook that was finished; one query."""
    runs = ScenarioRun.objects.filter(
        scenario__line__in=list(lines), scenario__owner=None, scenario__name=OUTLOOK, status=RunStatus.DONE
    )
    columns = ("scenario__line", "scenario__line__time_zone", "requested_at", "result__changed__limit",
               "result__changed__replications", "result__planned")  # fmt: skip
    newest = runs.order_by("scenario_id", "-requested_at").distinct("scenario_id").values_list(*columns)
    return {
        line_id: LineOutlook(made_at, limit, count, planned_words(planned or (), made_at, ZoneInfo(zone)))
        for line_id, zone, made_at, limit, count, planned in newest
    }
