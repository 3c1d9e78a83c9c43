"""The cards of a treatment centre: one order in a clinician's words, with what it needs and what to expect.

Pure: facts and `now` in, words out, in the zone of the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from batches.flags.rules.centre_words import next_for_centre
from batches.forecasts.rules.ready import UNSURE
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from dashboards.centre.rules.needs import (
    Need,
    is_unseen,
    late_tests,
    needs,
    read_first,
)
from dashboards.centre.rules.preparation import Preparation, preparation
from dashboards.centre.rules.setbacks import Setback, setback
from dashboards.centre.rules.trouble_words import agreed_words, cells_words, hold_words, identity_words, wait_words
from dashboards.centre.rules.words import headline, is_released, kept_words, lowered, names_of
from supplychain.orders.rules.interlocks import SAID_WRONG, is_failure_said_wrong
from supplychain.orders.rules.promises import PROMISED
from supplychain.orders.rules.standing import is_to_begin
from supplychain.orders.statuses import OrderStatus, StageEventKind, StageStatus
from supplychain.pages.days import day_words
from supplychain.words import date_words, with_verb

NO_HARM = 99  # behind every class of harm
NEVER = timedelta.max
LAST = datetime.max.replace(tzinfo=UTC)
# Of a date at risk while the plant has not answered what the centre asks: the answer may make it void.
DATE_WAITS = "The date of the dose was at risk when you asked; the plant answers your request first."
ORDINALS = {2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth"}


class CardGroup(StrEnum):
    """Where a card stands on the page; also the value of the page's filter."""

    NEEDS_YOU = "needs"
    ON_ITS_WAY = "way"
    DONE = "done"


class DateSource(StrEnum):
    """Whence a date comes, said beside it."""

    BOOKED = "booked"
    AGREED = "agreed: it takes longer than planned"
    USUAL = "by the usual duration"
    FORECAST = "our forecast"
    PROMISE = "promised"
    WANTED = "wanted; the plant has not confirmed it yet"


class NextDate(NamedTuple):
    """What is expected next, when, and who says so."""

    what: str
    moment: datetime
    source: DateSource
    words: str


class Trouble(NamedTuple):
    """What is wrong, in plain words. `flag`: the critical warning behind it that nobody has acknowledged yet."""

    severity: Severity
    text: str
    flag: UUID | None = None

    @property
    def is_critical(self) -> bool:
        """Whether it is critical."""
        return self.severity == Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class Card:
    """What a centre sees of one order.

    `promise`, `forecast`: words for when the dose is to be ready, `promise_by`: “promised” or “wanted by”; `lateness`:
    how they stand to each other;
    `how_known`: what the forecast rests on; `ready_since`: when the dose became ready, once it is.
    """

    group: CardGroup
    headline: str
    attempt: str
    next: NextDate | None
    promise: str
    promise_by: str
    forecast: str
    lateness: str
    how_known: str
    ready_since: str
    needs: tuple[Need, ...]
    preparation: Preparation | None
    late_tests: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    setback: Setback | None

    @property
    def is_critical(self) -> bool:
        """Whether anything about it is critical."""
        return any(trouble.is_critical for trouble in self.troubles)

    @property
    def due(self) -> datetime | None:
        """Until when the first thing that is needed must be done."""
        return min((need.due for need in self.needs if need.due), default=None)


def card_of(facts: CardFacts, now: datetime, zone: tzinfo) -> Card:
    """The card of one order."""
    wanted = needs(facts, now, zone) or read_first(facts)
    waits, ready_at = facts.is_open, _ready_at(facts, now)
    forecast = facts.ready if waits and not ready_at else None
    return Card(
        group=_group(facts, wanted),
        headline=headline(facts, now, zone),
        attempt=f"{ORDINALS.get(facts.attempt, 'Next')} attempt" if facts.attempt > 1 else "",
        next=_next_date(facts, now, zone) if waits else None,
        promise=date_words(facts.promised_at, now, zone) if waits and facts.promised_at else "",
        promise_by=facts.date.by,
        forecast=forecast.when(now, zone) if forecast else "",
        lateness=forecast.stands(now) if forecast else "",
        how_known=forecast.how_known(now) if forecast else "",
        ready_since=day_words(ready_at, now, zone) if waits and ready_at else "",
        needs=wanted,
        preparation=preparation(facts, now, zone),
        late_tests=late_tests(facts) if is_released(facts, now) else (),
        troubles=troubles(facts, now, zone),
        setback=setback(facts),
    )


def urgency(card: Card, facts: CardFacts, now: datetime) -> tuple:
    """Sorts cards inside their group: the worst harm of their flags, then what is due first; the ended ones newest
    first."""
    if card.group == CardGroup.DONE:
        ended = facts.infused_at or facts.ended_at
        return (0, now - ended if ended else NEVER)
    forecast_at = facts.ready.ready_at if facts.ready else None
    first = card.due or (card.next.moment if card.next else None) or forecast_at or facts.promised_at or LAST
    harm, act_by = min(((flag.harm, flag.act_by or first) for flag in facts.flags), default=(NO_HARM, first))
    return (harm, act_by - now)


def _group(facts: CardFacts, wanted: Sequence[Need]) -> CardGroup:
    if not facts.is_open:
        return CardGroup.DONE
    return CardGroup.NEEDS_YOU if wanted else CardGroup.ON_ITS_WAY


def _ready_at(facts: CardFacts, now: datetime) -> datetime | None:
    """Since when the dose can be infused; None for one that failed, in place of which another is foreseen, and for one
    that is on hold or in doubt."""
    run = facts.runs.get(facts.flow.exit)
    if run is None or run.status == StageStatus.PENDING:
        return None
    if facts.ready and (facts.ready.is_of_another or facts.ready.unsure):
        return None
    return run.ready_at if run.ready_at and run.ready_at <= now else None


def _next_date(facts: CardFacts, now: datetime, zone: tzinfo) -> NextDate | None:
    """The next thing to expect: a booked moment where there is one, then the usual end of the work under way, then the
    forecast, then the promise. A date that has passed is no date to plan by."""
    for what, moment, source in _expected(facts, now):
        if moment and moment >= now:
            return NextDate(what, moment, source, _date_of(facts, moment, source, now, zone))
    return None


def _date_of(facts: CardFacts, moment: datetime, source: DateSource, now: datetime, zone: tzinfo) -> str:
    """An appointment to the minute, as it was made; what is only expected or promised by its date."""
    if source in (DateSource.BOOKED, DateSource.AGREED):
        return day_words(moment, now, zone)
    if source == DateSource.FORECAST and facts.ready:
        rests = f", {facts.ready.assumes}" if facts.ready.assumes else ""
        return f"{facts.ready.when(now, zone)}{rests}"
    about = "about " if source == DateSource.USUAL else ""
    return f"{about}{date_words(moment, now, zone)}"


def _expected(facts: CardFacts, now: datetime) -> list[tuple[str, datetime | None, DateSource]]:
    booked, usual, left = [], [], facts.overtaken(now)
    for code, plan in facts.flow.stages.items():
        run = facts.runs.get(code)
        if run is None or plan.may_end_after_release or code in left:
            continue
        name = lowered(plan.name)
        if run.status in (StageStatus.READY, StageStatus.PENDING) or is_to_begin(run.status, run.started_at, now):
            begins = f"{kept_words(facts, plan, StageEventKind.STARTED)}{with_verb(plan.name, 'begins')}"
            booked.append((begins, run.started_at or run.expected_start, DateSource.BOOKED))
        elif run.status == StageStatus.RUNNING and run.started_at:
            source = DateSource.AGREED if run.agreed else DateSource.BOOKED
            booked.append((f"End of {name}", run.expected_end, source))
            ends_at = run.started_at + timedelta(hours=plan.planned_hours)
            usual.append((f"End of {name}", ends_at, DateSource.USUAL))
    booked.sort(key=lambda one: (one[1] is None, one[1]))
    ready = "Dose ready to infuse"
    forecast_at = facts.ready.ready_at if facts.ready else None
    source = DateSource.PROMISE if facts.date == PROMISED else DateSource.WANTED
    rest = [(ready, forecast_at, DateSource.FORECAST), (ready, facts.promised_at, source)]
    held = facts.status == OrderStatus.ON_HOLD or any(
        run.status in (StageStatus.FAILED, StageStatus.HELD) for run in facts.runs.values()
    )
    rest = [] if held or _ready_at(facts, now) else rest
    # Simulated futures and usual durations may disagree: one card tells one of them.
    return [*booked, *([] if rest and facts.ready and facts.ready.is_simulated else usual), *rest]


def troubles(facts: CardFacts, now: datetime, zone: tzinfo) -> tuple[Trouble, ...]:
    """What is wrong, the most urgent first, each once; a flag's numbers and rule stand on the order's own page."""
    found = [
        Trouble(
            Severity(flag.severity),
            _trouble_words(facts, flag, now, zone) + _decided(flag, now, zone),
            flag.id if is_unseen(facts, flag) else None,
        )
        for flag in sorted(facts.flags, key=_flag_urgency)
    ]
    return tuple(dict.fromkeys(found))


def _decided(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    """What quality assurance decided of the flag, where it did: then that counts, not what the flag asked for."""
    if (said := flag.settlement) is None:
        return ""
    return f" Quality assurance decided {day_words(said.settled_at, now, zone)} ({said.by}): “{said.reason}”"


def _flag_urgency(flag: FlagFacts) -> tuple:
    return (flag.harm, flag.act_by or LAST, flag.code, flag.stage, flag.subject)


def _trouble_words(facts: CardFacts, flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    name = names_of(facts).get(flag.stage, "")
    until, is_over = day_words(flag.due, now, zone) if flag.due else "", flag.due is not None and flag.due <= now
    match flag.code:
        case FlagCode.HOLD_EXPIRING:
            return wait_words(facts, flag, name, until, is_over=is_over)
        case FlagCode.STAGE_LATE if flag.harm == Harm.CELLS:
            return f"{with_verb(name, 'should have ended')}: nobody has said where the cells are."
        case FlagCode.STAGE_LATE:
            return with_verb(name, f"takes longer than usual{agreed_words(facts.runs.get(flag.stage), now, zone)}.")
        case FlagCode.PROMISE_AT_RISK:
            return _late_words(facts, now) if not (facts.change and facts.change.stops) else DATE_WAITS
        case FlagCode.DOSE_AT_RISK:
            way = next_for_centre(FlagCode.DOSE_AT_RISK, "")
            return f"This dose may be lost, or a permitted waiting time may run out. {way}"
        case FlagCode.SILENT:
            of_what = f" of {lowered(name)}" if name else ""
            return f"No news{of_what} where some was expected{cells_words(flag, until, now)}."
        case FlagCode.OUT_OF_SEQUENCE if flag.harm == Harm.DOSE_TO_STOP:
            return "Reports about the dose do not fit together: do not give it until the plant says that you may."
        case FlagCode.OUT_OF_SEQUENCE:
            return "Reports about this order do not fit together; operations are asked to check them."
        case FlagCode.NOT_ENTITLED:
            return "A system reported what is not its to say about this order; the plant is asked to check it."
        case FlagCode.STAGE_FAILED:
            said = f"; the report {SAID_WRONG}" if is_failure_said_wrong(facts.stops, flag.stage) else ""
            return f"{name} failed{_failed_when(facts, flag.stage, now, zone)}{said}."
        case FlagCode.ON_HOLD:
            return hold_words(facts, flag, name, until, is_over=is_over)
        case FlagCode.CHANGE_ASKED if facts.change and not facts.change.is_open:
            return "The plant declined your request: its reason stands above."
        case FlagCode.CHANGE_ASKED:
            return "The plant has not answered your request yet."
        case FlagCode.IDENTITY_SHARED | FlagCode.DONATION_NUMBER:
            return identity_words(flag)
    return "This order could not be checked by the rules; operations look at it by hand."


def _late_words(facts: CardFacts, now: datetime) -> str:
    if facts.promised_at and facts.promised_at <= now:
        return f"The {facts.date.date} has passed, and the dose is not ready."
    against = facts.ready.against_promise if facts.ready else ""
    if not against or facts.ready.ready_at is None:
        return f"The dose may not be ready {facts.date.as_said}."
    rests = f", {facts.ready.assumes}" if facts.ready.assumes and against != UNSURE else ""
    return f"The dose {'' if against.startswith('may ') else 'is '}{against}{rests}."


def _failed_when(facts: CardFacts, stage: str, now: datetime, zone: tzinfo) -> str:
    run = facts.runs.get(stage)
    if run is None or run.failed_at is None:
        return ""
    said = day_words(run.failed_at, now, zone)
    return f", reported for {said}: still to come" if run.failed_at > now else f" {said}"
