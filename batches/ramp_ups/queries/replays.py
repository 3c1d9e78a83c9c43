"""Readings for the replay of each line's last weeks, as the pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.queries.pages import newest
from batches.ramp_ups.rules.replays import ReplayFound, ReplayRow, row_words
from batches.ramp_ups.statuses import REPLAY, RunStatus
from supplychain.sites.models import Site


@dataclass(frozen=True, slots=True)
class LineReplay:
    """The newest replay of a line's last weeks; `run`: the one at work or failed; `found` None: never tried."""

    line: Site
    run: ScenarioRun | None
    found: ReplayFound | None
    made_at: datetime | None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From when to when the weeks are."""
        return (
            (datetime.fromisoformat(self.found.opened), datetime.fromisoformat(self.found.closed))
            if self.found
            else None
        )

    @property
    def rows(self) -> list[tuple[ReplayRow, str, str, str]]:
        """Every figure with what happened, the model's mean and its range, in words."""
        return [(row, *row_words(row)) for row in self.found.rows] if self.found else []


def replays(lines: Iterable[Site]) -> list[LineReplay]:
    """Whether the model repeats the last weeks of each line, as the program last tried it; two queries."""
    of_program = Scenario.objects.filter(line__in=list(lines), owner=None, name=REPLAY)
    runs = ScenarioRun.objects.filter(scenario__in=of_program).select_related("scenario").defer("inputs", "partial")
    latest = {run.scenario.line_id: run for run in newest(runs).values()}
    done = {run.scenario.line_id: run for run in newest(runs.filter(status=RunStatus.DONE)).values()}
    return [_replay(line, latest.get(line.pk), done.get(line.pk)) for line in lines]


def _replay(line: Site, run: ScenarioRun | None, done: ScenarioRun | None) -> LineReplay:
    found = msgspec.convert(done.result["replay"], ReplayFound) if done else None
    return LineReplay(line, run, found, done.requested_at if done else None)
