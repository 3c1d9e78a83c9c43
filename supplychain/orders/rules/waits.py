"""How long the cells may wait before a stage: one rule for flag, forecast, score, next step, time line, card and list.

The fold works it out (`permitted_wait`) and keeps it with the stage's run; everybody else reads it there (`wait_now`).
DOMAIN §2, FACT-JACIE: custody and condition while waiting.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import StageStatus, WaitLimit

# A wait of an hour or less (stages that follow at once in the same suite) cannot be told from one that was kept:
# systems report in batches and clocks differ. It counts as run out only so much later.
SHORT_WAIT = GRACE = timedelta(hours=1)
# Cells that may wait for longer than this are stored: what ends is their storage, and nobody has to hurry.
STORED = timedelta(days=14)


def is_stored(until: datetime, now: datetime) -> bool:
    """Whether cells that may wait until then are in storage, so that the end is no date to act by."""
    return until - now > STORED


class PermittedWait(NamedTuple):
    """A wait that began at `since` and may last until `until`; from `expires_at` on it counts as run out.

    `limit`: what set it (WaitLimit). `expires_at` lies behind `until` by the grace for what is reported late.
    """

    since: datetime
    until: datetime
    limit: str
    expires_at: datetime

    @property
    def grace(self) -> timedelta:
        """How much later than `until` it counts as run out."""
        return self.expires_at - self.until


class StageBefore(NamedTuple):
    """The run of a stage that the waiting one waits for. `cold_until`: to when its shipper's cold is guaranteed;
    `frozen_until`: to when the frozen cells of a collection may be used."""

    plan: StagePlan
    attempt: int
    cold_until: datetime | None
    frozen_until: datetime | None = None


class WaitingRun(Protocol):
    """A stage's run with what the fold kept of its wait."""

    @property
    def status(self) -> str: ...

    @property
    def ready_at(self) -> datetime | None: ...

    @property
    def started_at(self) -> datetime | None: ...

    @property
    def wait_until(self) -> datetime | None: ...

    @property
    def wait_limit(self) -> str: ...

    @property
    def wait_expires_at(self) -> datetime | None: ...


def permitted_wait(
    plan: StagePlan, attempt: int, ready_at: datetime, before: Iterable[StageBefore], expires_at: datetime | None = None
) -> PermittedWait | None:
    """The wait that a stage which could start at `ready_at` may have; None where any wait is permitted.

    - A dose is not used beyond its own expiry (`expires_at`, where it was reported), whatever else is permitted.

    - A new attempt that begins here takes up cells which were kept for it (frozen): all that came before belongs to an
      earlier attempt, whose fresh cells are spent. Neither the flow's wait nor the old shipper's cold counts.
    - Frozen cells may be used for so long from their collection on, however long before the order that was.
    - In custody the cells stay in their shipper: its cold replaces the flow's wait. Elsewhere the earlier one counts.
    """
    wait = _wait_by_plan(plan, attempt, ready_at, list(before))
    if expires_at and (wait is None or expires_at < wait.until):
        return PermittedWait(ready_at, expires_at, WaitLimit.EXPIRY.value, expires_at)
    return wait


def _wait_by_plan(
    plan: StagePlan, attempt: int, ready_at: datetime, before: Sequence[StageBefore]
) -> PermittedWait | None:
    if before and all(one.attempt < attempt for one in before):
        return None
    planned = None if plan.longest_wait_hours is None else ready_at + timedelta(hours=plan.longest_wait_hours)
    planned = min(filter(None, (planned, *(one.frozen_until for one in before))), default=None)
    colds = [one.cold_until for one in before if one.cold_until and one.plan.kind == StageKind.TRANSPORT]
    cold = min(colds, default=None)
    if cold and (planned is None or plan.kind == StageKind.CUSTODY or cold < planned):
        return PermittedWait(ready_at, cold, WaitLimit.QUALIFIED_UNTIL.value, cold)
    if planned is None:
        return None
    return PermittedWait(ready_at, planned, WaitLimit.LONGEST_WAIT.value, planned + _grace(planned - ready_at))


def permitted_hours(plan: StagePlan) -> float | None:
    """Hours until a wait before the stage counts as run out, by its flow alone; None: any wait is permitted."""
    if plan.longest_wait_hours is None:
        return None
    return plan.longest_wait_hours + _grace(timedelta(hours=plan.longest_wait_hours)) / timedelta(hours=1)


def _grace(wait: timedelta) -> timedelta:
    return GRACE if wait <= SHORT_WAIT else timedelta(0)


def kept_wait(run: WaitingRun) -> PermittedWait | None:
    """The wait that a run was permitted, whether it still waits or not; None where any was."""
    if run.ready_at is None or run.wait_until is None or run.wait_expires_at is None:
        return None
    return PermittedWait(run.ready_at, run.wait_until, run.wait_limit, run.wait_expires_at)


def wait_now(run: WaitingRun) -> PermittedWait | None:
    """The permitted wait that runs now: the stage could start and has not. A hold does not stop the cells' clock."""
    waits = run.status == StageStatus.READY or (run.status == StageStatus.HELD and run.started_at is None)
    return kept_wait(run) if waits else None


def has_run_out(run: WaitingRun, now: datetime) -> bool:
    """Whether the stage still waits although its permitted wait is over: that is a fact, and no chance any more."""
    wait = wait_now(run)
    return wait is not None and wait.expires_at <= now


def is_storage_end(wait: PermittedWait | None, now: datetime) -> bool:
    """Whether what ends is the storage of cells: not a booking, nor the cold of a shipper, however far ahead."""
    return wait is not None and wait.limit != WaitLimit.QUALIFIED_UNTIL and is_stored(wait.until, now)


class MovingRun(WaitingRun, Protocol):
    """A stage's run that may be a transport."""

    @property
    def cold_until(self) -> datetime | None: ...


def limit_now(plan: StagePlan, run: MovingRun) -> PermittedWait | None:
    """The limit that runs for an active stage: of the wait before it, or of its shipper's cold under way."""
    return wait_now(run) or cold_under_way(plan, run.started_at, run.cold_until)


def cold_under_way(plan: StagePlan, started_at: datetime | None, cold_until: datetime | None) -> PermittedWait | None:
    """The guaranteed cold of a shipper that is under way since `started_at`; None where none was reported."""
    if plan.kind != StageKind.TRANSPORT or started_at is None or cold_until is None:
        return None
    return PermittedWait(started_at, cold_until, WaitLimit.QUALIFIED_UNTIL.value, cold_until)
