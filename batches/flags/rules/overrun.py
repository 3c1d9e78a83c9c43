"""The flag about cells that were used after their permitted wait was over. Pure.

While they wait, the flag about waiting says so. Work that begins decides nothing: whether the cells may still be used
is quality assurance's to say, and until it has, the doubt goes with them to the release.
"""

from datetime import datetime
from typing import NamedTuple

from batches.flags.rules.waiting import LIMIT_PASSED
from batches.flags.statuses import IS_OVER, USED_AT
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import Finding, Found, hours_between
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import HOLDS_CELLS, StageKind
from supplychain.orders.rules.holds import JUDGE_CELLS
from supplychain.orders.rules.waits import PermittedWait, kept_wait
from supplychain.orders.statuses import StageStatus, WaitLimit
from supplychain.sentences import moment_mark
from supplychain.words import hours_words, with_verb

# Work on cells that have been collected.
ON_COLLECTED = frozenset(HOLDS_CELLS) - {StageKind.COLLECTION}
USED = (StageStatus.RUNNING, StageStatus.HELD, StageStatus.COMPLETED, StageStatus.FAILED)


class LateUse(NamedTuple):
    """Cells that were used after `wait` was over: `used_at`, as far as it was reported (`is_start`: the start was)."""

    wait: PermittedWait
    used_at: datetime
    is_start: bool


def wait_overrun(facts: OrderFacts, now: datetime) -> Found:
    """A stage began, by what happened when, after its permitted wait was over: critical until it is settled.

    What quality assurance had decided before the cells were used is not asked again: the flag stays the one that it
    settled.
    """
    used = [(stage, use) for stage in facts.stages.values() if (use := use_too_late(stage))]
    return Found([_finding(facts, stage, use) for stage, use in used], None)


def use_too_late(stage: StageFacts) -> LateUse | None:
    """That a stage began after its permitted wait was over; None: it did not, or has not begun."""
    run = stage.run
    used_at, wait = run.started_at or run.completed_at, kept_wait(run)
    if wait is None or used_at is None or run.status not in USED or stage.plan.kind not in ON_COLLECTED:
        return None
    return LateUse(wait, used_at, run.started_at is not None) if used_at > wait.expires_at else None


def _finding(facts: OrderFacts, stage: StageFacts, use: LateUse) -> Finding:
    wait, plan = use.wait, stage.plan
    evidence = {
        "waiting_since": wait.since.isoformat(),
        "deadline": wait.until.isoformat(),
        "limit_from": wait.limit,
        "limit_hours": round(hours_between(wait.since, wait.until), 2),
        USED_AT: use.used_at.isoformat(),
        IS_OVER: True,
    }
    next_step = f"QA: {JUDGE_CELLS}, for no decision is on record, and settle this flag."
    gist = LIMIT_PASSED if _was_decided(facts, plan.code, use.used_at) else "used after the limit"
    why = with_verb(plan.name, f"was {_used_words(use)}; {_limit_words(wait)}.")
    return Finding(
        FlagCode.HOLD_EXPIRING, plan.code, Severity.CRITICAL, wait.until, None, why, next_step, evidence, gist=gist
    )


def _used_words(use: LateUse) -> str:
    moment = moment_mark(use.used_at)
    return f"begun {moment}" if use.is_start else f"completed {moment}, and no start of it is on record"


def _limit_words(wait: PermittedWait) -> str:
    until = moment_mark(wait.until)
    if wait.limit == WaitLimit.QUALIFIED_UNTIL:
        return f"the shipper's guaranteed cold had ended at {until}"
    if wait.limit == WaitLimit.EXPIRY:
        return f"the dose had expired at {until}"
    if wait.until <= wait.since:
        return f"it had to follow at once, at {until}"
    permitted = hours_words(hours_between(wait.since, wait.until))
    return f"only {permitted} of waiting were permitted, until {until}"


def _was_decided(facts: OrderFacts, stage: str, used_at: datetime) -> bool:
    """Whether a decision on the wait was on record before the cells were used."""
    own = (one for one in facts.doubts if (one.code, one.stage) == (FlagCode.HOLD_EXPIRING, stage))
    return any(one.settled_at and one.settled_at <= used_at for one in own)
