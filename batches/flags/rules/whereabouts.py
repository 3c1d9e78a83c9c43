"""Where the dose of an order is, as it was reported. Pure.

What is reported of a moment still to come is no fact yet, neither for what harm a flag is about nor for what to do.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from batches.judgement.rules.facts import LateFailure, OrderFacts, StageFacts
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import due_at, expected_arrival

# Where a dose is that is no longer with its makers.
OUT = ("left", "given")


class Whereabouts(NamedTuple):
    """One thing that was reported of where the dose is: since when, in words and in a word, what to do, and its code
    (`released`, `left` or `given`)."""

    since: datetime
    words: str
    word: str
    ask: str
    code: str


def where_the_dose_is(facts: OrderFacts, now: datetime) -> tuple[str, str, str] | None:
    """(words, what to do, code) once the dose is out of the makers' hands; None before release. What is reported of a
    moment still to come is no fact yet: it is told, and changes nothing."""
    reported = list(_whereabouts(facts))
    come = next((one for one in reported if one.since <= now), None)
    if come is None:
        return None
    ahead = "".join(f", and {_ahead(one.word, one.since)}" for one in reported[: reported.index(come)][:1])
    return f"the dose {come.words} {moment_mark(come.since)}{ahead}", come.ask, come.code


def reaches_at(facts: OrderFacts, now: datetime) -> datetime | None:
    """From when on the dose may be given: since its infusion began or it was received at the infusion site, else when
    it is to arrive there as is agreed or booked, or by usual hours; None: it has not been released."""
    come = next((one for one in _whereabouts(facts) if one.since <= now), None)
    if come is None or come.word in ("given", "received"):
        return come and come.since
    ways = [stage for stage in facts.stages.values() if stage.plan.direction == Direction.OUTBOUND]
    return max((_arrives_at(stage, come.since, now) for stage in ways), default=come.since)


def _arrives_at(way: StageFacts, released_at: datetime, now: datetime) -> datetime:
    """As everybody expects it (transport/rules/arrivals.py), else as it was due, else by usual hours."""
    plan, run = way.plan, way.run
    if run.completed_at:
        return run.completed_at
    expected = expected_arrival(plan, run, way.lane, now)
    begins_at = run.started_at or run.expected_start or released_at
    usual_at = begins_at + timedelta(hours=way.work_hours)
    return expected.at if expected else due_at(plan, run, way.lane) or usual_at


def _whereabouts(facts: OrderFacts) -> Iterator[Whereabouts]:
    """What was reported of where the dose is, the furthest from its makers first."""
    exit_run = facts.stages[facts.flow.exit].run
    if given_at := exit_run.started_at or exit_run.completed_at:
        yield _given(given_at, _GIVING.get(exit_run.status, WAS_GIVEN))
    for stage in facts.stages.values():
        is_receipt = stage.plan.kind == StageKind.CUSTODY and stage.plan.place == StagePlace.INFUSION_SITE
        if is_receipt and (received_at := stage.run.completed_at):
            ask = "Site coordinator: keep it apart; QA: decide what becomes of it."
            yield Whereabouts(received_at, "is at the infusion site, received", "received", ask, "left")
    for stage in facts.stages.values():
        if stage.plan.direction == Direction.OUTBOUND and (left_at := stage.run.started_at or stage.run.completed_at):
            ask = "Operations: reach whoever carries it; QA: decide what becomes of it."
            yield Whereabouts(left_at, "has already left the plant,", "left", ask, "left")
    for stage in facts.stages.values():
        if stage.plan.kind == StageKind.RELEASE and (released_at := stage.run.completed_at):
            ask = "Operations: stop the shipment now; QA: take the release back."
            yield Whereabouts(released_at, "is already released,", "released", ask, "released")


WAS_GIVEN = "has already been given, infusion begun"
# Of an infusion that has not ended well: what is known of it.
_GIVING: dict[str, str] = {
    StageStatus.RUNNING: "is being given and no end of that is reported, infusion begun",
    StageStatus.HELD: "is being given, its infusion is on hold, begun",
    StageStatus.FAILED: "was given in part or not at all, for its infusion failed, begun",
}


def _given(given_at: datetime, words: str = WAS_GIVEN) -> Whereabouts:
    return Whereabouts(given_at, words, "given", "QA: open a deviation.", "given")


def is_being_given(facts: OrderFacts, now: datetime) -> bool:
    """Whether the infusion is under way: it was begun, its end is not reported, and it may last so long."""
    stage = facts.stages[facts.flow.exit]
    begun_at = stage.run.started_at
    over_at = _over_at(stage)
    return begun_at is not None and over_at is not None and begun_at <= now < over_at


def _over_at(infusion: StageFacts) -> datetime | None:
    """When an infusion that was begun is over though nobody says so; None: it was not begun, or its end is reported."""
    if infusion.run.started_at is None or infusion.run.status not in AT_WORK_STAGE_STATUSES:
        return None
    return infusion.run.started_at + timedelta(hours=infusion.plan.worst_hours)


def _ahead(word: str, moment: datetime) -> str:
    return f"is reported as {word} at {moment_mark(moment)}, which is still to come"


def dose_out(facts: OrderFacts, now: datetime) -> str:
    """How far the dose is out of the makers' hands: `released`, `left` or `given`; empty: it is not."""
    where = where_the_dose_is(facts, now)
    return where[2] if where else ""


def given_before(failure: LateFailure, now: datetime) -> tuple[str, str, str]:
    """Of a dose of an earlier attempt: that it was given, or where it is until that comes."""
    one = _given(failure.given_at)
    if one.since <= now:
        return f"the dose {one.words} {moment_mark(one.since)}", one.ask, one.code
    ask = "Site coordinator: keep it apart; QA: decide what becomes of it."
    return f"the dose {_ahead(one.word, one.since)}", ask, "left"


def reported_moments(facts: OrderFacts) -> list[datetime | None]:
    """When work began and ended, as it was reported: what lies ahead of them is a fact only from then on; and when an
    infusion is over though nobody says so."""
    told = [moment for one in facts.stages.values() for moment in (one.run.started_at, one.run.completed_at)]
    return [*told, _over_at(facts.stages[facts.flow.exit])]
