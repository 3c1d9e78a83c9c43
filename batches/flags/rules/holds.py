"""The flag about a hold that nobody ends, and the one instruction for every flag that a hold is about."""

from datetime import datetime
from typing import Any, NamedTuple

from batches.flags.rules.limits import LIMIT, passes_words
from batches.flags.rules.whereabouts import OUT, dose_out, is_being_given, reported_moments
from batches.flags.statuses import KEPT_FROM_PATIENT
from batches.judgement.rules.awaited import awaited, begins_at
from batches.judgement.rules.facts import OrderFacts, RunFacts, StageFacts
from batches.judgement.rules.findings import Finding, Found, next_of, who_acts
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.duties import ends_own_hold, hold_ends
from supplychain.orders.rules.followed import followed_first
from supplychain.orders.rules.holds import (
    JUDGE_CELLS,
    LONGEST_HOLD,
    OF_STAGE,
    DecideBy,
    HoldLimit,
    decide_by,
    is_kept,
    worst_end,
)
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.rules.waits import limit_now, wait_now
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import hours_words, with_verb

LONGEST_HOLD_HOURS = LONGEST_HOLD.total_seconds() / 3600
# Of a reason so much is said in a flag; its event has the whole.
MOST_REASON = 80
CENTRE_SAYS = "Site coordinator: say when the order can go on, for the centre asked for the hold"
CENTRE_CANCELS = "Site coordinator: ask the plant to cancel the order, for the centre said that the patient has died"


class Hold(NamedTuple):
    """A hold of a stage, or of the order (`code` empty). `limit`: of the cells that it keeps, the first; None: none;
    `runs`: what it keeps; `reason`: as it was reported; `asks_centre`: what the centre that asked for it is to do;
    `worst_at`: when the work that it interrupts is to end at the latest; `follows_at`: by when what must follow the
    work under way is to begin; `doer`: who decides
    beside QA; `can_fail`: not what never began and has no cells yet."""

    name: str
    code: str
    held_at: datetime
    limit: datetime | None
    runs: tuple[RunFacts, ...]
    reason: str = ""
    asks_centre: str = ""
    worst_at: datetime | None = None
    follows_at: datetime | None = None
    doer: str = "Operations"
    can_fail: bool = True

    @property
    def decision(self) -> DecideBy:
        """By when it must be decided, and what says so: cells and booked days do not wait for the decision."""
        return decide_by(self.held_at, self.limit, self.runs, self.worst_at, self.follows_at)

    @property
    def due(self) -> datetime:
        """When it must be decided."""
        return self.decision.due or self.held_at + LONGEST_HOLD

    @property
    def critical_at(self) -> datetime:
        """When the decision presses: the cells have LONGEST_HOLD left, it has taken as long, or what is booked for the
        stage begins (or its work is to end) within the shift."""
        moments = [self.held_at + LONGEST_HOLD]
        if self.limit:
            moments.append(self.limit - LONGEST_HOLD)
        if self.decision.limit in OF_STAGE:
            moments.append(self.due - SHIFT)
        if self.decision.limit == HoldLimit.BEGUN:
            moments.append(self.due - LONGEST_HOLD)
        return max(self.held_at, min(moments))

    @property
    def is_for_cells(self) -> bool:
        """Whether it is the limit of the cells that says when it must be decided."""
        return self.decision.limit == HoldLimit.CELLS

    def why(self, now: datetime) -> str:
        """How long it has stood, and by when it must be decided."""
        held = with_verb(self.name, f"has been on hold since {moment_mark(self.held_at)}{self.reason_words}")
        due, limit = self.decision
        if self.is_for_cells:
            return f"{held}; {passes_words(self.due, now)}."
        if due is None or limit == HoldLimit.USUAL:
            return f"{held}; a hold is to be decided within {hours_words(LONGEST_HOLD_HOURS)}."
        return f"{held}; {limit} {'is' if due > now else 'was'} at {moment_mark(due)}."

    @property
    def reason_words(self) -> str:
        """Its reason in brackets, where one was given; a long one is cut."""
        reason = " ".join(self.reason.split())
        cut = reason if len(reason) <= MOST_REASON else f"{reason[: MOST_REASON - 1]}…"
        return f" (“{cut}”)" if cut else ""

    @property
    def who(self) -> str:
        """Who decides: of the whole order operations, too, of a stage those who do it before there is a product."""
        return f"QA or {self.doer}" if self.doer else "QA"

    def next_step(self, now: datetime) -> str:
        """What to do: the same for every flag that the hold is about. Of a hold that its centre asked for, the centre
        says first whether it can go on."""
        return f"{self.asks_centre}; {self._decision_words(now)}" if self.asks_centre else self._decision_words(now)

    def _decision_words(self, now: datetime) -> str:
        ends = hold_ends(of_stage=bool(self.code), can_fail=self.can_fail)
        is_ahead, due = now < self.due, moment_mark(self.due)
        what = self.name if self.code else "the order"
        if not self.is_for_cells:
            is_planned = self.decision.limit in OF_STAGE and is_ahead
            before = f" by {due}, {self.decision.limit}," if is_planned else ""
            return f"{self.who}: decide{before or ','} and report {what} {ends}."
        if is_ahead:
            return f"{self.who}: decide well before {due}, when the time of the cells ends, and report {what} {ends}."
        return f"QA: {JUDGE_CELLS}, and report {what} {ends}."


def holds_of(facts: OrderFacts, now: datetime) -> list[Hold]:
    """The holds that stand at `now`: of the order, then of its stages. What the cells have left keeps none of them."""
    kept_ones = awaited(facts, now)
    waits = {stage.plan.code: wait.expires_at for stage in kept_ones if (wait := wait_now(stage.run))}
    holds = []
    if facts.held_at:
        kept = tuple(stage.run for stage in kept_ones if is_kept(stage.run, facts.held_at))
        limit = min(waits.values(), default=None)
        asks = _asked_of_centre(facts.change, facts.held_at)
        first = followed_first(facts.flow, {one.plan.code: one.run for one in kept_ones}, now)
        said = ("The order", "", facts.held_at, limit, kept, facts.held_reason or "", asks)
        holds.append(Hold(*said, follows_at=first.until if first else None))
    for stage in facts.active:
        plan, run = stage.plan, stage.run
        if run.status == StageStatus.HELD:
            held_at, limit = run.held_at or facts.last_word_at, limit_now(plan, run)
            until, worst_at = limit and limit.expires_at, worst_end(plan, run)
            is_own, why = ends_own_hold(plan), run.held_reason or ""
            doer, can_fail = who_acts(plan) if is_own else "", not is_own or run.started_at is not None
            said = (plan.name, plan.code, held_at, until, (run,), why)
            holds.append(Hold(*said, worst_at=worst_at, doer=doer, can_fail=can_fail))
    return holds


def _asked_of_centre(change: ChangeRequest | None, held_at: datetime) -> str:
    """What the centre that asked for the hold is to do; empty: it did not ask for it."""
    if change is None or not change.holds_since(held_at):
        return ""
    return CENTRE_CANCELS if change.has_died else CENTRE_SAYS


def hold_of(facts: OrderFacts, stage: StageFacts, now: datetime) -> Hold | None:
    """The hold that keeps a waiting stage from starting, the one to be decided first; None: there is none."""
    if wait_now(stage.run) is None:
        return None
    kept = [hold for hold in holds_of(facts, now) if hold.code in ("", stage.plan.code)]
    return min(kept, key=lambda hold: hold.due, default=None)


def on_hold(facts: OrderFacts, now: datetime) -> Found:
    """The order or a stage was put on hold: attention at once, critical after LONGEST_HOLD_HOURS or for its cells."""
    holds = holds_of(facts, now)
    moments = [moment for hold in holds for moment in (hold.critical_at, hold.due)]
    findings = [_on_hold_finding(hold, now, keeps_dose=_keeps_dose(facts, hold, now)) for hold in holds]
    return Found(findings, next_of(now, [*moments, *begins_at(facts), *(reported_moments(facts) if holds else ())]))


def _keeps_dose(facts: OrderFacts, hold: Hold, now: datetime) -> bool:
    """Whether the plant holds an order whose dose has left it and may be given at any time; not what its own centre
    asked for."""
    is_theirs = bool(hold.code) or (facts.change is not None and facts.change.holds_since(facts.held_at))
    if is_theirs or dose_out(facts, now) not in OUT:
        return False
    return dose_out(facts, now) == "left" or is_being_given(facts, now)


def _on_hold_finding(hold: Hold, now: datetime, *, keeps_dose: bool) -> Finding:
    evidence: dict[str, Any] = {
        "held_at": hold.held_at.isoformat(),
        "limit_hours": LONGEST_HOLD_HOURS,
    }
    if hold.reason:
        evidence["reason"] = hold.reason
    if hold.limit:
        evidence[LIMIT] = hold.limit.isoformat()
    if keeps_dose:
        evidence[KEPT_FROM_PATIENT] = True
    severity = Severity.CRITICAL if keeps_dose or now >= hold.critical_at else Severity.ATTENTION
    return Finding(
        FlagCode.ON_HOLD, hold.code, severity, hold.held_at, hold.due, hold.why(now), hold.next_step(now), evidence,
        moves=True,
    )  # fmt: skip
