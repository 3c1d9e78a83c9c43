"""The play: every open order goes on from where it stands, in shortened time; what happens is reported as it happens.

Hours of work pass in seconds of play. Reports carry the real moment (never one to come); planned moments in them are as
far ahead as the play will take to reach them.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from http import HTTPStatus
from itertools import count
from operator import itemgetter
from random import Random
from typing import Any

from cellops.demo import numbers
from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath
from cellops.demo.live.cast import Cast
from cellops.demo.live.client import Api
from cellops.demo.live.standings import read_order, shipment_meant
from cellops.demo.packing import as_it_stands
from cellops.demo.sites import CENTRES, HOSPITALS, JOURNEYS, MES
from cellops.demo.times import noon_of_working_day
from supplychain.orders.rules.durations import CONFIRMED
from supplychain.orders.rules.states import DETAIL_MOMENTS
from supplychain.orders.statuses import (
    PACKING_ENDS,
    OrderEventKind,
    OrderStatus,
    Priority,
    ReportOutcome,
    StageEventKind,
)

log = logging.getLogger(__name__)

ORDERS, EVENTS, POOLS = "/api/v1/orders/", "/api/v1/events/", "/api/v1/pools/"
GOING_ON = ({"open": "true"}, {"status": OrderStatus.INFUSED.value})
ENDED = (OrderStatus.CANCELLED, OrderStatus.CLOSED)
TAKEN = (ReportOutcome.CREATED, ReportOutcome.DUPLICATE)
MOST_EVENTS_A_TICK = 40
# New orders an hour of play, as many as the demo's past ends with.
ORDERS_AN_HOUR = 3.2 / 24
URGENT_SHARE = 0.12
# Promised where neither an order of the kind nor a forecast is known: real days, for people keep promises.
USUAL_PROMISE = timedelta(days=35)
NEWS_EVERY, NEWS_OVERLAP = timedelta(seconds=30), timedelta(seconds=5)
# One order in ten seconds at most, numbered by the clock: unique for three months, also after a new start.
INDEX_STEP_SECONDS, INDEX_CYCLE, INDEX_START = 10, 800_000, 1_000


class Theatre:
    """The state of the play. `speed`: hours of play in a real minute."""

    def __init__(self, api: Api, paths: Mapping[str, FlowPath], *, speed: float, seed: int, now: datetime) -> None:
        self.api, self.paths = api, dict(paths)
        self.seconds_per_second = speed * 60
        self.random = Random(f"{seed}:live")
        self.cast = Cast(self.paths, seed=seed, now=now)
        self.due: list[tuple[datetime, int, DemoEvent]] = []
        self.ticket = count()
        self.heard_until = now
        # What was promised to the newest order of each kind.
        self.promised: dict[tuple[str, str], timedelta] = {}
        self.next_order_at = now + self._until_next_order()

    @property
    def play_time(self) -> datetime:
        """How far the play has come."""
        return self.cast.clock.now

    def begin(self, now: datetime) -> int:
        """Read pools and orders; returns how many orders go on."""
        for source in (HOSPITALS.code, *(one.code for one in MES.values())):
            self.cast.set_up_pools(self.api.rows(source, POOLS))
        details = [
            self._detail(row["id"]) for filters in GOING_ON for row in self.api.rows(HOSPITALS.code, ORDERS, **filters)
        ]
        for detail in sorted((one for one in details if one and one["attempt"] == 1), key=itemgetter("ordered_at")):
            self._learn_promise(detail)
        orders = [one for detail in details if detail and (one := read_order(detail, self.paths, now))]
        for one in sorted(orders, key=lambda one: (one.waits_since, one.order.index)):
            self.cast.enter(one, now)
        return len(orders)

    def tick(self, now: datetime, elapsed: timedelta) -> int:
        """Let the play go on by `elapsed` real time and report what happened; returns how many reports were sent."""
        self.cast.clock.run(until=self.play_time + elapsed * self.seconds_per_second)
        if self.play_time >= self.next_order_at:
            self.next_order_at = self.play_time + self._until_next_order()
            self._place_order(now)
        for event in self.cast.take_events():
            heappush(self.due, (event.heard_at, next(self.ticket), event))
        sent = self._report(now)
        if now - self.heard_until >= NEWS_EVERY:
            self._hear_news(now)
        return sent

    def _report(self, now: datetime) -> int:
        by_source: dict[str, list[dict[str, Any]]] = {}
        sent = 0
        while self.due and self.due[0][0] <= self.play_time and sent < MOST_EVENTS_A_TICK:
            event = heappop(self.due)[2]
            order_id = self.cast.ids.get(event.order)
            if order_id and (event := self._as_it_stands(event, order_id)):
                by_source.setdefault(event.source, []).append(self._row(event, order_id, now))
                sent += 1
        for source, rows in by_source.items():
            self._send(source, rows)
        return sent

    def _as_it_stands(self, event: DemoEvent, order_id: str) -> DemoEvent | None:
        """A report as it is still to be made: whoever watches the play may have packed a shipment themselves."""
        if event.kind not in PACKING_ENDS:
            return event
        detail = self._detail(order_id)
        return as_it_stands(event, shipment_meant(detail, event)) if detail else None

    def _send(self, source: str, rows: list[dict[str, Any]]) -> None:
        answer = self.api.call(source, "POST", EVENTS, json=rows)
        if answer.status != HTTPStatus.OK or not isinstance(answer.body, dict):
            log.warning("Reports of %s were not taken (%s): %s", source, answer.status, answer.body)
            return
        for result in answer.body["results"]:
            if result["outcome"] not in TAKEN:
                log.warning("%s was not taken: %s", result["source_event_id"], result["reason"])

    def _row(self, event: DemoEvent, order_id: str, now: datetime) -> dict[str, Any]:
        payload = {
            name: self._real(datetime.fromisoformat(value), now).isoformat() if name in DETAIL_MOMENTS else value
            for name, value in event.payload.items()
        }
        if event.kind == OrderEventKind.PROMISED:
            payload["promised_at"] = self._new_promise(order_id, now).isoformat()
        if event.kind == StageEventKind.COMPLETED:
            payload[CONFIRMED] = "Live demo"  # the play shortens time, and says so
        row = {
            "source_event_id": f"live-{now:%y%m%d%H%M%S}-{self.random.randrange(16**10):010x}",
            "order": order_id,
            "kind": event.kind,
            "stage": event.stage,
            "occurred_at": min(self._real(event.occurred_at, now), now).isoformat(),
            "resource": event.resource,
            "payload": payload,
        }
        return row if event.attempt is None else row | {"attempt": event.attempt}

    def _real(self, moment: datetime, now: datetime) -> datetime:
        """The real moment at which the play is, was or will be at `moment`."""
        return now + (moment - self.play_time) / self.seconds_per_second

    def _place_order(self, now: datetime) -> None:
        order = self._new_order(now)
        if order.index in self.cast.ids:
            return
        answer = self.api.call(HOSPITALS.code, "POST", ORDERS, json=_request(order, now))
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            self.cast.start(answer.body["id"], order)
        else:
            log.warning("An order was not taken (%s): %s", answer.status, answer.body)

    def _new_order(self, now: datetime) -> DemoOrder:
        index = int(now.timestamp() / INDEX_STEP_SECONDS) % INDEX_CYCLE + INDEX_START
        centre = self.random.choice(CENTRES)
        journey = self.random.choices(JOURNEYS, weights=[one.share for one in JOURNEYS])[0]
        promised = now + self.promised.get(journey[:2], USUAL_PROMISE)
        return DemoOrder(
            index=index,
            coi=numbers.coi(self.random, now),
            patient_reference=numbers.patient_reference(self.random),
            hospital_order_number=f"{centre.code[:3].upper()}-{now:%Y}-{index + 1:06d}",
            journey=journey,
            centre=centre,
            urgent=self.random.random() < URGENT_SHARE,
            ordered_at=self.play_time,
            promised_at=noon_of_working_day(promised, centre.time_zone),
        )

    def _learn_promise(self, detail: Mapping[str, Any]) -> None:
        if detail["promised_at"]:
            ordered, promised = (datetime.fromisoformat(detail[name]) for name in ("ordered_at", "promised_at"))
            self.promised[detail["product"], detail["flow"]] = promised - ordered

    def _new_promise(self, order_id: str, now: datetime) -> datetime:
        """The late end of what is forecast for an order, as a date for the centre."""
        detail = self._detail(order_id)
        forecast = detail and detail["forecast"]
        ready_to = forecast and forecast["ready_to"]
        promised = max(datetime.fromisoformat(ready_to), now) if ready_to else now + USUAL_PROMISE
        zone = self.cast.travels[order_id].order.centre.time_zone
        return noon_of_working_day(promised, zone)

    def _detail(self, order_id: str) -> Mapping[str, Any] | None:
        answer = self.api.call(HOSPITALS.code, "GET", f"{ORDERS}{order_id}/")
        return answer.body if answer.status == HTTPStatus.OK else None

    def _hear_news(self, now: datetime) -> None:
        """Orders that others ended stop here, and orders that others placed join the play."""
        since, self.heard_until = self.heard_until - NEWS_OVERLAP, now
        for row in list(self.api.rows(HOSPITALS.code, ORDERS, updated_since=since.isoformat())):
            if row["status"] in ENDED:
                self.cast.dismiss(row["id"])
            elif row["id"] not in self.cast.travels:
                detail = self._detail(row["id"])
                if detail and (one := read_order(detail, self.paths, now)):
                    self.cast.enter(one, now)

    def _until_next_order(self) -> timedelta:
        return timedelta(hours=self.random.expovariate(ORDERS_AN_HOUR))


def _request(order: DemoOrder, now: datetime) -> dict[str, Any]:
    return {
        "product": order.journey.product,
        "flow": order.journey.flow,
        "plant": order.journey.plant.code,
        "ordering_site": order.centre.code,
        "patient_reference": order.patient_reference,
        "coi": order.coi,
        "hospital_order_number": order.hospital_order_number,
        "promised_at": order.promised_at.isoformat() if order.promised_at else None,
        "ordered_at": now.isoformat(),
        "priority": Priority.URGENT if order.urgent else Priority.ROUTINE,
        "source_event_id": f"live-order-{order.hospital_order_number}",
    }
