"""When the dose of an order will be ready: the one forecast that every reader tells.

Two models look ahead: simulated futures of the line, with a range and a chance of being late, and the plain one of
usual durations. Which of them speaks is decided here and nowhere else: the simulated one while it counts (in use,
confirmed within FRESH), the plain one otherwise, and then it is said why. A dose that is ready is a fact, no forecast.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from batches.forecasts.rules.conditions import (
    BEFORE_NEWS,
    IN_DOUBT,
    NOT_KNOWN,
    ON_HOLD,
    PlainForecast,
    assumed_then,
    assumed_words,
    if_usable,
    unended,
    unsure_why,
    unsure_words,
)
from batches.forecasts.rules.forecasts import CLOSE_SLACK_HOURS, ForecastFinding
from batches.forecasts.rules.words import LIKELY, about_days, future_words, late_words, may_be_late, may_words
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.orders.rules.change_requests import IF_DECLINED
from supplychain.orders.rules.promises import PROMISED, DoseDate, promise_words
from supplychain.orders.rules.standing import is_on_hold
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.words import MINUTE, ago_words, dates_words, span_words

# Earlier or later by less is as promised.
AS_PROMISED = timedelta(hours=12)
NONE_YET = "no simulated forecast of this order yet"
OUT_OF_USE = "the simulated forecast of this line has been less right lately and is not used"
# Of a forecast that rests on what may not be so and has time left: that is no news of this dose. That it may be late
# even so is said.
UNSURE = "not known to be in time"


class ReadyBasis(StrEnum):
    """Where the moment comes from."""

    FACT = "fact"
    SIMULATED = "simulated_futures"
    USUAL = "usual_durations"


class ReadyForecast(NamedTuple):
    """What is said of an open order. `ready_from` to `ready_to`: 8 of 10 cases (None: later than can be foreseen; the
    plain forecast has no range); `made_at`: when it was said first, `confirmed_at`: when last; `p_late`: of this
    date, 0–1; `doubt`: why the simulated futures do not speak, or what does not fit a fact; `assumes`: on what it
    rests; `date`: whether `promised_at` is a promise, in words; `unsure`: why nobody knows whether the dose can be
    given (IN_DOUBT, also of cells that nobody accounts for; ON_HOLD, of one to come); `p_wait`: of an order to come,
    the chance that a permitted wait of its cells runs out, where the order would be flagged for it; `if_declined`:
    that it holds only if what its centre asks for is declined; `if_usable`: that it holds only if cells that waited
    too long may be used; `long_queue`: of an order to come, for which place they would."""

    basis: ReadyBasis
    ready_at: datetime | None
    ready_from: datetime | None
    ready_to: datetime | None
    promised_at: datetime | None
    p_late: float | None
    made_at: datetime
    confirmed_at: datetime
    doubt: str = ""
    assumes: str = ""
    date: DoseDate = PROMISED
    unsure: str = ""
    p_wait: float | None = None
    if_declined: str = ""
    if_usable: str = ""
    long_queue: str = ""

    @property
    def rests_on(self) -> str:
        """All on which it rests, in words; empty: on nothing that may not be so."""
        return "; ".join(filter(None, (self.if_declined, self.if_usable, self.assumes)))

    @property
    def wait_words(self) -> str:
        """Of an order to come, that a permitted wait of its cells may run out, and what to do; empty: hardly ever."""
        runs_out = self.long_queue
        if self.p_wait is not None:
            chance = future_words(self.p_wait)
            runs_out = f"A permitted wait of the cells {may_words(self.p_wait)} run out on the way ({chance})"
        return f"{runs_out}: ask the plant for a place before the cells are collected." if runs_out else ""

    @property
    def is_fact(self) -> bool:
        """Whether the dose is ready."""
        return self.basis == ReadyBasis.FACT

    @property
    def is_doubted(self) -> bool:
        """Whether something does not fit a fact; that the order is on hold is said beside it, and is no doubt."""
        return self.is_fact and self.doubt not in ("", ON_HOLD)

    @property
    def is_of_another(self) -> bool:
        """Whether it speaks of another dose than one that waits to be given: that one failed, and a new attempt is
        foreseen (a dose that is ready and waits, on hold or not, is a fact)."""
        return not self.is_fact and bool(self.assumes) and self.assumes != BEFORE_NEWS

    @property
    def is_before_news(self) -> bool:
        """Whether it was made before what was reported last, and will be made anew."""
        return BEFORE_NEWS in self.assumes

    @property
    def is_simulated(self) -> bool:
        """Whether simulated futures say it."""
        return self.basis == ReadyBasis.SIMULATED

    @property
    def slack_hours(self) -> float | None:
        """Hours from the moment to the promise; negative: too late; None without either."""
        if self.promised_at is None or self.ready_at is None:
            return None
        return hours_between(self.ready_at, self.promised_at)

    @property
    def is_late(self) -> bool:
        """Whether it is more likely late than not; what is ready is late no more."""
        if self.is_fact or self.promised_at is None:
            return False
        if self.p_late is not None:
            return self.p_late >= 0.5
        return self.slack_hours is None or self.slack_hours < 0

    @property
    def may_be_late(self) -> bool:
        """Whether people hear that it may be late."""
        if self.is_fact or self.promised_at is None or self.p_late is None:
            return self.is_late
        return may_be_late(self.p_late)

    @property
    def is_unsure(self) -> bool:
        """Whether nobody knows if its date is kept: then files and systems get no probability and no slack either."""
        if not self.unsure or self.promised_at is None:
            return False
        return not self._is_missed if self.is_fact else not self.may_be_late

    @property
    def told_late(self) -> float | None:
        """The probability that it is late, as it is told."""
        return None if self.is_unsure else self.p_late

    @property
    def told_slack_hours(self) -> float | None:
        """The hours to the promise, as they are told them."""
        return None if self.is_unsure else self.slack_hours

    def when(self, now: datetime, zone: tzinfo = UTC) -> str:
        """The dates in words, in `zone`: “most likely 20–24 Dec”, “about 22 Dec”, “since 3 Dec”."""
        return self.when_said(now, lambda first, last: dates_words(first, last or first, now, zone))

    def when_said(self, now: datetime, say: Callable[[datetime, datetime | None], str]) -> str:
        """The same with dates as `say` writes them (one, or from one to another): sentences are kept without a zone."""
        if self.is_fact and self.unsure:
            return f"not known: {self.unsure}"
        if self.is_fact and self.ready_at:
            return f"since {say(self.ready_at, None)}"
        if self.ready_at is None:
            return "no date can be foreseen"
        if not self.is_simulated or self.ready_from is None:
            return f"about {say(max(self.ready_at, now), None)}"
        first = max(self.ready_from, now)
        if self.ready_to is None:
            return f"{say(first, None)} or later"
        return f"most likely {say(first, max(self.ready_to, first))}"

    @property
    def against_promise(self) -> str:
        """How it stands to the promise: “very likely late (98 %), about 7 days”; empty without a promise."""
        if self.is_fact or self.promised_at is None:
            return ""
        if self.is_unsure:
            return UNSURE
        if self.p_late is not None:
            how_late = self._how_late()
            return f"{late_words(self.p_late)}{f', {how_late}' if how_late else ''}"
        if self.slack_hours is None:
            return "no date can be foreseen"
        if abs(timedelta(hours=self.slack_hours)) < AS_PROMISED:
            return f"about {self.date.as_said}"
        if self.slack_hours < 0:
            return f"likely late, {self._distance()}"
        close = "close: " if self.slack_hours <= CLOSE_SLACK_HOURS else ""
        return f"{close}{self._distance()} before the {self.date.noun}"

    def stands(self, now: datetime) -> str:
        """The same at `now`: once the dose is ready or the promise has passed, whether it was kept is no chance."""
        if self.is_fact and (self.unsure or self.is_doubted) and not self._is_missed:
            said = NOT_KNOWN if self.unsure else unsure_words(IN_DOUBT)  # when() says why it is unsure
            return said if self.promised_at else ""
        if self.is_fact or (self.promised_at and self.promised_at <= now):
            said = promise_words(self.promised_at, self.ready_at if self.is_fact else None, now)
            return f"{self.date.noun} {said}" if said else ""
        return self.against_promise

    def how_known(self, now: datetime) -> str:
        """What it rests on and how old that is: “8 of 10 cases by simulation, confirmed 5 min ago”."""
        if self.is_fact:
            return f"reported; {self.doubt}" if self.doubt else "reported"
        age = ago_words(self.confirmed_at, now)
        if self.is_simulated and self.ready_at is None:
            rest = f"simulations, {'said' if self.is_before_news else 'confirmed'} {age}"
        elif self.is_simulated:
            rest = f"8 of 10 cases by simulation, {'said' if self.is_before_news else 'confirmed'} {age}"
        else:
            rest = f"usual durations, said {age}" + (f"; {self.doubt}" if self.doubt else "")
        return f"{rest}; {self.rests_on}" if self.rests_on else rest

    @property
    def _is_missed(self) -> bool:
        """Whether the dose was ready, in doubt or not, only after the date: that is known."""
        return self.slack_hours is not None and timedelta(hours=self.slack_hours) <= -MINUTE

    def _how_late(self) -> str:
        """By how much: where late is likely by the middle simulation; where it may be, that one says nothing of it."""
        if not self.may_be_late or self.promised_at is None or self.p_late is None:
            return ""
        if self.p_late >= LIKELY:
            return self._distance() if self.ready_at and self.ready_at > self.promised_at else ""
        beyond = self.ready_to - self.promised_at if self.ready_to else timedelta(0)
        return f"by {about_days(beyond)} or more in 1 of 10 cases" if beyond >= AS_PROMISED else ""

    def _distance(self) -> str:
        return about_days(timedelta(hours=self.slack_hours or 0.0))


def ready_forecast(
    plain: PlainForecast | None, said: StandingPrediction | None, *, promised_at: datetime | None, is_held: bool,
    now: datetime, date: DoseDate = PROMISED, news: str = "", wish: str = "",
) -> ReadyForecast | None:  # fmt: skip
    """What is said at `now` of an open order; None: nothing is said of it yet. `news`: BEFORE_NEWS, RESTARTED_THEN or
    REPEATED_THEN where the futures were made before what was reported last; `wish`: for what its centre waits for an
    answer."""
    assumes, unsure, declined = assumed_words(plain, is_held), unsure_why(plain, is_held), IF_DECLINED.get(wish, "")
    if plain and plain.is_reached:
        at, made = plain.ready_at, plain.made_at
        held = ON_HOLD if is_held and not unsure else ""
        lacks = "; ".join(filter(None, (unended(plain) or plain.assumes_cleared, held)))
        rests = plain.assumes_cleared or held
        return ReadyForecast(ReadyBasis.FACT, at, at, at, promised_at, None, made, made, lacks, rests, date, unsure)
    if said and said.counts_at(now):
        if news:
            assumes = assumed_then(plain, is_held, news)
        p_late = said.p_late if said.promised_at == promised_at else None
        return ReadyForecast(
            ReadyBasis.SIMULATED, said.ready_median, said.ready_low, said.ready_high, promised_at, p_late, said.made_at,
            said.confirmed_at, "", assumes, date, unsure, if_declined=declined,
            if_usable=if_usable(said.p_wait_expires),
        )  # fmt: skip
    if plain is None:
        return None
    return ReadyForecast(
        ReadyBasis.USUAL, plain.ready_at, None, None, promised_at, None, plain.made_at, plain.made_at,
        _doubt(said, now), assumes, date, unsure, if_declined=declined,
    )  # fmt: skip


def is_before_news(said: StandingPrediction | None, last: datetime | None) -> bool:
    """Whether what futures say was made before the `last` report of the order."""
    return said is not None and last is not None and last > said.confirmed_at


def ready_of(facts: OrderFacts, made: ForecastFinding | None, now: datetime) -> ReadyForecast | None:
    """The same from the facts that the flags read; `made`: the plain forecast of these facts."""
    if facts.status not in OPEN_ORDER_STATUSES or made is None:
        return None
    is_held = is_on_hold(facts.status, [stage.run.status for stage in facts.stages.values()])
    plain = PlainForecast(
        made.ready_at, made.made_at, made.is_reached, made.assumes_restart, made.assumes_ended, made.assumes_cleared,
        made.assumes_booked, made.assumes_repeated, made.assumes_stored_cells,
    )  # fmt: skip
    return ready_forecast(
        plain, facts.prediction, promised_at=facts.promised_at, is_held=is_held, now=now, date=facts.dose_date,
        news=BEFORE_NEWS if is_before_news(facts.prediction, facts.last_recorded_at) else "",
        wish=facts.change.wish if facts.change and facts.change.is_open else "",
    )  # fmt: skip


def _doubt(said: StandingPrediction | None, now: datetime) -> str:
    if said is None:
        return NONE_YET
    if not said.is_used:
        return OUT_OF_USE
    return f"the simulated forecast is {span_words(now - said.confirmed_at)} old and not used any more"
