"""The work of a run, in pieces: what is done so far is plain JSON, so that whoever goes on needs nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from batches.ramp_ups.rules.changes import ScenarioChange
from batches.ramp_ups.rules.cheaper import Places
from batches.ramp_ups.rules.costs import missing_costs
from batches.ramp_ups.rules.lines import WEEK, SimulatedLine, to_json
from batches.ramp_ups.rules.measures import ReplicationFigures
from batches.ramp_ups.rules.planned import planned_changes
from batches.ramp_ups.rules.replays import PastWeeks, judge, replay
from batches.ramp_ups.rules.results import outcome
from batches.ramp_ups.rules.runs import Study
from batches.ramp_ups.rules.search import (
    FINAL_REPLICATIONS,
    MOST_SIMULATIONS,
    SEARCH_REPLICATIONS,
    Ask,
    PlanFound,
    changes_of,
    next_step,
)
from batches.ramp_ups.rules.tried_plans import Target, Tried, how_sure, tried_of
from batches.ramp_ups.rules.words import season_words

# So many replications between two looks at the clock.
PIECE = 5
BASE, CHANGED = "base", "changed"


class Job(ABC):
    """Work that can be put down after any piece: replications of the line as it is and with changes."""

    def __init__(self, inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> None:
        self.line = msgspec.convert(inputs["line"], SimulatedLine, strict=False)
        self.study = Study(self.line, inputs["weeks"], inputs["costs"])
        self.currency = inputs.get("currency", "")
        self.changes = tuple(msgspec.convert(inputs["changes"], list[ScenarioChange], strict=False))
        self.rows: dict[str, list[ReplicationFigures]] = {
            name: msgspec.convert(partial.get(name, []), list[ReplicationFigures], strict=False)
            for name in (BASE, CHANGED)
        }

    @property
    def sides(self) -> tuple[tuple[ScenarioChange, ...], ...]:
        """The plans that are compared: they share their patients, so they share the weeks run before."""
        return ((), self.changes)

    def piece(self, name: str, changes: tuple[ScenarioChange, ...], wanted: int, first: int = 0) -> bool:
        """Simulate some more replications of a plan; whether there were any left to do."""
        have = len(self.rows[name])
        if have >= wanted:
            return False
        numbers = range(first + have, first + min(have + PIECE, wanted))
        self.rows[name] += self.study.figures(changes, numbers, beside=self.sides)
        return True

    @property
    def partial(self) -> dict[str, Any]:
        """What is done so far."""
        return msgspec.to_builtins(self.rows)

    @property
    @abstractmethod
    def total(self) -> int:
        """How much there is to do."""

    @property
    @abstractmethod
    def done(self) -> int:
        """How much of it is done."""

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Whether nothing is left to do."""

    @abstractmethod
    def step(self) -> bool:
        """Do one piece; whether there was one to do."""

    @abstractmethod
    def result(self) -> dict[str, Any]:
        """What it came to, once it is done."""

    def side(self, name: str, changes: tuple[ScenarioChange, ...], base: Sequence[ReplicationFigures] = ()) -> Any:
        """The outcome of one side."""
        rows = self.rows[name]
        found = self.study.steadiness(changes, rows, beside=self.sides)
        return to_json(outcome(rows, self.study.pool_names(changes), base, found))

    def outcomes(self, changes: tuple[ScenarioChange, ...]) -> dict[str, Any]:
        """Both sides with their differences, and the changes of capacity that fall into the weeks."""
        both = {BASE: self.side(BASE, ())}
        both[CHANGED] = self.side(CHANGED, changes, self.rows[BASE]) if changes else both[BASE]
        planned = planned_changes(self.line, within=self.study.weeks * WEEK)
        told = {"planned": [to_json(one) for one in planned], "seasons": season_words(changes, self.line)}
        return both | told | {"currency": self.currency}


class CompareJob(Job):
    """The line as it is, and with the changes, on the same replications."""

    def __init__(self, inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> None:
        super().__init__(inputs, partial)
        self.wanted = inputs["replications"]

    @property
    def total(self) -> int:
        """Replications to do; a scenario without changes is the line as it is."""
        return self.wanted * (2 if self.changes else 1)

    @property
    def done(self) -> int:
        """Replications done."""
        return sum(len(rows) for rows in self.rows.values())

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total

    def step(self) -> bool:
        """A piece of the side that is behind."""
        if self.changes and len(self.rows[CHANGED]) < len(self.rows[BASE]):
            return self.piece(CHANGED, self.changes, self.wanted)
        return self.piece(BASE, (), self.wanted)

    def result(self) -> dict[str, Any]:
        """Both sides; one where nothing was changed."""
        return self.outcomes(self.changes)


class SearchJob(Job):
    """The cheapest plan for a target: search on few replications, then judge the plan on many fresh ones."""

    def __init__(self, inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> None:
        super().__init__(inputs, partial)
        self.target = msgspec.convert(inputs["target"], Target)
        self.tried = msgspec.convert(partial.get("tried", []), list[Tried], strict=False)
        self.costs = inputs["costs"]
        self.next = next_step(self.line, self.costs, self.tried)

    @property
    def partial(self) -> dict[str, Any]:
        """What is done so far, the plans tried among it."""
        return super().partial | {"tried": msgspec.to_builtins(self.tried)}

    @property
    def total(self) -> int:
        """Plans that may be tried at most, and the replications that judge the last one beside the line as it is."""
        tried = max(MOST_SIMULATIONS, len(self.tried) + 1) if isinstance(self.next, Ask) else len(self.tried)
        return tried + 2 * FINAL_REPLICATIONS

    @property
    def done(self) -> int:
        """How much of it is done."""
        return len(self.tried) + sum(len(rows) for rows in self.rows.values())

    @property
    def is_done(self) -> bool:
        """Whether the plan is found and judged."""
        return isinstance(self.next, PlanFound) and self.done >= self.total

    def step(self) -> bool:
        """Try the next plan, or judge the one that was found."""
        if isinstance(self.next, Ask):
            wanted = (*self.changes, *changes_of(self.target, self.next.places))
            rows = self.study.figures(wanted, range(SEARCH_REPLICATIONS))
            self.tried.append(self.tried_of(self.next.places, rows, wanted))
            self.next = next_step(self.line, self.costs, self.tried)
            return True
        if len(self.rows[CHANGED]) < FINAL_REPLICATIONS:
            return self.piece(CHANGED, self.plan, FINAL_REPLICATIONS, SEARCH_REPLICATIONS)
        return self.piece(BASE, (), FINAL_REPLICATIONS, SEARCH_REPLICATIONS)

    def tried_of(self, places: Places, rows: Sequence[ReplicationFigures], plan: Sequence[ScenarioChange]) -> Tried:
        """What the replications of a plan came to."""
        return tried_of(places, rows, self.target, self.costs, self.study.loads(plan))

    @property
    def sides(self) -> tuple[tuple[ScenarioChange, ...], ...]:
        """The line as it is and with the answer."""
        return ((), self.plan)

    @property
    def plan(self) -> tuple[ScenarioChange, ...]:
        """The changes of the answer."""
        places = self.next.places
        return (*self.changes, *changes_of(self.target, places))

    def result(self) -> dict[str, Any]:
        """The plan, its cost a week, how sure, and both sides."""
        answer = self.next
        found = self.tried_of(answer.places, self.rows[CHANGED], self.plan)
        share, low, high = how_sure(found)
        return self.outcomes(self.plan) | {
            "answer": msgspec.to_builtins(answer), "plan": msgspec.to_builtins(self.plan), "sure": [share, low, high],
            "weekly_cost": found.cost, "missing_costs": missing_costs(self.costs, self.line, places=True),
            "keeps_up": found.keeps_up, "on_time": found.on_time, "tried": msgspec.to_builtins(self.tried),
            "per_year": self.line.per_year * (1 + self.target.more / 100),
        }  # fmt: skip


class ReplayJob:
    """The last weeks again, on the model's luck: beside what really happened."""

    def __init__(self, inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> None:
        self.line = msgspec.convert(inputs["line"], SimulatedLine, strict=False)
        self.past = msgspec.convert(inputs["replay"], PastWeeks, strict=False)
        self.total = 0 if self.past.unknown else inputs["replications"]
        self.rows: list[dict[str, float | None]] = list(partial.get("replayed", []))

    @property
    def partial(self) -> dict[str, Any]:
        """What is done so far."""
        return {"replayed": self.rows}

    @property
    def done(self) -> int:
        """Futures simulated."""
        return len(self.rows)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total

    def step(self) -> bool:
        """Simulate some more futures of the weeks; whether there were any left to do."""
        if self.is_done:
            return False
        self.rows += replay(self.line, self.past, range(self.done, min(self.done + PIECE, self.total)))
        return True

    def result(self) -> dict[str, Any]:
        """The answer."""
        return {"replay": to_json(judge(self.rows, self.past, self.line.pool_names))}


def job_of(inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> "Job | ReplayJob":
    """The job of these inputs, where it was put down; begun anew where that was written by rules of before."""
    try:
        return _job(inputs, partial)
    except msgspec.ValidationError:
        return _job(inputs, {})


def _job(inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> "Job | ReplayJob":
    if inputs.get("replay"):
        return ReplayJob(inputs, partial)
    return SearchJob(inputs, partial) if inputs["target"] else CompareJob(inputs, partial)
