"""Risks of each kind among the open orders: which orders meet them, and what is then reported.

An order is made to stall where it really stands (so that places stay consistent), then the reports that make the risk
are changed or added. Stages of suites and tests are stalled in a plant with places to spare: nobody else waits longer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cellops.demo.delays import shipment_delayed
from cellops.demo.facts import DemoEvent, DemoOrder, Stall
from cellops.demo.hand_overs import handed_over, moment_of, second_missing
from cellops.demo.labels import labels_left_open
from cellops.demo.packing import packed_past_qualification
from cellops.demo.sites import COURIER, HOSPITALS, LABORATORY, LEIDEN, MES, PORTO, DemoSite
from cellops.demo.times import HOSPITAL, PLANT, hours, last_in_shift, noon_of_working_day
from supplychain.orders.rules.states import DETAIL_MOMENTS
from supplychain.orders.statuses import ChangeCause, ChangeWish, OrderEventKind, StageEventKind

Change = Callable[[Sequence[DemoOrder], list[DemoEvent], datetime], None]


@dataclass(frozen=True, slots=True)
class Risk:
    """What goes wrong with which orders."""

    name: str
    orders: tuple[DemoOrder, ...]
    stall: Stall | None
    change: Change


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the order of a risk must stand: at least `hours` after this event, as near to it as there is one."""

    name: str
    stage: str
    kind: StageEventKind
    hours: float
    stall: Stall | None
    change: Change
    plant: DemoSite | None = None
    orders: int = 1
    # The event that must not have come yet, or must have (late failure: the dose was given).
    also: tuple[str, StageEventKind] | None = None


def stalls_of(risks: Iterable[Risk]) -> dict[int, Stall]:
    """The stalls by order index."""
    return {order.index: risk.stall for risk in risks if risk.stall for order in risk.orders}


def choose_risks(orders: Sequence[DemoOrder], events: Sequence[DemoEvent], now: datetime) -> list[Risk]:
    """An order for each risk, none for two; a risk for which no order stands right is left out."""
    told = [event for event in events if event.heard_at <= now]
    gone = {event.order for event in told if event.kind in (OrderEventKind.CANCELLED, StageEventKind.FAILED)}
    gone |= {event.order for event in told if not event.stage and event.kind == OrderEventKind.HELD}
    moments = {(event.order, event.stage, event.kind): event.occurred_at for event in told}
    risks = []
    for wanted in WANTED:
        found = [order for order in _standing(wanted, orders, moments, now) if order.index not in gone]
        if len(found) >= wanted.orders:
            chosen = tuple(found[: wanted.orders])
            gone.update(order.index for order in chosen)
            risks.append(Risk(wanted.name, chosen, wanted.stall, wanted.change))
    return risks


def _standing(
    wanted: Wanted,
    orders: Sequence[DemoOrder],
    moments: Mapping[tuple[int, str, str], datetime],
    now: datetime,
) -> list[DemoOrder]:
    """Orders of which the wanted event is old enough, the youngest first."""
    found = []
    for order in orders:
        moment = moments.get((order.index, wanted.stage, wanted.kind))
        if moment is None or moment > now - hours(wanted.hours):
            continue
        if wanted.plant and order.journey.plant != wanted.plant:
            continue
        if wanted.also and (order.index, *wanted.also) not in moments:
            continue
        found.append((now - moment, order.index, order))
    return [order for _, _, order in sorted(found, key=lambda one: one[:2])]


def _report(
    order: DemoOrder,
    now: datetime,
    source: str,
    kind: str,
    stage: str = "",
    *,
    ago: float,
    attempt: int | None = None,
    heard_ago: float | None = None,
    **payload: Any,
) -> DemoEvent:
    """One more report, about `ago` hours ago, by people in their shift before; heard a few minutes later unless said
    otherwise."""
    occurred = now - hours(ago)
    if source == HOSPITALS.code:
        occurred = last_in_shift(occurred, HOSPITAL, order.centre.time_zone)
    elif source == MES[order.journey.plant.code].code:
        occurred = last_in_shift(occurred, PLANT, order.journey.plant.time_zone)
    heard = now - hours(heard_ago) if heard_ago is not None else min(occurred + timedelta(minutes=6), now)
    return DemoEvent(order.index, source, str(kind), stage, attempt, occurred, heard, "", payload)


def _nothing_more(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The stall alone is the risk."""


def _wait_half_over(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The collection was booked some days later, or the courier was quick: half of the permitted wait is over."""
    for order in orders:
        waited = now - moment_of(events, order, "receipt", COMPLETED)
        _move(events, order, ("collection", "inbound", "receipt"), (waited - hours(LEAST_WAITED)) // DAY * DAY)
        arrived, sent = moment_of(events, order, "receipt", COMPLETED), moment_of(events, order, "inbound", STARTED)
        wanted = last_in_shift(now - hours(WAITED), PLANT, order.journey.plant.time_zone)
        if wanted < arrived:
            _move(
                events,
                order,
                ("receipt",),
                max(wanted - arrived, hours(QUICKEST) - (arrived - sent)),
                also_end_of="inbound",
            )


def _move(
    events: list[DemoEvent], order: DemoOrder, stages: tuple[str, ...], by: timedelta, *, also_end_of: str = ""
) -> None:
    """Let these stages of an order, and the end of one more, happen so much later; what was said of plans says so."""
    for position, event in enumerate(events):
        ends = event.stage == also_end_of and event.kind == COMPLETED
        if event.order == order.index and (event.stage in stages or ends):
            events[position] = _moved(event, by)


def _moved(event: DemoEvent, by: timedelta) -> DemoEvent:
    payload = {
        name: (datetime.fromisoformat(value) + by).isoformat() if name in DETAIL_MOMENTS else value
        for name, value in event.payload.items()
    }
    if event.kind == SCHEDULED and event.stage == "collection":
        return event._replace(payload=payload)
    return event._replace(occurred_at=event.occurred_at + by, heard_at=event.heard_at + by, payload=payload)


def _failed(stage: str, source: str, ago: float, reason: str) -> Change:
    def change(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
        for order in orders:
            by = source or MES[order.journey.plant.code].code
            events.append(_report(order, now, by, StageEventKind.FAILED, stage, ago=ago, attempt=1, reason=reason))

    return change


def _held(ago: float, reason: str, stage: str = "") -> Change:
    def change(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
        for order in orders:
            source = MES[order.journey.plant.code].code
            kind = StageEventKind.HELD if stage else OrderEventKind.HELD
            attempt = 1 if stage else None
            events.append(_report(order, now, source, kind, stage, ago=ago, attempt=attempt, reason=reason))

    return change


def _promised_too_early(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    for order in orders:
        order.promised_at = noon_of_working_day(now + timedelta(days=5), order.centre.time_zone)


def _started_too_soon(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The release is begun although the release tests run."""
    for order in orders:
        mes = MES[order.journey.plant.code].code
        events.append(_report(order, now, mes, StageEventKind.STARTED, "disposition", ago=2.5, attempt=1))


def _clock_ahead(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """A courier's device is a day ahead of everybody else's."""
    for order in orders:
        events.append(_report(order, now, COURIER.code, StageEventKind.STARTED, "inbound", ago=-25, heard_ago=0.2))


def _released_by_the_courier(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The courier's system says what only quality assurance may say."""
    for order in orders:
        events.append(_report(order, now, COURIER.code, StageEventKind.COMPLETED, "disposition", ago=1.5, attempt=1))


def _one_number_twice(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The second collection was reported under the first one's donation number."""
    first, second = (order.index for order in orders)
    places = {
        event.order: position
        for position, event in enumerate(events)
        if event.order in (first, second) and "donation_number" in event.payload
    }
    wrong = events[places[second]]
    events[places[second]] = wrong._replace(payload=events[places[first]].payload)


def _number_of_another_form(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The hospital's system corrects the donation number to one of its own."""
    for order in orders:
        number = f"47-{order.index}"
        note = _report(order, now, HOSPITALS.code, StageEventKind.NOTE, "collection", ago=1, donation_number=number)
        events.append(note)


def _hold_asked(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The centre asks the plant to wait; nobody has answered yet."""
    for order in orders:
        asked = {"wish": ChangeWish.HOLD.value, "cause": ChangeCause.TOO_ILL.value}
        events.append(_report(order, now, HOSPITALS.code, OrderEventKind.CHANGE_ASKED, ago=2, **asked))


def _late_failure(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    reason = "growth in one of two bottles on day 13"
    _failed("sterility_final", LABORATORY.code, 3.2, reason)(orders, events, now)


# Hours that have passed of the 48 for which fresh cells may wait before their selection: as the past has made it, and
# as it is told; and how long a courier takes at least.
LEAST_WAITED, WAITED, QUICKEST = 15, 25, 8
DAY = timedelta(days=1)
MADE = PORTO
TESTED = LEIDEN
STARTED, COMPLETED, SCHEDULED = StageEventKind.STARTED, StageEventKind.COMPLETED, StageEventKind.SCHEDULED
WANTED = (
    Wanted("late sterility failure", "infusion", COMPLETED, 20, Stall("sterility_final", True), _late_failure, TESTED,
           also=("sterility_final", STARTED)),
    Wanted("permitted wait running out", "receipt", COMPLETED, 15, Stall("selection", False), _wait_half_over, MADE),
    Wanted("permitted wait over", "receipt", COMPLETED, 49, Stall("selection", False), _nothing_more, MADE),
    Wanted("stage beyond its worst case", "expansion", STARTED, 267, Stall("expansion", True), _nothing_more, MADE),
    Wanted("stage late", "expansion", STARTED, 177, Stall("expansion", True), _nothing_more, MADE),
    Wanted("batch failed", "expansion", STARTED, 90, Stall("expansion", True),
           _failed("expansion", "", 9, "contamination suspected in the bag"), MADE),
    Wanted("out of specification", "qc_release_tests", STARTED, 80, Stall("qc_release_tests", True),
           _failed("qc_release_tests", LABORATORY.code, 5, "viability 58 %, limit 70 %"), TESTED),
    Wanted("promised too early", "harvest", COMPLETED, 30, Stall("qc_release_tests", True), _promised_too_early,
           TESTED),
    Wanted("courier silent", "inbound", STARTED, 52, Stall("inbound", True), _nothing_more),
    Wanted("delivery overdue", "outbound", STARTED, 54, Stall("outbound", True), _nothing_more),
    Wanted("appointment passed", "collection", STARTED, 7, Stall("collection", False), _nothing_more),
    Wanted("started too soon", "qc_release_tests", STARTED, 50, Stall("qc_release_tests", True), _started_too_soon,
           TESTED),
    Wanted("clock a day ahead", "collection", COMPLETED, 2, Stall("inbound", False), _clock_ahead, LEIDEN),
    Wanted("order on hold", "receipt", COMPLETED, 31, Stall("selection", False),
           _held(21, "patient has an infection"), LEIDEN),
    Wanted("order long on hold", "enrolment", COMPLETED, 100, Stall("collection", False),
           _held(90, "funding approval pending")),
    Wanted("stage on hold", "disposition", STARTED, 22, Stall("disposition", True),
           _held(12, "deviation open", "disposition"), TESTED),
    Wanted("released by the courier", "qc_release_tests", STARTED, 30, Stall("qc_release_tests", True),
           _released_by_the_courier, TESTED),
    Wanted("one number on two orders", "collection", COMPLETED, 20, None, _one_number_twice, orders=2),
    Wanted("number of another form", "collection", COMPLETED, 13, None, _number_of_another_form),
    Wanted("hold asked by the centre", "qc_release_tests", STARTED, 20, Stall("qc_release_tests", True), _hold_asked,
           TESTED),
    Wanted("hand-overs told", "inbound", COMPLETED, 12, None, handed_over(12), also=("inbound", STARTED)),
    Wanted("custody unclear", "inbound", COMPLETED, 12, None, handed_over(95), also=("inbound", STARTED)),
    Wanted("second person missing", "outbound", COMPLETED, 3, None, second_missing, LEIDEN),
    Wanted("label left open", "transduction", COMPLETED, 3, None, labels_left_open),
    Wanted("shipment delayed", "inbound", STARTED, 4, Stall("inbound", True), shipment_delayed),
    Wanted("shipper past its qualification", "inbound", COMPLETED, 3, None, packed_past_qualification),
)  # fmt: skip
