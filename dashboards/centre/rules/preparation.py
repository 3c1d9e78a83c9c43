"""Whether the patient may be prepared for the infusion, as far as facts say. Pure."""

from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.facts import CardFacts
from dashboards.centre.rules.words import astray_words, is_released, lowered, release_after_leaving
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.pages.days import day_words
from supplychain.transport.rules.arrivals import due_at
from supplychain.words import with_verb


class Readiness(StrEnum):
    """Whether lymphodepletion may be planned; also its CSS class."""

    NOT_YET = "not_yet"
    WAIT = "wait"
    SHIPPED = "shipped"
    RECEIVED = "received"


class Preparation(NamedTuple):
    """What can be said about the patient's preparation, from facts alone."""

    readiness: Readiness
    text: str


def preparation(facts: CardFacts, now: datetime, zone: tzinfo) -> Preparation | None:
    """Whether lymphodepletion may be planned: only on a product released and shipped or received, beyond doubt.

    None for an order that has ended or whose dose is being given, and for people who have nothing to do with that.
    """
    treating = {StagePlace.INFUSION_SITE, StagePlace.ORDERING_SITE}
    given = facts.runs.get(facts.flow.exit)
    is_given = given is not None and given.started_at is not None and given.started_at <= now
    if is_given or not facts.is_open or not treating.intersection(facts.own):
        return None
    if not is_released(facts, now):
        if failed := release_after_leaving(facts):
            return Preparation(Readiness.WAIT, f"Wait: {failed}. Speak with the plant first.")
        return Preparation(Readiness.NOT_YET, "Not yet: the product is not released.")
    if doubt := doubt_of(facts) or astray_words(facts, now, zone) or _arrival_doubt(facts, now, zone):
        return Preparation(Readiness.WAIT, f"Wait: {doubt}. Speak with the plant first.")
    received = _moment_of(facts, StageKind.CUSTODY)
    if received and received <= now:
        return Preparation(
            Readiness.RECEIVED, f"May be planned: product released, and received {day_words(received, now, zone)}."
        )
    shipped = [facts.runs[plan.code].started_at for plan in facts.stages_of(StageKind.TRANSPORT, Direction.OUTBOUND)
               if plan.code in facts.runs]  # fmt: skip
    if shipped and all(left and left <= now for left in shipped):
        return Preparation(
            Readiness.SHIPPED,
            f"May be planned: product released and shipped {day_words(max(filter(None, shipped)), now, zone)}, "
            "not received yet.",
        )
    return Preparation(Readiness.WAIT, "Wait: the product is released but not shipped.")


def _arrival_doubt(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    """Of a dose on its way that nobody knows when to expect; empty: somebody does, or it has no date to miss."""
    for plan in facts.stages_of(StageKind.TRANSPORT, Direction.OUTBOUND):
        run = facts.runs.get(plan.code)
        if run is None or run.status != StageStatus.RUNNING:
            continue
        ends_at = due_at(plan, run, facts.lanes.get(plan.code))
        if run.is_arrival_unknown:
            return "nobody knows when it arrives"
        is_missed = any(flag.code in MISSES_ARRIVAL and flag.stage == plan.code for flag in facts.flags)
        if is_missed and (ends_at is None or ends_at <= now):
            due = f" {day_words(ends_at, now, zone)}" if ends_at else ""
            return f"it was to arrive{due or ' by now'}, and nobody has reported that it did"
    return ""


def _moment_of(facts: CardFacts, kind: StageKind) -> datetime | None:
    """When the stages of this kind were completed, if all were."""
    runs = [facts.runs.get(plan.code) for plan in facts.stages_of(kind)]
    done = [run.completed_at for run in runs if run and run.status == StageStatus.COMPLETED and run.completed_at]
    return max(done) if done and len(done) == len(runs) else None


MISSES_ARRIVAL = (FlagCode.SHIPMENT_LATE, FlagCode.STAGE_LATE, FlagCode.SILENT)
# What makes a released product doubtful.
DOUBTFUL_FLAGS = {
    FlagCode.IDENTITY_SHARED: "an identifier of the product stands on another order too",
    FlagCode.DONATION_NUMBER: "its donation number may be wrong",
    FlagCode.COLLECTION_RECORD: "the record of its collection has open points",
    FlagCode.PACKAGING: "the shipper or packaging of its cells is in doubt",
    FlagCode.CUSTODY_GAP: "it is not clear who had its cells",
    FlagCode.EXCURSION: "the temperature of its cells is in doubt, and quality assurance has not let them be used",
    FlagCode.IDENTITY_MISMATCH: "a code that was read with it is not this order’s",
    FlagCode.DOSE_REJECTED: "every dose that was made of it was rejected or destroyed",
    FlagCode.LABEL_UNRECONCILED: "a label that was printed for it is not accounted for",
    FlagCode.OUT_OF_SEQUENCE: "reports about the order do not fit together",
    FlagCode.NOT_ENTITLED: "a system reported something that is not its to say",
}


def doubt_of(facts: CardFacts) -> str:
    """What puts the dose in doubt; empty: nothing."""
    if facts.status == OrderStatus.ON_HOLD:
        return "the order is on hold"
    if facts.change and facts.change.stops:
        return "the plant has not answered your request yet"
    for plan in facts.flow.stages.values():
        status = facts.status_of(plan.code)
        if status == StageStatus.FAILED:
            return f"{lowered(plan.name)} failed"
        if status == StageStatus.HELD:
            return with_verb(lowered(plan.name), "is on hold")
    if facts.are_destroyed:
        return "its cells were destroyed"
    for flag in facts.flags:
        if flag.code in DOUBTFUL_FLAGS and not flag.settlement:
            return DOUBTFUL_FLAGS[FlagCode(flag.code)]
    cold_ends = [flag for flag in facts.flags if flag.code == FlagCode.HOLD_EXPIRING]
    if any(flag.severity == Severity.CRITICAL for flag in cold_ends):
        return "the permitted waiting time runs out or has ended"
    return ""
