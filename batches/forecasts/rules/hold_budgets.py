"""The hold-time budget: what is left of a permitted wait if all goes as foreseen. Pure; one rule for page, flag, file.

Budget = permitted − elapsed − forecast of the rest until the stage that ends the wait is begun. The limits are those of
the one rule of waits, the forecast is what the futures of the line say (docs/rules.md).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from batches.forecasts.rules.begins import ForeseenBegin, begins_said
from batches.forecasts.rules.ready import is_before_news
from batches.forecasts.rules.running_waits import RunningWait, running_waits
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.missing import IF_FOUND, is_missing
from supplychain.orders.rules.standing import is_on_hold
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus, WaitLimit
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import expected_arrival
from supplychain.words import hours_words, with_verb

# Of orders with less, lists say so.
TIGHT_HOURS = 24
NOT_FORESEEN = ForeseenBegin(None, None)


class HoldBudget(NamedTuple):
    """What is left of a limit that runs. `stage`, `name`: whose limit; `ended_by`, `ender`: the stage that takes the
    cells up; `limit`: WaitLimit; `begins_at`: when that is begun in half of the futures, `latest_at`: in 19 of 20
    (None: not known); `if_lifted`: it holds only if a hold were lifted now; `is_before_news`: it was foreseen before
    the last report; `if_found`: the cells are missed under way."""

    stage: str
    attempt: int
    name: str
    ended_by: str
    ender: str
    limit: str
    since: datetime
    until: datetime
    begins_at: datetime | None
    latest_at: datetime | None
    if_lifted: bool
    is_before_news: bool
    if_found: bool = False

    @property
    def is_cold(self) -> bool:
        """Whether the guaranteed cold of a shipper is the limit."""
        return self.limit == WaitLimit.QUALIFIED_UNTIL

    @property
    def permitted_hours(self) -> float:
        """The whole wait."""
        return hours_between(self.since, self.until)

    def elapsed_hours(self, now: datetime) -> float:
        """How long it has lasted."""
        return max(hours_between(self.since, now), 0.0)

    def rest_hours(self, now: datetime) -> float | None:
        """How long it still lasts, as foreseen; what was to be begun by now is begun now at the earliest."""
        return None if self.begins_at is None else max(hours_between(now, self.begins_at), 0.0)

    def left_hours(self, now: datetime) -> float | None:
        """The budget: negative where the wait is foreseen to last too long; None: not known."""
        return None if self.begins_at is None else hours_between(max(self.begins_at, now), self.until)

    def least_hours(self, now: datetime) -> float | None:
        """The same if it lasts as long as in one of 20 futures."""
        return None if self.latest_at is None else hours_between(max(self.latest_at, now), self.until)

    def is_tight(self, now: datetime) -> bool:
        """Whether lists say it: too little is left, or it is not known and the limit itself is near."""
        left = self.left_hours(now)
        return (hours_between(now, self.until) if left is None else left) < TIGHT_HOURS


def hold_budgets(facts: OrderFacts, now: datetime) -> list[HoldBudget]:
    """What is left of each limit that runs for the cells of an open order, the first to end first."""
    if facts.status not in OPEN_ORDER_STATUSES:
        return []
    said = facts.prediction if facts.prediction and facts.prediction.counts_at(now) else None
    begins = begins_said(said.evidence) if said else {}
    is_held = is_on_hold(facts.status, [stage.run.status for stage in facts.active])
    is_old = is_before_news(said, facts.last_recorded_at)
    waits = running_waits(facts, now)
    return [_budget(wait, begins.get(wait.ended_by.code, NOT_FORESEEN), is_held, is_old, now) for wait in waits]


def _budget(running: RunningWait, begin: ForeseenBegin, is_held: bool, is_old: bool, now: datetime) -> HoldBudget:
    stage, wait, ender = running
    begin = _after_arrival(stage, begin, now) if ender.code != stage.plan.code else begin
    is_kept = stage.run.status == StageStatus.HELD or (is_held and wait_now(stage.run) is not None)
    return HoldBudget(
        stage.plan.code, stage.run.attempt, stage.plan.name, ender.code, ender.name, wait.limit, wait.since, wait.until,
        begin.median, begin.latest, is_kept, is_old and begin.median is not None, is_missing(stage, now),
    )  # fmt: skip


def _after_arrival(stage: StageFacts, begin: ForeseenBegin, now: datetime) -> ForeseenBegin:
    """What is foreseen of the stage that takes up cells under way: not before they are expected to arrive, and nothing
    where nobody knows when they do (docs/adr/0029)."""
    if stage.run.is_arrival_unknown or begin.median is None:
        return NOT_FORESEEN
    arrival = expected_arrival(stage.plan, stage.run, stage.lane, now)
    arrives_at = arrival.at if arrival else begin.median
    return ForeseenBegin(max(begin.median, arrives_at), begin.latest and max(begin.latest, arrives_at))


def foreseen_words(budget: HoldBudget, now: datetime) -> str:
    """When the wait is foreseen to end, against its limit; a clause that stays true until `begins_at`."""
    begins, latest = budget.begins_at, budget.latest_at
    if begins is None:
        return f"the begin of {budget.ender} cannot be foreseen"
    condition = "if the hold were lifted now, " if budget.if_lifted else ""
    old = " (foreseen before the last report)" if budget.is_before_news else ""
    if begins <= now:
        return f"{condition}{with_verb(budget.ender, f'was foreseen to begin by {moment_mark(begins)}')}{old}"
    foreseen = with_verb(budget.ender, f"is foreseen to begin {moment_mark(begins)}")
    said = f"{condition}{foreseen}, {_against(budget, begins)}"
    if latest is None or latest <= begins:
        return said + old
    return f"{said} (in 19 of 20 simulations by {moment_mark(latest)}, {_against(budget, latest)}){old}"


def _against(budget: HoldBudget, moment: datetime) -> str:
    """A moment against the limit: “5 h before the limit”."""
    left = hours_between(moment, budget.until)
    if abs(left) < timedelta(minutes=1) / timedelta(hours=1):
        return "exactly at the limit"
    return f"{hours_words(abs(left))} {'before' if left > 0 else 'after'} the limit"


def budget_words(budget: HoldBudget, now: datetime) -> str:
    """The budget in one sentence."""
    what = f"{budget.name}: " + ("the shipper’s cold" if budget.is_cold else "the wait")
    permitted, elapsed = hours_words(budget.permitted_hours), hours_words(_whole_minutes(budget.elapsed_hours(now)))
    gone = f"{elapsed} gone" if budget.since <= now else f"it begins {moment_mark(budget.since)}"
    head = f"{what} may last {permitted}, until {moment_mark(budget.until)}; {gone}"
    return f"{head}; {foreseen_words(budget, now)}; {left_words(budget, now)}."


def left_words(budget: HoldBudget, now: datetime) -> str:
    """What is left, in a few words: “5 h to spare”, “3 h too little”, “not known, 7 h to the limit”."""
    left = budget.left_hours(now)
    if left is None:
        to_limit = hours_between(now, budget.until)
        words = hours_words(_whole_minutes(abs(to_limit)))
        return f"budget not known, {words} {'to' if to_limit > 0 else 'past'} the limit"
    words = hours_words(_whole_minutes(abs(left)))
    return f"{words} {'to spare' if left >= 0 else 'too little'}{f' {IF_FOUND}' if budget.if_found else ''}"


class BudgetBar(NamedTuple):
    """Where a bar has its marks, in per cent of its width: what is gone, the foreseen end of the wait, the limit."""

    gone: str
    foreseen: str
    limit: str


def bar_of(budget: HoldBudget, now: datetime) -> BudgetBar:
    """The bar of a budget, drawn to the longer of the permitted wait and the foreseen one."""
    gone = budget.elapsed_hours(now)
    foreseen = gone + (budget.rest_hours(now) or 0.0)
    whole = max(budget.permitted_hours, foreseen) or 1.0
    return BudgetBar(
        *(f"{min(max(part / whole, 0.0), 0.995):.1%}" for part in (gone, foreseen, budget.permitted_hours))
    )


def _whole_minutes(hours: float) -> float:
    return round(hours * 60) / 60
