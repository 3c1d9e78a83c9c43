"""Who takes part in the play: orders on their way, and the places they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cellops.demo.capacities import POOL_NAMES
from cellops.demo.engine import Clock, DemoPool
from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath, World
from cellops.demo.journeys import Travel
from cellops.demo.live.standings import LiveOrder, Run, hours_since, place_number
from supplychain.flows.rules.checks import StageDefinition

# Of the orders that are late when the play begins, how many stay so: the board keeps something to act on.
FORGOTTEN_SHARE = 0.5
# About one order in twelve is forgotten at some stage.
FORGETTING = 0.006


class Cast:
    """All orders of the play on one clock, with the pools they share. `ids`: order id by index."""

    def __init__(self, paths: Mapping[str, FlowPath], *, seed: int, now: datetime) -> None:
        self.clock = Clock(now)
        # Whoever watches the play wants something to move, at whatever hour: it has neither nights nor weekends.
        self.world = World(seed, self.clock, {}, dict(paths), has_shifts=False, packs=True, forgetting=FORGETTING)
        self.travels: dict[str, Travel] = {}
        self.ids: dict[int, str] = {}

    def set_up_pools(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Pools with the places that the API tells of, all free."""
        for row in rows:
            names = POOL_NAMES.get(row["code"], (row["name"], f"{row['name']} {{place}}"))
            places = max(row["capacity"] or 1, 1)
            self.world.pools[row["site"], row["code"]] = DemoPool(row["site"], row["code"], names, [
                (self.clock.now, places)
            ])  # fmt: skip

    def start(self, order_id: str, order: DemoOrder) -> None:
        """A new order begins its way."""
        self.clock.start(self._follow(order_id, order).walk(), self.clock.now)

    def enter(self, one: LiveOrder, now: datetime) -> None:
        """An order goes on from where it stands, holding the place that it holds."""
        travel, standing = self._follow(one.id, one.order), one.standing
        forgotten = one.late and travel.random.random() < FORGOTTEN_SHARE
        if standing.begun_hours is not None or standing.place:
            stage = travel.flow.stages[standing.position]
            standing = replace(standing, place=self._occupy(travel.site_of(stage), stage.pool, standing.place))
        self.clock.start(travel.resume(replace(standing, forgotten=forgotten)), self.clock.now)
        for stage, run in one.tests:
            self._enter_test(travel, stage, run, now)

    def dismiss(self, order_id: str) -> None:
        """An order that somebody else has ended leaves the play."""
        if travel := self.travels.get(order_id):
            travel.ended = True
            self.ids.pop(travel.order.index, None)

    def take_events(self) -> list[DemoEvent]:
        """What has been said since the last time."""
        events = list(self.world.events)
        self.world.events.clear()
        return events

    def _follow(self, order_id: str, order: DemoOrder) -> Travel:
        if order.index in self.ids:
            order = replace(order, index=max(self.ids) + 1)
        travel = Travel(order, self.world)
        self.travels[order_id], self.ids[order.index] = travel, order_id
        return travel

    def _enter_test(self, travel: Travel, stage: StageDefinition, run: Run, now: datetime) -> None:
        if run["started_at"]:
            place = self._occupy(travel.site_of(stage), stage.pool, place_number(run["resource"]))
            test = travel.test_beside(stage, begun_hours=hours_since(run["started_at"], now), place=place)
        else:
            test = travel.test_beside(stage)
        self.clock.start(test, self.clock.now)

    def _occupy(self, site: str, code: str, place: int) -> int:
        """Take the place that a report named; another free one if it is taken, one beyond the pool's if all are."""
        if not code:
            return 0
        pool = self.world.pools[site, code]
        if place in pool.free:
            pool.free.remove(place)
            return place
        return pool.free.pop() if pool.free else pool.most_places + 1
