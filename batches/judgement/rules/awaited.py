"""Which of an order's stages are awaited: all that are active but those that the cells have left. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.sent_moments import moment
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import StageStatus
from supplychain.words import listed_words


def left_behind(facts: OrderFacts, now: datetime) -> frozenset[str]:
    """Codes of the active stages that the cells have left by `now`: only reports of theirs are missing."""
    return frozenset(code for code, moment in facts.left_at.items() if moment <= now)


def awaited(facts: OrderFacts, now: datetime) -> Sequence[StageFacts]:
    """The active stages of which something is awaited by itself."""
    left = left_behind(facts, now) if facts.left_at else None
    return [stage for stage in facts.active if stage.plan.code not in left] if left else facts.active


def cells_limit(stages: Iterable[StageFacts]) -> datetime | None:
    """When the first of the limits that run for these stages passes; None: none is known."""
    limits = [limit_now(stage.plan, stage.run) for stage in stages]
    return min((limit.until for limit in limits if limit), default=None)


def begins_at(facts: OrderFacts) -> list[datetime | None]:
    """When work begins, or began: a fact that is reported for later says another thing from then on."""
    return [stage.run.started_at or stage.run.completed_at for stage in facts.stages.values()] if facts.active else []


def needs_booking(facts: OrderFacts, stage: StageFacts) -> datetime | None:
    """For when a stage was booked whose booking passed during a hold, and has not been booked anew; None: it was not,
    or the hold still stands."""
    run = stage.run
    if not run.missed_start_at or facts.held_at or run.status not in (StageStatus.PENDING, StageStatus.READY):
        return None
    return moment(run.missed_start_at)


def to_book(facts: OrderFacts) -> str:
    """Names of the stages that need a new appointment; empty: none does."""
    missed = [stage for stage in facts.stages.values() if stage.run.missed_start_at]
    return listed_words(stage.plan.name for stage in missed if needs_booking(facts, stage)) if missed else ""
