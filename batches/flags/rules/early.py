"""How bad it is that a stage began before what it waits for had ended. Pure.

Mostly a report is late, and comes. But while it is missing two places say that they have the patient's cells, nobody
knows from when on they may wait, and no limit is counted: that presses as silence does. A dose that leaves or is given
without a release on record, or is released before its tests have ended, presses at once: it can be stopped, and
afterwards it cannot.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from batches.flags.rules.limits import LIMIT, passes_words
from batches.flags.rules.waiting import presses_from, warned_wait
from batches.flags.rules.whereabouts import OUT, dose_out
from batches.judgement.rules.awaited import cells_limit, left_behind
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import hours, who_acts
from batches.judgement.rules.missing import missed_from
from batches.judgement.rules.without_cells import unmade_words, without_cells
from supplychain.flows.statuses import HOLDS_CELLS, StageKind
from supplychain.orders.rules.standing import release_ahead
from supplychain.orders.rules.withdrawals import REASON_WITHDRAWN
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, DONE_STAGE_STATUSES, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import due_at, hours_of
from supplychain.words import listed_words, with_verb

# In a flag's evidence: no cells of the order were ever reported.
WITHOUT_CELLS = "without_cells"
# What became of a dose, by how far it is out of the makers' hands.
GONE = {"released": "is released", "left": "has left", "given": "was given"}
# What is to be decided; what stops it is said before (harm.py).
UNRELEASED_ASKS = {
    "left": "QA: keep it aside until its release is reported.",
    "given": "QA: find out whether the dose was released, and have the release reported.",
}
UNTESTED_ASKS = {
    "released": "QA: take the release back, or have the result of {} reported; Operations: ship nothing until then.",
    "left": "QA: keep it aside until the result of {} is reported.",
    "given": "QA: find out what {} found, and have it reported.",
}


# A release of an order of which nobody has reported cells is another order's, or nobody's.
NO_CELLS = "; no cells of this order have been reported, so the report may belong to another order."
NO_CELLS_ASKS = "QA: ask the sender which order was released; withdraw this report, and have it said of the right one."

# … and a dose that was given although nothing was collected or made.
UNMADE_ASKS = (
    "QA: find out what was given, and to whom; have the report withdrawn if it is of another order, else what was "
    "collected and made reported."
)


class Early(NamedTuple):
    """What an early start, or an end that is missing, puts at stake: a `dose` (key of GONE) without a release, or
    released though `missing` (names of its tests) has not ended; else cells of which `missing` has not ended, and
    `reports` (`are_many`: more than one) says what was never reported of it: “the end of Inbound”.

    `has_cells`: cells of the order were reported at all; `limit`: of these cells, if known, and `limit_holds_in` the
    stages in which it does, where the cells seem to have left them; `unmade`: why the dose that was given cannot be of
    this attempt; `released_at`: for when its release is reported; `critical_at`: from when on it presses; None: not.
    """

    critical_at: datetime | None
    limit: datetime | None
    dose: str
    missing: str
    who: str
    reports: str = ""
    are_many: bool = False
    has_cells: bool = True
    limit_holds_in: str = ""
    unmade: str = ""
    released_at: datetime | None = None

    @property
    def moments(self) -> Sequence[datetime]:
        """When the answer may change by itself."""
        found = [at for at in (self.critical_at, self.released_at) if at]
        return [*found, presses_from(self.limit), self.limit] if self.limit else found

    def is_critical(self, now: datetime) -> bool:
        """Whether it presses."""
        return self.critical_at is not None and now >= self.critical_at

    def due(self, now: datetime) -> datetime | None:
        """By when to act: the limit of the cells once it presses; None: at once."""
        return self.limit if self.limit and presses_from(self.limit) <= now else None

    def words(self, now: datetime) -> str:
        """What is at stake, behind the words of the fact."""
        if not self.has_cells:
            return NO_CELLS
        if self.unmade:
            return f"; {self.unmade}: the dose may be another patient’s."
        if self.dose:
            return f"; the dose {GONE[self.dose]} and {self._lacks}."
        due = self.due(now)
        left = f"if the cells have not left {self.limit_holds_in}, " if self.limit_holds_in else ""
        return f"; {left}{passes_words(due, now)}." if due else "."

    @property
    def _lacks(self) -> str:
        """What a dose that is out lacks: its tests, or its release."""
        if self.missing:
            return with_verb(self.missing, "has not ended")
        if self.released_at:
            return f"its release is reported only for {moment_mark(self.released_at)}, still to come"
        return "no release of it is on record"

    def next_step(self, now: datetime) -> str:
        """What to do first."""
        if not self.has_cells:
            return NO_CELLS_ASKS
        if self.unmade:
            return UNMADE_ASKS
        if self.dose:
            return UNTESTED_ASKS[self.dose].format(self.missing) if self.missing else UNRELEASED_ASKS[self.dose]
        return f"{self.who}: find out where the cells are, and have {self.reports}, or the right start, reported."

    @property
    def asks_reports(self) -> bool:
        """Whether that is to have reports made: a dose that is merely kept aside waits for them."""
        return self.has_cells and self.dose != "left"

    def evidence(self, now: datetime) -> dict[str, Any]:
        """What the flag hangs on."""
        if self.dose:
            without = {} if self.has_cells else {WITHOUT_CELLS: True}
            return {"dose": self.dose} | without | ({"not_ended": self.missing} if self.missing else {})
        due = self.due(now)
        return {"not_ended": self.missing} | ({LIMIT: due.isoformat()} if due else {})


def early_of(facts: OrderFacts, code: str, begun_at: datetime | None, now: datetime) -> Early | None:
    """What is at stake while the end of what the stage waits for is still missing; None: nothing, or no more."""
    stage = facts.stages.get(code)
    if stage is None or begun_at is None:
        return None
    out = dose_out(facts, now)
    if out == "given" and code == facts.flow.exit and (unmade := unmade_words(facts)):
        return Early(begun_at, None, out, "", "QA", unmade=unmade)
    ended_at = {one: facts.stages[one].run.completed_at for one in facts.stages}
    ahead = release_ahead(facts.flow, code, ended_at, now)
    if out in OUT and (ahead or _is_unreleased(facts, stage)):
        return Early(begun_at, None, out, "", "", released_at=ahead[1] if ahead else None)
    if out and (tests := _untested(facts, stage)):
        return Early(begun_at, None, out, tests, "QA", has_cells=code not in without_cells(facts) or out in OUT)
    missing = [one for before in stage.plan.after if _is_missing(one := facts.stages[before])]
    if not missing or stage.plan.kind not in HOLDS_CELLS or stage.run.status not in ACTIVE_STAGE_STATUSES:
        return None
    missing = [*_behind(facts, code, now, missing), *missing]
    limit = cells_limit([stage, *missing])
    critical_at = max(missed_from(stage.plan, begun_at) for stage in missing)
    if limit:
        critical_at = max(begun_at, min(critical_at, presses_from(limit)))
    return _of_cells(missing, critical_at, limit)


def taken_back_before(facts: OrderFacts, stage: str) -> datetime | None:
    """When a report was withdrawn last without which this stage began too early: only since then it is in doubt."""
    before = [one for one in facts.surprises if stage in facts.flow.followers.get(one["stage"], frozenset())]
    moments = [
        datetime.fromisoformat(one["at"])
        for one in before
        if one["reason"] == REASON_WITHDRAWN and one["stage"] != stage
    ]
    return max(moments, default=None)


def end_missing(facts: OrderFacts, code: str, now: datetime) -> Early | None:
    """The stages that the cells left for this one or a later one, and no report says so; None: there are none.

    The later report may be wrong, and the cells still where they were: it presses as their own flags would.
    """
    behind = _behind(facts, code, now)
    if not behind:
        return None
    critical_at = min((at for at in map(_lost_from, behind) if at), default=None)
    early = _of_cells([*behind, *_passed(facts, behind, code)], critical_at, cells_limit(behind))
    return early._replace(limit_holds_in=listed_words(one.plan.name for one in behind))


def _behind(facts: OrderFacts, code: str, now: datetime, besides: Sequence[StageFacts] = ()) -> list[StageFacts]:
    """The stages that the cells have left for this one or a later one, in board order, without `besides`."""
    left = left_behind(facts, now) if code in facts.stages else frozenset()
    behind = (stage for one, stage in facts.stages.items() if one in left and code in facts.flow.followers[one])
    return [stage for stage in behind if stage not in besides]


def _passed(facts: OrderFacts, behind: Iterable[StageFacts], code: str) -> list[StageFacts]:
    """What lies between and has not even come up: the cells passed it too, and somebody must report it."""
    after = frozenset().union(*(facts.flow.followers[one.plan.code] for one in behind))
    return [
        stage for one, stage in facts.stages.items()
        if one in after and one != code and code in facts.flow.followers[one]
        and stage.run.status == StageStatus.PENDING and stage.plan.kind in HOLDS_CELLS
    ]  # fmt: skip


def _lost_from(stage: StageFacts) -> datetime | None:
    """From when on cells that are still there would be in danger: by their limit, else by a transport's silence."""
    if warned := warned_wait(stage):
        return warned.critical_at
    if stage.plan.kind != StageKind.TRANSPORT:
        return None
    run = stage.run
    due = run.expected_start
    if run.started_at:
        worst_at = run.started_at + hours(hours_of(stage.plan, stage.lane, run.started_at)[1])
        due = due_at(stage.plan, run, stage.lane) or worst_at
    return missed_from(stage.plan, due) if due else None


def _of_cells(missing: Sequence[StageFacts], critical_at: datetime | None, limit: datetime | None) -> Early:
    names, who = listed_words(one.plan.name for one in missing), who_acts(missing[0].plan)
    are_many = len(missing) > 1 or missing[0].run.started_at is None
    return Early(critical_at, limit, "", names, who, _reports_words(missing), are_many)


def _reports_words(missing: Iterable[StageFacts]) -> str:
    """What was never reported: “the end of Inbound”, “the start and end of Outbound”, both joined."""
    said: dict[str, list[str]] = {}
    for one in missing:
        said.setdefault("the end of" if one.run.started_at else "the start and end of", []).append(one.plan.name)
    return listed_words(f"{what} {listed_words(names)}" for what, names in said.items())


def _is_missing(stage: StageFacts) -> bool:
    """Whether it has the cells in hand and has not ended, as far as anybody said."""
    return stage.plan.kind in HOLDS_CELLS and stage.run.status not in DONE_STAGE_STATUSES


def _untested(facts: OrderFacts, stage: StageFacts) -> str:
    """Names of what a release that was given should have waited for; empty: of nothing, or it is none."""
    if stage.plan.kind != StageKind.RELEASE or stage.run.status not in DONE_STAGE_STATUSES:
        return ""
    awaited = [facts.stages[code] for code in stage.plan.after]
    return listed_words(one.plan.name for one in awaited if one.run.status not in DONE_STAGE_STATUSES)


def _is_unreleased(facts: OrderFacts, stage: StageFacts) -> bool:
    """Whether it comes behind a release that nobody reported."""
    releases = [one for one in facts.stages.values() if one.plan.kind == StageKind.RELEASE]
    open_ones = [one.plan.code for one in releases if one.run.status not in DONE_STAGE_STATUSES]
    return any(stage.plan.code in facts.flow.followers[code] for code in open_ones)
