"""The work of a run, in pieces: what is done so far is plain JSON, so that whoever goes on needs nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import msgspec

from batches.ramp_ups.rules.changes import ScenarioChange
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.measures import ReplicationFigures
from batches.ramp_ups.rules.results import outcome
from batches.ramp_ups.rules.runs import Study
from batches.ramp_ups.rules.search import (
    FINAL_REPLICATIONS,
    MOST_SIMULATIONS,
    SEARCH_REPLICATIONS,
    Ask,
    PlanFound,
    Target,
    Tried,
    changes_of,
    how_sure,
    next_step,
    tried_of,
)

# So many replications between two looks at the clock.
PIECE = 5
BASE, CHANGED = "base", "changed"


class Job(ABC):
    """Work that can be put down after any piece: replications of the line as it is and with changes."""

    def __init__(self, inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> None:
        self.line = msgspec.convert(inputs["line"], SimulatedLine, strict=False)
        self.study = Study(self.line, inputs["weeks"], inputs["costs"])
        self.changes = tuple(msgspec.convert(inputs["changes"], list[ScenarioChange], strict=False))
        self.rows: dict[str, list[ReplicationFigures]] = {
            name: msgspec.convert(partial.get(name, []), list[ReplicationFigures], strict=False)
            for name in (BASE, CHANGED)
        }

    def piece(self, name: str, changes: tuple[ScenarioChange, ...], wanted: int, first: int = 0) -> bool:
        """Simulate some more replications of a plan; whether there were any left to do."""
        have = len(self.rows[name])
        if have >= wanted:
            return False
        self.rows[name] += self.study.figures(changes, range(first + have, first + min(have + PIECE, wanted)))
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

    def outcomes(self, changes: tuple[ScenarioChange, ...]) -> dict[str, Any]:
        """Both sides with their differences."""
        base = outcome(self.rows[BASE], self.study.pool_names(()))
        changed = outcome(self.rows[CHANGED], self.study.pool_names(changes), self.rows[BASE])
        return msgspec.to_builtins({BASE: base, CHANGED: changed})


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
        if self.changes:
            return self.outcomes(self.changes)
        base = msgspec.to_builtins(outcome(self.rows[BASE], self.study.pool_names(())))
        return {BASE: base, CHANGED: base}


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
        tried = MOST_SIMULATIONS if isinstance(self.next, Ask) else len(self.tried)
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
            self.tried.append(tried_of(self.next.places, rows, self.target, self.costs))
            self.next = next_step(self.line, self.costs, self.tried)
            return True
        if len(self.rows[CHANGED]) < FINAL_REPLICATIONS:
            return self.piece(CHANGED, self.plan, FINAL_REPLICATIONS, SEARCH_REPLICATIONS)
        return self.piece(BASE, (), FINAL_REPLICATIONS, SEARCH_REPLICATIONS)

    @property
    def plan(self) -> tuple[ScenarioChange, ...]:
        """The changes of the answer."""
        places = self.next.places
        return (*self.changes, *changes_of(self.target, places))

    def result(self) -> dict[str, Any]:
        """The plan, its cost a week, how sure, and both sides."""
        answer = self.next
        share, low, high = how_sure(self.rows[CHANGED], self.target)
        found = tried_of(answer.places, self.rows[CHANGED], self.target, self.costs)
        return self.outcomes(self.plan) | {
            "answer": msgspec.to_builtins(answer), "plan": msgspec.to_builtins(self.plan), "sure": [share, low, high],
            "weekly_cost": found.cost, "on_time": found.on_time, "tried": msgspec.to_builtins(self.tried),
            "per_year": self.line.per_year * (1 + self.target.more / 100),
        }  # fmt: skip


def job_of(inputs: Mapping[str, Any], partial: Mapping[str, Any]) -> Job:
    """The job of these inputs, where it was put down."""
    return SearchJob(inputs, partial) if inputs["target"] else CompareJob(inputs, partial)
