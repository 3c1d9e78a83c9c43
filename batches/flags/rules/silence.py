"""Flags about silence: an expected event did not come.

Somebody owes news of work that runs, of a transport under way and of a booked moment that has passed; and of what can
begin at once, because it needs no place and no other flag watches its wait. An order that queues for a place owes none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.limits import LIMIT, passes_words
from batches.flags.rules.waiting import presses_from
from batches.flags.rules.whereabouts import OUT, reported_moments, where_the_dose_is
from batches.flags.rules.working import is_left_by_dose
from batches.judgement.rules.awaited import awaited, begins_at, cells_limit, needs_booking
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
from batches.judgement.rules.missing import missed_from
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.durations import grace_hours
from supplychain.orders.rules.holds import JUDGE_CELLS
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import StageEventKind, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import due_at, hours_of
from supplychain.words import hours_words, listed_words, with_verb

# A day on top of the worst case before we ask whether anybody still reports on the order.
QUIET_HOURS = 24
# So long after it could begin a test for which nothing waits is asked after; its sample is taken by then.
NOT_BEGUN_HOURS = 72


def silent(facts: OrderFacts, now: datetime) -> Found:
    """A planned start or end passed without its event; failing those, no word of the order for too long."""
    stages = [stage for stage in awaited(facts, now) if not is_left_by_dose(facts, stage, now)]
    # Of what cannot begin yet nothing is overdue; only its booking may have passed.
    missed = [stage for stage in facts.stages.values() if stage.run.missed_start_at]
    ahead = [stage for stage in missed if stage.run.status == StageStatus.PENDING]
    rules = (_missed, _overdue, _not_begun)
    asked = (next(filter(None, (rule(facts, stage, now) for rule in rules)), None) for stage in [*stages, *ahead])
    overdue = [found for found in asked if found]
    findings = [finding for found in overdue for finding in found.findings]
    moments = [found.next_at for found in overdue]
    quiet = _no_word(facts, now)
    if not findings:
        findings = quiet.findings
    return Found(findings, next_of(now, [*moments, quiet.next_at, *facts.left_at.values(), *begins_at(facts)]))


def _missed(facts: OrderFacts, stage: StageFacts, now: datetime) -> Found | None:
    """A stage whose booking passed while it was on hold: it could not begin, and somebody must book anew."""
    missed, plan = needs_booking(facts, stage), stage.plan
    if missed is None:
        return None
    silence = Unheard.of([stage], missed, datetime.max.replace(tzinfo=missed.tzinfo))
    why = f"was booked for {moment_mark(missed)}, which passed during a hold: it needs a new appointment"
    finding = Finding(
        FlagCode.SILENT,
        plan.code,
        Severity.CRITICAL if silence.limit_at(now) else Severity.ATTENTION,
        missed,
        silence.due(missed, now),
        silence.why(with_verb(plan.name, why), now),
        silence.next_step(who_acts(plan), f"book a new date for {plan.name} and report it, or that it has begun", now),
        silence.evidence({"expected": StageEventKind.SCHEDULED.value, "planned_at": missed.isoformat()}, now),
        moves=True,
    )
    return Found([finding], silence.next_at(now))


def _overdue(facts: OrderFacts, stage: StageFacts, now: datetime) -> Found | None:
    """A stage whose planned start (waiting) or planned end (running) has passed; a hold explains the silence."""
    run, kind, planned = stage.run, StageEventKind.STARTED, None
    if run.status == StageStatus.READY and facts.held_at is None:
        planned = run.expected_start
    elif run.status == StageStatus.RUNNING:
        kind, planned = StageEventKind.COMPLETED, booked_end(stage.plan, run)
    if planned is None:
        return None
    grace = grace_hours(stage.plan)
    silence = Unheard.of([stage], planned + hours(grace), missed_from(stage.plan, planned))
    severity = severity_at(now, silence.attention_at, silence.critical_at)
    findings = [_overdue_finding(stage, silence, severity, kind, planned, now)] if severity else []
    return Found(findings, silence.next_at(now))


def _not_begun(facts: OrderFacts, stage: StageFacts, now: datetime) -> Found | None:
    """A test that may end after the release, waits longer than NOT_BEGUN_HOURS or than for a place, and that nobody
    reported begun: nothing waits for it, so nobody else would notice. Critical once the dose is on its way."""
    since = stage.run.waiting_since
    is_watched = wait_now(stage.run) is not None or stage.run.expected_start is not None
    if since is None or is_watched or not stage.plan.may_end_after_release or facts.held_at or stage.run.held_at:
        return None
    asked_at = since + hours(max(NOT_BEGUN_HOURS, stage.queue_hours))
    if now < asked_at:
        return Found([], asked_at)
    where, name = where_the_dose_is(facts, now), stage.plan.name
    is_out = where is not None and where[2] in OUT
    why = f"could have begun since {moment_mark(since)} and nobody has reported that it has: no result of it can come"
    finding = Finding(
        FlagCode.SILENT, stage.plan.code, Severity.CRITICAL if is_out else Severity.ATTENTION, asked_at, None,
        f"{with_verb(name, why)}{f'; {where[0]}' if where else ''}.",
        f"{who_acts(stage.plan)}: find out whether {name} runs; report its start, or begin it now.",
        {"expected": StageEventKind.STARTED.value, "could_start_at": since.isoformat(),
         "waited_hours": round(hours_between(since, now), 2), "allowed_hours": hours_between(since, asked_at)},
        moves=True, gist=where[2] if where else "",
    )  # fmt: skip
    return Found([finding], next_of(now, reported_moments(facts)))


class Unheard(NamedTuple):
    """From when on a silence is asked after, and presses; `limit`: of the cells that what is silent holds, if known.

    Cells do not wait for news: with so little time left that it could come too late to act, every silence presses.
    """

    attention_at: datetime
    critical_at: datetime
    limit: datetime | None

    @classmethod
    def of(cls, stages: Iterable[StageFacts], attention_at: datetime, critical_at: datetime) -> Self:
        """The silence of these stages; `critical_at`: without cells."""
        limit = cells_limit(stages)
        if limit:
            critical_at = max(attention_at, min(critical_at, presses_from(limit)))
        return cls(attention_at, critical_at, limit)

    def limit_at(self, now: datetime) -> datetime | None:
        """The limit by which to act, once it presses."""
        return self.limit if self.limit and presses_from(self.limit) <= now else None

    def next_at(self, now: datetime) -> datetime | None:
        """When the answer changes by itself."""
        ends = [presses_from(self.limit), self.limit] if self.limit else []
        return next_of(now, [self.attention_at, self.critical_at, *ends])

    def due(self, usual: datetime, now: datetime) -> datetime:
        """By when to act: the cells' limit once it presses, else when the news was due, with what is allowed."""
        return self.limit_at(now) or usual

    def why(self, words: str, now: datetime) -> str:
        """A sentence (without its full stop) about the silence, with what is left to the cells."""
        limit = self.limit_at(now)
        return f"{words}; {passes_words(limit, now)}." if limit else f"{words}."

    def next_step(self, who: str, what: str, now: datetime) -> str:
        """Whom to ask and by when; past the limit of the cells quality assurance has the first word."""
        limit = self.limit_at(now)
        if limit is None:
            return f"{who}: {what}."
        if limit <= now:
            return f"QA: {JUDGE_CELLS}; {who}: {what}."
        return f"{who}: now, well before {moment_mark(limit)} when the time of the cells ends, {what}."

    def evidence(self, said: dict[str, Any], now: datetime) -> dict[str, Any]:
        """What was said, and the limit that counts."""
        limit = self.limit_at(now)
        return said | {LIMIT: limit.isoformat()} if limit else said


def _overdue_finding(
    stage: StageFacts, silence: Unheard, severity: Severity, kind: StageEventKind, planned: datetime, now: datetime
) -> Finding:
    plan, grace, over = stage.plan, grace_hours(stage.plan), hours_between(planned, now)
    evidence = {
        "expected": kind.value,
        "planned_at": planned.isoformat(),
        "overdue_hours": round(over, 2),
        "grace_hours": grace,
    }
    agreed = stage.run.agreed if kind == StageEventKind.COMPLETED else None
    if agreed:
        evidence |= {"agreed_times": agreed.times}
    # The moment, not how long ago: the sentence may be read an hour after it was written.
    due = f"{moment_mark(planned)}{f' as agreed, its end {agreed.moved},' if agreed else ''}"
    why = with_verb(plan.name, f"was to be {kind.value} at {due} and nobody has said so ")
    # What “over” counts from: the next step counts from what was booked.
    why += f"({hours_words(grace)} allowed, until {moment_mark(silence.attention_at)})"
    ask = f"{courier_ask(stage) or 'ask whoever does it'}; report that it was {kind.value}, or its new time"
    return Finding(
        FlagCode.SILENT,
        plan.code,
        severity,
        silence.attention_at,
        silence.due(silence.attention_at, now),
        silence.why(why, now),
        silence.next_step(who_acts(plan), ask, now),
        silence.evidence(evidence, now),
        moves=True,
    )


def _no_word(facts: OrderFacts, now: datetime) -> Found:
    """Nothing was recorded for longer than the worst case of what is going on, plus QUIET_HOURS."""
    talking = [stage for stage in awaited(facts, now) if owes_news(stage)]
    if not talking or facts.held_at:
        return Found([], None)
    allowed = max(quiet_hours(stage) for stage in talking)
    plans = [_planned_word(stage) for stage in talking]
    attention_at = max([facts.last_word_at + hours(allowed), *(plan for plan in plans if plan)])
    silence = Unheard.of(talking, attention_at, attention_at + hours(allowed))
    severity = severity_at(now, silence.attention_at, silence.critical_at)
    findings = [_no_word_finding(facts, talking, silence, severity, allowed, now)] if severity else []
    return Found(findings, silence.next_at(now))


def owes_news(stage: StageFacts) -> bool:
    """Whether somebody is expected to say something of it: it runs; or it can begin at once, and nothing else watches
    that it does. What waits for a place, or has a limit, has flags of its own."""
    if stage.run.status == StageStatus.READY:
        return not stage.plan.pool and wait_now(stage.run) is None
    return stage.run.status == StageStatus.RUNNING


def quiet_hours(stage: StageFacts) -> float:
    """How long an order may go without a word while this stage runs, or could begin at once."""
    started_at = stage.run.started_at
    worst = hours_of(stage.plan, stage.lane, started_at)[1] if started_at else stage.plan.worst_hours
    return worst + QUIET_HOURS


def _planned_word(stage: StageFacts) -> datetime | None:
    """When the next word of this stage is due by its plan."""
    run = stage.run
    planned = run.expected_start if run.status == StageStatus.READY else due_at(stage.plan, run, stage.lane)
    return planned + hours(grace_hours(stage.plan)) if planned else None


def _no_word_finding(
    facts: OrderFacts,
    talking: list[StageFacts],
    silence: Unheard,
    severity: Severity,
    allowed: float,
    now: datetime,
) -> Finding:
    quiet = hours_between(facts.last_word_at, now)
    names = listed_words(stage.plan.name for stage in talking)
    evidence = {
        "last_word_at": facts.last_word_at.isoformat(),
        "quiet_hours": round(quiet, 2),
        "allowed_hours": allowed,
        "stages": [stage.plan.code for stage in talking],
    }
    since = f"No word of this order since {moment_mark(facts.last_word_at)}"
    why = f"{since}, where news was due within {hours_words(allowed)}; open: {names}"
    ask = f"{courier_ask(talking[0]) or 'ask where the order stands'} and have the missing events reported"
    return Finding(
        FlagCode.SILENT,
        "",
        severity,
        silence.attention_at,
        silence.due(silence.attention_at, now),
        silence.why(why, now),
        silence.next_step(who_acts(talking[0].plan), ask, now),
        silence.evidence(evidence, now),
        moves=True,
        asks_reports=True,
    )
