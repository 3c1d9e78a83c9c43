"""Writing judgements: flags and their flips, the forecast ledger, and when each order is due again."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, transaction

from batches.flags.actions.limits import JudgedReach, forget_limits, keep_limits
from batches.flags.queries.clearing import cleared_by
from batches.flags.rules.changes import FlagStep, KnownFlag, flag_steps
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.rules.forecasts import ForecastFinding
from batches.judgement.rules.facts import OrderRow
from batches.judgement.rules.findings import Finding, one_line
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.ids import new_id
from supplychain.orders.actions.due import look_again
from supplychain.sql import Writes

# When an order that could not be judged is tried again.
FAILED_RETRY = timedelta(minutes=5)
# What one order's data can make a write raise; a lost connection or a deadlock is nobody's fault and goes on up.
POISON = (DataError, IntegrityError, ValueError, TypeError, OverflowError)

FLAG_COLUMNS = (
    "id", "order_id", "code", "stage", "subject", "severity", "since", "due", "probability", "why", "next_step",
    "evidence", "raised_at", "acknowledged_by", "comment", "harm", "remedy", "cause", "reaches_at",
)  # fmt: skip
CHANGE_COLUMNS = ("id", "flag_id", "kind", "severity", "changed_at", "person", "comment", "why", "evidence")
FORECAST_COLUMNS = ("id", "order_id", "made_at", "ready_at", "slack_hours", "evidence")
STANDING_COLUMNS = (
    "id", "severity", "since", "due", "probability", "why", "next_step", "evidence", "raised_at", "cleared_at",
    "harm", "remedy", "cause", "reaches_at",
)  # fmt: skip
FORGOTTEN_COLUMNS = ("id", "acknowledged_at", "acknowledged_by", "comment")
CLEARED_COLUMNS = ("id", "cleared_at")
SUPERSEDED_COLUMNS = ("id", "superseded_at")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrderJudgement:
    """What judging one order comes to. `forecast` only if the ledger needs it, in place of `superseded`; `reached`
    None: it could not be judged."""

    row: OrderRow
    known: list[KnownFlag]
    steps: list[FlagStep]
    next_at: datetime | None
    forecast: ForecastFinding | None = None
    superseded: UUID | None = None
    reached: JudgedReach | None = None


@dataclass(slots=True)
class _FlagRows:
    """Rows to write for the flags of many orders."""

    now: datetime
    cleared_by: Mapping[UUID, str]
    new: list[tuple[Any, ...]] = field(default_factory=list)
    standing: list[tuple[Any, ...]] = field(default_factory=list)
    forgotten: list[tuple[Any, ...]] = field(default_factory=list)
    cleared: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)


def set_aside(row: OrderRow, known: list[KnownFlag], error: Exception, now: datetime) -> OrderJudgement:
    """The judgement of an order that cannot be judged: a critical flag beside those that stand, and another try."""
    of_failure = [flag for flag in known if flag.code == FlagCode.EVALUATION_FAILED and not flag.subject]
    steps = flag_steps(of_failure, [_failure(error)])
    return OrderJudgement(row=row, known=known, steps=steps, next_at=now + FAILED_RETRY)


def _failure(error: Exception) -> Finding:
    message = str(error).replace("\x00", "")
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}, {frames[-1].name}" if frames else ""
    return Finding(
        FlagCode.EVALUATION_FAILED,
        "",
        Severity.CRITICAL,
        None,
        None,
        f"This order could not be judged ({type(error).__name__}: {message}); its other flags may be out of date.",
        "Operations: watch this order by hand; have support mend the cause.",
        {"error": type(error).__name__, "message": message[:1000], "where": where},
        harm=Harm.FAILED,
    )


def store_judgements(judged: Sequence[OrderJudgement], *, now: datetime) -> list[OrderJudgement]:
    """Write what changed, all orders together; if one order's data spoil that, one by one and that one set aside.

    Returns the judgements as they were stored. The orders must be claimed by the caller's transaction.
    """
    try:
        with transaction.atomic():
            _write(judged, now)
    except POISON:
        return [_store_alone(one, now) for one in judged]
    return list(judged)


def _store_alone(one: OrderJudgement, now: datetime) -> OrderJudgement:
    try:
        with transaction.atomic():
            _write([one], now)
    except POISON as error:
        log.exception("judgement could not be stored", order=str(one.row.id))
        one = set_aside(one.row, one.known, error, now)
        with transaction.atomic():
            _write([one], now)
    return one


def _write(judged: Sequence[OrderJudgement], now: datetime) -> None:
    cleared = [step.known for one in judged for step in one.steps if step.known and not step.finding]
    rows, writes = _FlagRows(now, cleared_by(cleared)), Writes()
    for one in judged:
        for step in one.steps:
            _plan_step(rows, one.row.id, step)
    writes.insert("batches_flag", FLAG_COLUMNS, rows.new)
    writes.update("batches_flag", STANDING_COLUMNS, rows.standing)
    writes.update("batches_flag", FORGOTTEN_COLUMNS, rows.forgotten)
    writes.update("batches_flag", CLEARED_COLUMNS, rows.cleared)
    writes.insert("batches_flagchange", CHANGE_COLUMNS, rows.changes)
    _write_forecasts(writes, judged, now)
    keep_limits(writes, (one.reached for one in judged if one.reached))
    forget_limits(writes, (one.row.id for one in judged if one.reached is None))
    look_again(writes, ((one.row.id, one.next_at) for one in judged))
    writes.run()


def _plan_step(rows: _FlagRows, order_id: UUID, step: FlagStep) -> None:
    known, finding = step.known, step.finding
    if finding and known:
        rows.standing.append(_standing_flag(known, step, finding, rows.now))
        if step.forgets_acknowledgement:
            rows.forgotten.append((known.id, None, "", ""))
        _plan_change(rows, known.id, step, finding)
    elif finding:
        flag_id = new_id()
        rows.new.append(_new_flag(flag_id, order_id, finding, rows.now))
        _plan_change(rows, flag_id, step, finding)
    elif known:
        rows.cleared.append((known.id, rows.now))
        why = one_line(f"{rows.cleared_by.get(known.id, '')} Until then: {known.why}")
        rows.changes.append(
            (new_id(), known.id, FlagChangeKind.CLEARED.value, known.severity, rows.now, "", "", why, {})
        )


def _plan_change(rows: _FlagRows, flag_id: UUID, step: FlagStep, finding: Finding) -> None:
    """A flip is kept for good; fresh words of a flag that stands are none."""
    if step.kind:
        kind, severity = step.kind.value, finding.severity.value
        rows.changes.append((new_id(), flag_id, kind, severity, rows.now, "", "", finding.why, finding.evidence))


def _new_flag(flag_id: UUID, order_id: UUID, finding: Finding, now: datetime) -> tuple[Any, ...]:
    return (
        flag_id, order_id, finding.code.value, finding.stage, finding.subject, finding.severity.value,
        finding.since or now, finding.due, finding.probability, finding.why, finding.next_step, finding.evidence, now,
        "", "", finding.harm.value, finding.remedy.value, finding.cause, finding.reaches_at,
    )  # fmt: skip


def _standing_flag(known: KnownFlag, step: FlagStep, finding: Finding, now: datetime) -> tuple[Any, ...]:
    """A flag that stands on begins when it began, one that comes back begins anew. What was decided of it counts
    only while it tells of the same: of another fact it is raised anew, also where its severity changed with it."""
    since = finding.since or (now if known.cleared_at else known.since)
    raised_at = now if step.is_raised_anew else known.raised_at
    return (
        known.id, finding.severity.value, since, finding.due, finding.probability, finding.why, finding.next_step,
        finding.evidence, raised_at, None, finding.harm.value, finding.remedy.value, finding.cause,
        finding.reaches_at,
    )  # fmt: skip


def _write_forecasts(writes: Writes, judged: Sequence[OrderJudgement], now: datetime) -> None:
    """A forecast, once made, stays in the ledger; the new one takes its place from now on."""
    superseded = [(one.superseded, now) for one in judged if one.forecast and one.superseded]
    writes.update("batches_forecast", SUPERSEDED_COLUMNS, superseded)
    rows = [
        (new_id(), one.row.id, now, one.forecast.ready_at, one.forecast.slack_hours, one.forecast.evidence())
        for one in judged
        if one.forecast
    ]
    writes.insert("batches_forecast", FORECAST_COLUMNS, rows)
