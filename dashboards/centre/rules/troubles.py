"""What a card says is wrong with an order: the words of each of its flags. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

from batches.flags.rules.cancelled import KEEP_CELLS, asks_to_keep
from batches.flags.rules.centre_words import ASK_BEFORE_NEXT, next_for_centre
from batches.flags.rules.collections import COMPLETE
from batches.flags.rules.harm import STOP_FIRST, urgency
from batches.forecasts.rules.ready import UNSURE
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from dashboards.centre.rules.needs import is_unseen
from dashboards.centre.rules.trouble_words import (
    agreed_words,
    cells_words,
    hold_words,
    identity_words,
    packaging_words,
    request_words,
    undecided_words,
    wait_words,
)
from dashboards.centre.rules.words import lowered, names_of
from supplychain.orders.rules.interlocks import SAID_WRONG, are_rejected, is_failure_said_wrong
from supplychain.orders.statuses import ChangeOutcome
from supplychain.pages.days import day_words
from supplychain.sentences import said_in
from supplychain.words import with_verb

# What a card says once, of whichever step.
ASKS_BEFORE = re.compile(r" Ask the plant before you begin [^.]+\.")
# Of a date at risk while the plant has not answered what the centre asks: the answer may make it void.
DATE_WAITS = "The date of the dose was at risk when you asked; the plant answers your request first."


class Trouble(NamedTuple):
    """What is wrong, in plain words. `flag`: the critical warning behind it that nobody has acknowledged yet;
    `is_settled`: quality assurance decided on it, and its severity is history; `seen`: who acknowledged it, when, and
    what they said."""

    severity: Severity
    text: str
    flag: UUID | None = None
    is_settled: bool = False
    seen: str = ""

    @property
    def is_critical(self) -> bool:
        """Whether it is critical, and not settled: as Flag.is_critical."""
        return self.severity == Severity.CRITICAL and not self.is_settled

    @property
    def severity_words(self) -> str:
        """“Critical”, “Attention” or “Settled”."""
        return "Settled" if self.is_settled else str(self.severity.label)


def troubles(
    facts: CardFacts, now: datetime, zone: tzinfo, *, is_plant_asked: bool = False
) -> tuple[Trouble, ...]:  # fmt: skip
    """What is wrong, the most urgent first, each once; a flag's numbers and rule stand on the order's own page.
    `is_plant_asked`: the card's task is to ask the plant before the next step, which is then not said again."""
    found = [
        Trouble(
            Severity(flag.severity),
            _trouble_words(facts, flag, now, zone) + _decided(flag, now, zone),
            flag.id if is_unseen(facts, flag) else None,
            flag.harm == Harm.SETTLED,
            _seen(flag, now, zone),
        )
        for flag in sorted(facts.flags, key=urgency)
    ]
    return tuple(dict.fromkeys(_asking_once(found, is_plant_asked=is_plant_asked)))


def _asking_once(found: Sequence[Trouble], *, is_plant_asked: bool) -> Iterator[Trouble]:
    for one in found:
        yield one._replace(text=ASKS_BEFORE.sub("", one.text)) if is_plant_asked else one
        is_plant_asked |= ASKS_BEFORE.search(one.text) is not None


def _ask_before(facts: CardFacts, flag: FlagFacts) -> str:
    """The plant is asked before the stage that the flag names, else before the next step."""
    asks = next((stop.asks_first for stop in facts.stops if stop.asks_first and stop.flag_id == flag.id), None)
    return ASK_BEFORE_NEXT.replace("the next step", names_of(facts)[asks.stage]) if asks else ASK_BEFORE_NEXT


def _decided(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    """What quality assurance decided of the flag, where it did: then that counts, not what the flag asked for."""
    if (said := flag.settlement) is None:
        return ""
    return f" Quality assurance decided {day_words(said.settled_at, now, zone)} ({said.by}): “{said.reason}”"


def _seen(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    """Who knows of it; empty: nobody acknowledged it, or quality assurance decided on it, which says more."""
    if flag.seen_at is None or flag.settlement:
        return ""
    said = f": “{flag.comment}”" if flag.comment else ""
    return f"Acknowledged by {flag.seen_by}, {day_words(flag.seen_at, now, zone)}{said}"


# Of codes whose words are always the same; `what`: the order, or its stage.
ALWAYS_TOLD = {
    FlagCode.NOT_ENTITLED: "A system reported what is not its to say about {what}; the plant is asked to check it.",
    FlagCode.EXCURSION: (
        "The cells were too warm or too cold on their way: quality assurance of the plant decides whether they may be "
        "used. Do not give a dose made of them before."
    ),
    FlagCode.DOSE_REJECTED: (
        "Every dose that was made for this order was rejected or destroyed: give none of it. The plant says what "
        "follows."
    ),
    FlagCode.LABEL_UNRECONCILED: (
        "Labels that were printed for this order are not all accounted for: say of those that you have how they ended."
    ),
}
DECLINED = "The plant declined your request: its reason stands above."
RECORD_IS_THEIRS = "complete it under “Collection” on the order’s page"
DECIDED = "quality assurance of the plant decides what follows"
CELLS_REJECTED = (
    "Quality assurance of the plant rejected the cells, which were too warm or too cold: give nothing made of them. "
    "The plant agrees with the treating physician on a new collection, or cancels the order."
)
LOGGERS_DISAGREE = (
    "The temperatures that were logged on the way do not agree; quality assurance of the plant looks at it."
)


def _is_disagreement(flag: FlagFacts) -> bool:
    return flag.code == FlagCode.EXCURSION and flag.severity != Severity.CRITICAL


def _always_words(facts: CardFacts, flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    if flag.code == FlagCode.DOSE_REJECTED and facts.are_destroyed:
        return f"{said_in(flag.why, zone, now)} The plant says what follows."
    if _is_disagreement(flag):
        return LOGGERS_DISAGREE
    name = names_of(facts).get(flag.stage, "")
    return ALWAYS_TOLD[FlagCode(flag.code)].format(what=f"{lowered(name)} of this order" if name else "this order")


def _record_words(flag: FlagFacts) -> str:
    asked = RECORD_IS_THEIRS if COMPLETE in flag.next_step else DECIDED
    return f"The collection ended with open points in its record: {asked}."


def _misfit_words(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    if flag.harm == Harm.DOSE_TO_STOP:
        return "Reports about the dose do not fit together: do not give it until the plant says that you may."
    keep = KEEP_CELLS if asks_to_keep(flag.next_step) else ""
    return f"Reports about this order do not fit together. {said_in(flag.why, zone, now)} {keep}".rstrip()


def _silent_words(flag: FlagFacts, name: str, until: str, now: datetime) -> str:
    of_what = f" of {lowered(name)}" if name else ""
    return f"No news{of_what} where some was expected{cells_words(flag, until, now)}."


def _failed_words(facts: CardFacts, stage: str, name: str, now: datetime, zone: tzinfo) -> str:
    said = f"; the report {SAID_WRONG}" if is_failure_said_wrong(facts.stops, stage) else ""
    return f"{name} failed{_failed_when(facts, stage, now, zone)}{said}."


# What is found of a dose that was given is told everybody as it stands; before that who gives it is stopped.
_OF_GIVEN = {Harm.DOSE_BEING_GIVEN: f"{STOP_FIRST[Harm.DOSE_BEING_GIVEN]}. ", Harm.DOSE_IN_DOUBT: ""}


def _trouble_words(facts: CardFacts, flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    name = names_of(facts).get(flag.stage, "")
    until, is_over = day_words(flag.due, now, zone) if flag.due else "", flag.due is not None and flag.due <= now
    if flag.harm in _OF_GIVEN:
        return f"{_OF_GIVEN[Harm(flag.harm)]}{said_in(flag.why, zone, now)}"
    match flag.code:
        case FlagCode.COLLECTION_RECORD:
            return _record_words(flag)
        case FlagCode.HOLD_EXPIRING:
            return wait_words(facts, flag, name, now, zone)
        case FlagCode.STAGE_LATE | FlagCode.SHIPMENT_LATE:
            return _overdue_words(facts, flag, name, now, zone)
        case FlagCode.PROMISE_AT_RISK:
            return _late_words(facts, now) if not (facts.change and facts.change.stops) else DATE_WAITS
        case FlagCode.DOSE_AT_RISK:
            way = next_for_centre(flag.code, flag.next_step).replace(ASK_BEFORE_NEXT, _ask_before(facts, flag))
            return f"This dose may be lost, or a permitted waiting time may run out. {way}"
        case FlagCode.SILENT:
            return _silent_words(flag, name, until, now)
        case FlagCode.OUT_OF_SEQUENCE:
            return _misfit_words(flag, now, zone)
        case FlagCode.EXCURSION if are_rejected(facts.stops):
            return CELLS_REJECTED
        case _ if flag.code in ALWAYS_TOLD:
            return _always_words(facts, flag, now, zone)
        case FlagCode.PACKAGING:
            return packaging_words(flag, now, zone)
        case FlagCode.CELLS_UNDECIDED:
            return undecided_words(flag, now, zone)
        case FlagCode.STAGE_FAILED:
            return _failed_words(facts, flag.stage, name, now, zone)
        case FlagCode.ON_HOLD:
            return hold_words(facts, flag, name, until, is_over=is_over)
        case FlagCode.CHANGE_ASKED if facts.change and not facts.change.is_open:
            return DECLINED if facts.change.outcome == ChangeOutcome.DECLINED else said_in(flag.why, zone, now)
        case FlagCode.CHANGE_ASKED:
            return request_words(flag, until, is_over=is_over)
        case FlagCode.IDENTITY_SHARED | FlagCode.DONATION_NUMBER | FlagCode.CUSTODY_GAP | FlagCode.IDENTITY_MISMATCH:
            return identity_words(flag)
    return "This order could not be checked by the rules; operations look at it by hand."


def _overdue_words(facts: CardFacts, flag: FlagFacts, name: str, now: datetime, zone: tzinfo) -> str:
    if flag.code == FlagCode.SHIPMENT_LATE:
        return f"The cells arrive later than planned. {said_in(flag.why, zone, now)}".rstrip()
    if flag.harm == Harm.CELLS:
        return f"{with_verb(name, 'should have ended')}: nobody has said where the cells are."
    return with_verb(name, f"takes longer than usual{agreed_words(facts.runs.get(flag.stage), now, zone)}.")


def _late_words(facts: CardFacts, now: datetime) -> str:
    if facts.promised_at and facts.promised_at <= now:
        return f"The {facts.date.date} has passed, and the dose is not ready."
    against = facts.ready.against_promise if facts.ready else ""
    if not against or facts.ready.ready_at is None:
        return f"The dose may not be ready {facts.date.as_said}."
    rests = f", {facts.ready.rests_on}" if facts.ready.rests_on and against != UNSURE else ""
    return f"The dose {'' if against.startswith('may ') else 'is '}{against}{rests}."


def _failed_when(facts: CardFacts, stage: str, now: datetime, zone: tzinfo) -> str:
    run = facts.runs.get(stage)
    if run is None or run.failed_at is None:
        return ""
    said = day_words(run.failed_at, now, zone)
    return f", reported for {said}: still to come" if run.failed_at > now else f" {said}"
