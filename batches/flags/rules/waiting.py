"""The flag about waiting: a permitted wait that runs out."""

from datetime import datetime
from typing import NamedTuple

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.futures import counting
from batches.flags.rules.holds import hold_of
from batches.flags.rules.main_cause import closed_pool_words
from batches.flags.statuses import IS_OVER
from batches.forecasts.rules.hold_budgets import HoldBudget, foreseen_words, hold_budgets
from batches.judgement.rules.awaited import awaited
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import (
    Finding,
    Found,
    hours,
    hours_between,
    next_of,
    severity_at,
    who_acts,
)
from batches.judgement.rules.predictions import FRESH
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.holds import JUDGE_CELLS
from supplychain.orders.rules.waits import PermittedWait, limit_now, wait_now
from supplychain.orders.statuses import WaitLimit
from supplychain.sentences import moment_mark
from supplychain.words import hours_words, with_verb

# Attention when half of the permitted wait is left, but never earlier than a fortnight before its end: time enough
# to book another slot, while a product that keeps for a year is not flagged for half of it.
ATTENTION_SHARE_LEFT = 0.5
ATTENTION_HOURS_LEFT = 14 * 24
# Critical when a fifth is left, but never earlier than three days before: the last working days to act.
CRITICAL_SHARE_LEFT = 0.2
CRITICAL_HOURS_LEFT = 72
# What has to be done in this shift is critical, however short the wait is (docs/adr/0015).
SHIFT_HOURS = SHIFT.total_seconds() / 3600


# What whoever knows of a wait that is over has known.
LIMIT_PASSED = "the limit has passed"
# Tells the cold of a shipper that is under way from the wait before it was picked up.
COLD = "cold"


class Warned(NamedTuple):
    """A permitted wait, with the moments from which on it is warned of."""

    wait: PermittedWait
    attention_at: datetime
    critical_at: datetime


def hold_expiring(facts: OrderFacts, now: datetime) -> Found:
    """The wait before a stage, or a shipper's cold under way, nears the longest permitted (DOMAIN §2, FACT-JACIE).

    A hold does not stop the clock: cells age in quarantine too. A deadline that has passed is another fact than one
    that is near: who acknowledged the latter must look again. While a hold keeps the stage, the flag asks for the
    decision on the hold, as `on_hold` does: one instruction. When the wait is foreseen to end it says as the order's
    hold-time budget does (forecasts/rules/hold_budgets.py).
    """
    findings, moments = [], []
    for stage in awaited(facts, now):
        warned = warned_wait(stage)
        if warned is None:
            continue
        moments += [warned.attention_at, warned.critical_at, warned.wait.until]
        if severity := severity_at(now, warned.attention_at, warned.critical_at):
            budget = _foreseen(facts, stage, now)
            findings.append(_hold_finding(facts, stage, warned, severity, budget, now))
            if budget and facts.prediction:
                moments += [budget.begins_at, facts.prediction.confirmed_at + FRESH]
    return Found(findings, next_of(now, [*moments, *facts.left_at.values()]))


def _foreseen(facts: OrderFacts, stage: StageFacts, now: datetime) -> HoldBudget | None:
    """What is left of the stage's limit, where futures say it."""
    budgets = (one for one in hold_budgets(facts, now) if one.stage == stage.plan.code)
    return next((one for one in budgets if one.begins_at), None)


def warned_wait(stage: StageFacts) -> Warned | None:
    """The limit that runs for a stage, with its warnings: at once where its end was agreed for later."""
    wait, agreed = limit_now(stage.plan, stage.run), stage.run.agreed
    if wait and agreed and agreed.until > wait.until:
        return Warned(wait, wait.since, wait.since)
    return wait and _with_warnings(wait)


def presses_from(limit: datetime) -> datetime:
    """From when on a limit of the cells makes critical whatever keeps them."""
    return limit - hours(CRITICAL_HOURS_LEFT)


def _with_warnings(wait: PermittedWait) -> Warned:
    """When to warn. What counts as run out only later than its limit cannot be warned of beforehand."""
    if wait.grace:
        return Warned(wait, wait.expires_at, wait.expires_at)
    limit = max(hours_between(wait.since, wait.until), 0)
    attention_left = min(ATTENTION_SHARE_LEFT * limit, ATTENTION_HOURS_LEFT)
    this_shift = min(SHIFT_HOURS, attention_left)
    critical_left = max(min(CRITICAL_SHARE_LEFT * limit, CRITICAL_HOURS_LEFT), this_shift)
    return Warned(wait, wait.until - hours(attention_left), wait.until - hours(critical_left))


def _hold_finding(
    facts: OrderFacts, stage: StageFacts, warned: Warned, severity: Severity, budget: HoldBudget | None, now: datetime
) -> Finding:
    wait, hold = warned.wait, hold_of(facts, stage, now)
    is_over, limit = wait.until <= now, hours_between(wait.since, wait.until)
    why, next_step = _hold_words(stage, wait, is_over=is_over)
    if budget and not is_over:
        why = f"{why[:-1]}; {foreseen_words(budget, now)}."
    if closed := closed_pool_words(facts, counting(facts, now), stage.plan.code):
        why = f"{why[:-1]}; {closed}."
    if hold:
        what = "it" if hold.code else "the order"
        why, next_step = f"{why[:-1]}; {what} is on hold{hold.reason_words}.", hold.next_step(now)
    evidence = (
        {
            "waiting_since": wait.since.isoformat(),
            "deadline": wait.until.isoformat(),
            "limit_from": wait.limit,
            "limit_hours": round(limit, 2),
        }
        | ({IS_OVER: True} if is_over else {})
        | (_foreseen_evidence(budget) if budget else {})
    )
    subject = COLD if wait_now(stage.run) is None else ""
    return Finding(
        FlagCode.HOLD_EXPIRING, stage.plan.code, severity, warned.attention_at, wait.until, why, next_step, evidence,
        moves=True, gist=LIMIT_PASSED if is_over else "within the limit", subject=subject,
    )  # fmt: skip


def _foreseen_evidence(budget: HoldBudget) -> dict[str, str | None]:
    moments = {"begins_at": budget.begins_at, "begins_latest_at": budget.latest_at}
    return {name: moment.isoformat() if moment else None for name, moment in moments.items()}


def _hold_words(stage: StageFacts, wait: PermittedWait, *, is_over: bool) -> tuple[str, str]:
    """The limit as a moment, never as what is left of it: the sentence may be read an hour after it was written."""
    name, who, until = stage.plan.name, who_acts(stage.plan), moment_mark(wait.until)
    permitted = hours_words(hours_between(wait.since, wait.until))
    if wait.limit == WaitLimit.QUALIFIED_UNTIL:
        if is_over:
            return (
                f"{name}: the shipper's guaranteed cold ended at {until} and the cells are still in it.",
                "QA: decide from the logger whether the cells may be used; Operations: reach whoever holds them.",
            )
        agreed = stage.run.agreed
        late = f"; its end is agreed for {moment_mark(agreed.until)}" if agreed and agreed.until > wait.until else ""
        why = f"{name}: the shipper's guaranteed cold ends at {until}, after {permitted} in all{late}."
        call = courier_ask(stage) or "call the courier"
        return why, f"{who}: have the shipper unpacked or recharged before then; {call}."
    if wait.limit == WaitLimit.EXPIRY and is_over:
        ask = f"QA: {JUDGE_CELLS}, and settle this flag."
        return f"{name}: the dose expired at {until} and has not been used.", ask
    if wait.limit == WaitLimit.EXPIRY:
        return f"{name}: the dose expires at {until}.", f"{who}: start {name} by then, or ask QA before."
    if not is_over:
        why = with_verb(name, f"has waited since {moment_mark(wait.since)}; {permitted} are permitted, until {until}.")
        return why, f"{who}: start {name} by {until}, or ask QA before then."
    over = f"only {permitted} were permitted, until {until}" if wait.until > wait.since else "but must follow at once"
    why = with_verb(name, f"has waited since {moment_mark(wait.since)}, {over}.")
    return why, f"QA: {JUDGE_CELLS}, and settle this flag; {who}: report the start if it took place."
