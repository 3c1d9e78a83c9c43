"""Where an order stands, in a clinician's words."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from batches.judgement.statuses import FlagCode
from dashboards.centre.rules.facts import CardFacts
from supplychain.custody.rules.whereabouts import where_words
from supplychain.flows.rules.plans import PHASES, StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.asked_first import awaits_confirmation
from supplychain.orders.rules.change_requests import waits_for_answer
from supplychain.orders.rules.delays import bound_for
from supplychain.orders.rules.interlocks import binding_stops
from supplychain.orders.rules.promises import PROMISED
from supplychain.orders.rules.standing import end_ahead_of, is_to_begin, opens_later, release_ahead
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import Doubt, OrderStatus, StageEventKind, StageStatus, WaitLimit
from supplychain.pages.days import day_of, day_words
from supplychain.words import PLURAL_VERBS, is_plural, with_verb

# What is said of a kind of stage in each of PHASES, unless its flow's file has words of its own. {name}: the stage;
# {is}, {has}, {was}: the verb in the number of its name; {when}: the booked moment; {day}: how far long work has come;
# {where}: at which centre; {product}: “Product released”, where a release was reported.
Words = tuple[str, str, str, str, str, str]

WORDS: dict[str, Words] = {
    StageKind.ADMINISTRATIVE: (
        "Ordered: {name} {has} not begun", "{Name} booked for {when}",
        "{Name} {was} booked for {when}: no news that it began", "{Name} {is} under way", "{Name} {is} on hold",
        "{Name} failed",
    ),
    StageKind.COLLECTION: (
        "Ready for collection{where}: no appointment yet", "Collection booked for {when}{where}",
        "Collection was booked for {when}{where}: no news that it began", "Cells are being collected{where}",
        "The collection is on hold", "The collection failed",
    ),
    Direction.INBOUND: (
        "Cells collected: they wait for the courier", "Cells collected: the courier picks them up {when}",
        "Cells collected: the courier was due {when}", "Cells are on their way to the plant",
        "The transport to the plant is on hold", "The transport to the plant failed",
    ),
    StageKind.MANUFACTURING: (
        "In production: {name} {is} next", "In production: {name} booked for {when}",
        "In production: {name} {was} booked for {when}", "In production at the plant: {name}{day}",
        "Production is on hold: {name}", "Production failed: {name}",
    ),
    StageKind.QUALITY_CONTROL: (
        "The product is made: {name} not yet begun", "The product is made: {name} booked for {when}",
        "The product is made: {name} booked for {when}, no news yet", "The product is made: {name} under way{day}",
        "Testing is on hold: {name}", "A test failed: {name}",
    ),
    StageKind.RELEASE: (
        "Tested: quality assurance has to decide on the release", "Tested: decision on the release booked for {when}",
        "Tested: decision on the release was booked for {when}", "Quality assurance is deciding on the release",
        "The decision on the release is on hold", "The product was not released",
    ),
    Direction.OUTBOUND: (
        "{product}: no courier booked yet", "{product}: the courier picks it up {when}",
        "{product}: the courier was due {when}", "The product is on its way{where}",
        "The product's transport is on hold", "The product's transport failed",
    ),
    StageKind.CUSTODY: (
        "The product has been delivered{where}: not yet received", "The product is to be received {when}{where}",
        "The product was to be received {when}{where}: no news yet", "The product is being received{where}",
        "Receipt of the product is on hold", "The product could not be received",
    ),
    StageKind.INFUSION: (
        "The product is ready to infuse{where}", "Infusion booked for {when}{where}",
        "Infusion was booked for {when}{where}: no news that it began", "The infusion is under way{where}",
        "The infusion is on hold", "The infusion failed",
    ),
}  # fmt: skip
OTHER: Words = (
    "{Name} {has} not begun", "{Name} booked for {when}", "{Name} {was} booked for {when}: no news that it began",
    "{Name} {is} under way{day}", "{Name} {is} on hold", "{Name} failed",
)  # fmt: skip


STOPPED = "Stopped until quality assurance has decided: "
STOPPED_UNPACKED = "Stopped until the cells are packed anew: "
# Of a start that was said of a moment which has not come: a mistake, or something that nobody has seen happen.
TO_COME = "is reported to start"
ONCE_THERE = "Once the dose is there: "
END_TO_COME = "is reported to end"
ONCE_LIFTED = "Once the hold is lifted: "
UNANSWERED = "Not before the plant has answered your request: "


def headline(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    """One line that says where the order stands."""
    if facts.status == OrderStatus.CANCELLED:
        return _told("Cancelled", facts.ended_at, now, zone)
    if facts.status == OrderStatus.INFUSED or (facts.status == OrderStatus.CLOSED and facts.infused_at):
        return _told("Infused", facts.infused_at, now, zone)
    if facts.status == OrderStatus.CLOSED:
        return _told("Closed without infusion", facts.ended_at, now, zone)
    if facts.are_destroyed:
        return destroyed_words(facts, now, zone)
    if never := _not_to_give(facts, now, zone):
        return never
    where = _where_it_stands(facts, now, zone)
    run = facts.current
    if run and (kept := kept_words(facts, facts.flow.stages[run.stage], _next_kind(run))):
        where = f"{kept}{where[:1].lower()}{where[1:]}"
    elif _is_use_in_doubt(facts):
        where = f"Quality assurance decides whether the cells may be used. {where}"
    if awaits_confirmation(facts.flow, facts.runs, is_confirmed=facts.date == PROMISED):
        where = f"{where}. The plant has not confirmed the order yet"
    if facts.status == OrderStatus.ON_HOLD:
        return f"The whole order is on hold. {where}"
    return where


def _not_to_give(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    """That a dose which is on its way or at the centre was rejected, is not released yet, or has expired and nobody
    decided that it may be given; empty: none of it. Whoever reads only the headline must not read that it is ready."""
    run = facts.current
    plan = facts.flow.stages[run.stage] if run else None
    is_out = plan and (plan.kind in (StageKind.CUSTODY, StageKind.INFUSION) or plan.direction == Direction.OUTBOUND)
    if run is None or plan is None or not is_out:
        return ""
    open_codes = {(flag.code, flag.stage) for flag in facts.flags if flag.settlement is None}
    if (FlagCode.DOSE_REJECTED, "") in open_codes:
        return "Every dose that was made for this order was rejected or destroyed: give none of it"
    ahead = release_ahead(facts.flow, run.stage, {code: one.completed_at for code, one in facts.runs.items()}, now)
    if ahead and (run.started_at or plan.direction != Direction.OUTBOUND):
        when = day_words(ahead[1], now, zone)
        return f"The release of the product is reported only for {when}, still to come: do not give it"
    wait = wait_now(run)
    is_expired = wait is not None and wait.limit == WaitLimit.EXPIRY and wait.until <= now
    if wait is None or not is_expired or (FlagCode.HOLD_EXPIRING, run.stage) not in open_codes:
        return ""
    when = day_words(wait.until, now, zone)
    return f"The dose expired {when}: do not give it unless quality assurance decides that you may"


def kept_words(facts: CardFacts, plan: StagePlan, kind: str) -> str:
    """What comes before anything that is said of a stage which nobody may begin or carry on now; empty: it may go on.
    Whoever reads only the appointment would go by it."""
    binding = [stop for stop in binding_stops(facts.flow, facts.stops, kind, plan) if not stop.is_of_labels]
    if binding:
        return STOPPED_UNPACKED if all(stop.is_to_pack_anew for stop in binding) else STOPPED
    run = facts.runs.get(plan.code)
    asked = waits_for_answer(facts.change, facts.flow, plan, kind, run.started_at if run else None)
    return UNANSWERED if asked else ""


def held_words(facts: CardFacts, plan: StagePlan, now: datetime) -> str:
    """What comes before a date of a stage that a hold keeps, its own order's or of one that it waits for, or that needs
    a dose which is elsewhere."""
    if plan.kind in (StageKind.CUSTODY, StageKind.INFUSION) and facts.is_elsewhere(now):
        return ONCE_THERE
    held = [run.stage for run in facts.runs.values() if run.status == StageStatus.HELD]
    is_kept = facts.status == OrderStatus.ON_HOLD or any(plan.code in facts.flow.followers[code] for code in held)
    return ONCE_LIFTED if is_kept else ""


def _next_kind(run: RunState) -> str:
    return StageEventKind.COMPLETED if run.status == StageStatus.RUNNING else StageEventKind.STARTED


def _is_use_in_doubt(facts: CardFacts) -> bool:
    doubts = [stop for stop in facts.stops if stop.doubt in (Doubt.CELLS, Doubt.REJECTED) and stop.settlement is None]
    return not all(stop.is_to_pack_anew for stop in doubts)


def _told(what: str, moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """What was reported, with its moment; one that has yet to come is told as such."""
    if moment is None:
        return what
    is_to_come = moment > now
    return f"{what}{', reported for' if is_to_come else ''} {day_words(moment, now, zone)}" + (
        ": still to come" if is_to_come else ""
    )


def _where_it_stands(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    run = facts.current
    if run is None:
        return "Nothing can begin yet: news of an earlier step is missing"
    if failed := release_after_leaving(facts):
        return f"{failed[:1].upper()}{failed[1:]}: do not give it unless quality assurance decides that you may"
    if astray := astray_words(facts, now, zone):
        return astray[:1].upper() + astray[1:]
    if ahead := end_to_come(facts, run, now):
        said, when = with_verb(facts.flow.stages[ahead.stage].name, END_TO_COME), ahead.completed_at
        return f"{said} {day_words(when, now, zone) if when else ''}: still to come. Check the report"
    plan = facts.flow.stages[run.stage]
    if run.status == StageStatus.RUNNING and (elsewhere := bound_for(plan, run)):
        what = "product was" if plan.direction == Direction.OUTBOUND else "cells were"
        return f"The {what} rerouted: the courier goes to {elsewhere}"
    if run.stage == facts.flow.exit and run.started_at is None and (failed := _failed_unsettled(facts)):
        return f"{failed} failed: the product must not be given unless quality assurance decides that it may"
    return stage_words(facts, plan, run, now, zone)


def release_after_leaving(facts: CardFacts) -> str:
    """That the release is reported failed of a product that has left the plant; empty: it is not, or it has not."""
    left = any(run and run.started_at for run in map(facts.runs.get, _codes(facts, StageKind.TRANSPORT)))
    failed = any(facts.status_of(code) == StageStatus.FAILED for code in _codes(facts, StageKind.RELEASE))
    return "the release of the product is reported failed, after it was sent" if left and failed else ""


def _codes(facts: CardFacts, kind: StageKind) -> list[str]:
    outbound = Direction.OUTBOUND if kind == StageKind.TRANSPORT else None
    return [plan.code for plan in facts.stages_of(kind, outbound)]


def astray_words(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    """Where a dose is that somebody else has than its stages say; empty: it is where they say, as far as known."""
    if facts.last is None or facts.current is None or not facts.is_elsewhere(now):
        return ""
    return where_words(facts.last, lambda moment: day_words(moment, now, zone))


def destroyed_words(facts: CardFacts, now: datetime, zone: tzinfo) -> str:
    """That nothing is left of the cells, since when, and what the plant has to agree on with the centre."""
    when = f" {day_words(facts.last.since, now, zone)}" if facts.last else ""
    begun = facts.runs.get(facts.flow.restart_stage)
    is_begun = begun is not None and begun.started_at is not None
    stored = "a new attempt, from stored cells if any are left, else from " if is_begun else ""
    follows = f"the plant agrees with you on {stored}a new collection, or cancels the order"
    return f"The cells were destroyed{when}: {follows}"


def end_to_come(facts: CardFacts, run: RunState, now: datetime) -> RunState | None:
    """The stage whose end, reported for a moment still to come, this one waits for."""
    is_ahead = opens_later(run.status, run.ready_at, now)
    return end_ahead_of(facts.flow.stages[run.stage], facts.runs, now) if is_ahead else None


def _failed_unsettled(facts: CardFacts) -> str:
    """The name of work that failed, where quality assurance has not decided on it; empty: none."""
    failed = [flag.stage for flag in facts.flags if flag.code == FlagCode.STAGE_FAILED and not flag.settlement]
    return next((names_of(facts)[stage] for stage in failed if stage in facts.flow.stages), "")


def stage_words(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> str:
    """What is said of one stage that waits, is at work, held or failed."""
    if is_to_begin(run.status, run.started_at, now) and run.started_at:
        when = day_words(run.started_at, now, zone)
        return f"{with_verb(plan.name, TO_COME)} {when}: still to come. Check the report"
    of_kind = WORDS.get(plan.direction) or WORDS.get(plan.kind) or OTHER
    phase = phase_of(run, now)
    day = day_of(run.started_at, plan.planned_hours, now) if run.started_at else ""
    text = plan.words.get(phase) or of_kind[PHASES.index(phase)]
    before_day = ", " if ":" in text else ": "
    return text.format_map(
        {
            "name": lowered(plan.name),
            "Name": plan.name,
            **{verb: PLURAL_VERBS[verb] if is_plural(plan.name) else verb for verb in ("has", "is", "was")},
            "when": day_words(run.expected_start, now, zone) if run.expected_start else "",
            "day": f"{before_day}{day}" if day else "",
            "where": _where(facts, plan),
            "product": "Product released" if is_released(facts, now) else "Product made, no release reported",
        }
    )


def phase_of(run: RunState, now: datetime) -> str:
    """Which of PHASES a run is in."""
    said = {StageStatus.RUNNING: "running", StageStatus.HELD: "held", StageStatus.FAILED: "failed"}
    if phase := said.get(StageStatus(run.status)):
        return phase
    if booked := run.expected_start:
        return "booked" if booked >= now else "overdue"
    return "waiting"


def is_released(facts: CardFacts, now: datetime) -> bool:
    """Whether a release decision was reported as made; a skipped one, or one for a moment to come, releases nothing."""
    decisions = [facts.runs.get(plan.code) for plan in facts.stages_of(StageKind.RELEASE)]
    return bool(decisions) and all(
        run and run.status == StageStatus.COMPLETED and run.completed_at and run.completed_at <= now
        for run in decisions
    )


def _where(facts: CardFacts, plan: StagePlan) -> str:
    outbound = plan.direction == Direction.OUTBOUND
    place = StagePlace.INFUSION_SITE.value if outbound else plan.place
    if place in facts.own:
        return " to your centre" if outbound else " at your centre"
    name = facts.centres.get(place, "")
    return f" {'to' if outbound else 'at'} {name}" if name else ""


def lowered(name: str) -> str:
    """A stage's name inside a sentence; abbreviations stay as they are."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def names_of(facts: CardFacts) -> Mapping[str, str]:
    """The stages' names by code."""
    return {code: plan.name for code, plan in facts.flow.stages.items()}
