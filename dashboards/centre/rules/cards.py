"""The cards of a treatment centre: one order in a clinician's words, with what it needs and what to expect.

Pure: facts and `now` in, words out, in the zone of the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from batches.flags.rules.harm import LAST
from batches.judgement.statuses import Severity
from dashboards.centre.rules.facts import CardFacts
from dashboards.centre.rules.needs import (
    Need,
    needs,
    read_first,
)
from dashboards.centre.rules.preparation import Preparation, doubt_of, preparation
from dashboards.centre.rules.setbacks import Setback, setback
from dashboards.centre.rules.troubles import Trouble, troubles
from dashboards.centre.rules.words import (
    END_TO_COME,
    TO_COME,
    end_to_come,
    headline,
    held_words,
    is_released,
    kept_words,
    lowered,
)
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.late_results import MAY_GO, WENT, late_results
from supplychain.orders.rules.promises import PROMISED
from supplychain.orders.rules.standing import is_to_begin
from supplychain.orders.statuses import OrderStatus, StageEventKind, StageStatus
from supplychain.pages.days import day_words
from supplychain.transport.statuses import ArrivalBasis
from supplychain.words import date_words, with_verb

NO_HARM = 99  # behind every class of harm
NEVER = timedelta.max
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
    LANE = "by its lane"
    USUAL = "by the usual duration"
    FORECAST = "our forecast"
    PROMISE = "promised"
    REPORTED = "still to come: check the report"
    WANTED = "wanted; the plant has not confirmed it yet"


class NextDate(NamedTuple):
    """What is expected next, when, and who says so."""

    what: str
    moment: datetime
    source: DateSource
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a centre sees of one order.

    `promise`, `forecast`: words for when the dose is to be ready, `promise_by`: “promised” or “wanted by”; `lateness`:
    how they stand to each other;
    `how_known`: what the forecast rests on; `ready_since`: when the dose became ready, once it is;
    `ready_beside`: that its order is on hold; `late_tests`: which results may come after the dose is given, and when.
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
    ready_beside: str
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
    forecast = facts.ready if waits and not ready_at and not _is_gone(facts, now) else None
    return Card(
        group=_group(facts, wanted),
        headline=headline(facts, now, zone),
        attempt=f"{ORDINALS.get(facts.attempt, 'Next')} attempt" if facts.attempt > 1 else "",
        next=_next_date(facts, now, zone) if waits and not facts.are_destroyed else None,
        promise=date_words(facts.promised_at, now, zone) if waits and facts.promised_at else "",
        promise_by=facts.date.by,
        forecast=forecast.when(now, zone) if forecast else "",
        lateness=forecast.stands(now) if forecast else "",
        how_known=forecast.how_known(now) if forecast else "",
        ready_since=day_words(ready_at, now, zone) if waits and ready_at else "",
        ready_beside=facts.ready.rests_on if waits and ready_at and facts.ready and facts.ready.is_fact else "",
        needs=wanted,
        preparation=preparation(facts, now, zone),
        late_tests=_late_tests(facts, now, zone) if ready_at or is_released(facts, now) else (),
        troubles=troubles(facts, now, zone, is_plant_asked=any(need.asks_plant for need in wanted)),
        setback=setback(facts),
    )


def urgency(card: Card, facts: CardFacts, now: datetime) -> tuple:
    """Sorts cards inside their group: the worst harm of their flags, critical before not, then what is due first; the
    ended ones newest first."""
    if card.group == CardGroup.DONE:
        ended = facts.infused_at or facts.ended_at
        return (0, now - ended if ended else NEVER)
    forecast_at = facts.ready.ready_at if facts.ready else None
    first = card.due or (card.next.moment if card.next else None) or forecast_at or facts.promised_at or LAST
    keys = [(flag.harm, flag.severity != Severity.CRITICAL, (flag.act_by or first) - now) for flag in facts.flags]
    return min(keys, default=(NO_HARM, True, first - now))


def _group(facts: CardFacts, wanted: Sequence[Need]) -> CardGroup:
    if wanted:
        return CardGroup.NEEDS_YOU
    return CardGroup.ON_ITS_WAY if facts.is_open else CardGroup.DONE


def _ready_at(facts: CardFacts, now: datetime) -> datetime | None:
    """Since when the dose is ready; None for one that failed, in place of which another is foreseen, for one in
    doubt, and for one that is elsewhere."""
    run = facts.runs.get(facts.flow.exit)
    if run is None or run.status == StageStatus.PENDING:
        return None
    if _is_gone(facts, now) or (facts.ready and (facts.ready.is_of_another or facts.ready.unsure)):
        return None
    return run.ready_at if run.ready_at and run.ready_at <= now else None


def _is_gone(facts: CardFacts, now: datetime) -> bool:
    """Whether the dose or its cells are not where they could be given from."""
    return facts.are_destroyed or facts.is_elsewhere(now)


def _late_tests(facts: CardFacts, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    before = "" if doubt_of(facts) else MAY_GO
    before = WENT if facts.infused_at and facts.infused_at <= now else before
    found = late_results(facts.flow.stages.values(), facts.runs)
    return tuple(one.words(now, lambda due: date_words(due, now, zone), before) for one in found)


def _next_date(facts: CardFacts, now: datetime, zone: tzinfo) -> NextDate | None:
    """The next thing to expect: a booked moment where there is one, then the usual end of the work under way, then the
    forecast, then the promise. A date that has passed is no date to plan by."""
    for what, moment, source in _expected(facts, now):
        if moment and moment >= now:
            return NextDate(what, moment, source, _date_of(facts, moment, source, now, zone))
    return None


def _date_of(facts: CardFacts, moment: datetime, source: DateSource, now: datetime, zone: tzinfo) -> str:
    """An appointment to the minute, as it was made; what is only expected or promised by its date."""
    if source in (DateSource.BOOKED, DateSource.AGREED, DateSource.REPORTED):
        return day_words(moment, now, zone)
    if source == DateSource.FORECAST and facts.ready:
        rests = f", {facts.ready.rests_on}" if facts.ready.rests_on else ""
        return f"{facts.ready.when(now, zone)}{rests}"
    about = "about " if source in (DateSource.LANE, DateSource.USUAL) else ""
    return f"{about}{date_words(moment, now, zone)}"


def _expected(facts: CardFacts, now: datetime) -> list[tuple[str, datetime | None, DateSource]]:
    booked, usual, left = [], [], facts.overtaken(now)
    for code, plan in facts.flow.stages.items():
        run = facts.runs.get(code)
        if run is None or plan.may_end_after_release or code in left:
            continue
        name = lowered(plan.name)
        kept = kept_words(facts, plan, StageEventKind.STARTED) or held_words(facts, plan, now)
        if is_to_begin(run.status, run.started_at, now):
            booked.append((f"{kept}{with_verb(plan.name, TO_COME)}", run.started_at, DateSource.REPORTED))
        elif ahead := end_to_come(facts, run, now):
            said = with_verb(facts.flow.stages[ahead.stage].name, END_TO_COME)
            booked.append((f"{kept}{said}", ahead.completed_at, DateSource.REPORTED))
        elif run.status in (StageStatus.READY, StageStatus.PENDING):
            booked.append((f"{kept}{with_verb(plan.name, 'begins')}", run.expected_start, DateSource.BOOKED))
        elif run.status == StageStatus.RUNNING and run.started_at:
            source = DateSource.AGREED if run.agreed else DateSource.BOOKED
            booked.append((f"End of {name}", booked_end(plan, run), source))
            arrival = facts.arrival_of(plan, now)
            if arrival and arrival.by == ArrivalBasis.LANE:
                booked.append((f"End of {name}", arrival.at, DateSource.LANE))
            elif not run.is_arrival_unknown:
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
    given = facts.runs.get(facts.flow.exit)
    is_out = given is not None and given.started_at is not None and given.started_at <= now
    is_there = facts.ready is not None and facts.ready.is_fact  # in doubt or not: its date is none to wait for
    rest = [] if held or is_out or is_there or _ready_at(facts, now) else rest
    # Simulated futures and usual durations may disagree: one card tells one of them.
    return [*booked, *([] if rest and facts.ready and facts.ready.is_simulated else usual), *rest]
