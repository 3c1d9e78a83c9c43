"""One order's way through its flow, stage by stage, waiting for places like everybody else."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cellops.demo import fates
from cellops.demo.engine import DemoPool, Place, Process
from cellops.demo.facts import DemoOrder, World
from cellops.demo.packing import packing_of, unpacking_of
from cellops.demo.plans import arrange
from cellops.demo.reports import Reports
from cellops.demo.times import INCUBATION_SHARE, MEDIAN_SHARE, hours, work_hours
from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.packing import SHIPPER_NUMBER
from supplychain.orders.rules.states import CELLS_DECIDED
from supplychain.orders.statuses import OrderEventKind, StageEventKind

FOR_GOOD = timedelta(days=10_000)
FORGOTTEN_HOURS = (400, 1_200)
CLOSED_AFTER_HOURS = 28 * 24
# So long after a cancellation the plant says what became of the cells.
DECIDED_AFTER_HOURS = 4 * 24
URGENT, ROUTINE = 0, 1

Doing = Generator[Any, Any, bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands that goes on from here: stages done, and what goes on now (hours since its start).

    `place`: the one it holds of its pool, 0 none; `resource`: who or what was said to do it. `planned`: what is
    arranged for the next stage was reported already. `waits`: it stands in the queue for a place. `forgotten`: nobody
    will say anything of it any more.
    """

    attempt: int = 1
    position: int = 0
    begun_hours: float | None = None
    place: int = 0
    resource: str = ""
    planned: bool = False
    waits: bool = False
    held: bool = False
    failed: bool = False
    order_held: bool = False
    forgotten: bool = False


class Travel(Reports):
    """The journey of one order."""

    def __init__(self, order: DemoOrder, world: World) -> None:
        super().__init__(order, world)
        self.suite: tuple[DemoPool, int] | None = None
        self.shipper = ""
        self.ended = False
        self.lost_after = fates.stage_after_which_lost(self.random)
        self.held_after = fates.stage_after_which_held(self.random)

    def walk(self) -> Process:
        """From order to infusion, or as far as it comes."""
        self.say(OrderEventKind.CONFIRMED, source=self.mes, after=self.random.uniform(0.5, 6))
        yield self.now
        yield from self._go_on(0)

    def resume(self, standing: Standing) -> Process:
        """Go on from where the order stands."""
        self.attempt = standing.attempt
        if standing.forgotten:
            yield self.now + FOR_GOOD
        if standing.order_held:
            yield self.decided_at(self.random.uniform(10, 60))
            self.say_order(OrderEventKind.RESUMED)
        position = standing.position
        if position < len(self.flow.stages):
            stage = self.flow.stages[position]
            position = yield from self._leave_stage(position, (yield from self._take_up(stage, standing)))
        yield from self._go_on(position)

    def _go_on(self, position: int) -> Process:
        while 0 <= position < len(self.flow.stages):
            stage = self.flow.stages[position]
            done = yield from self._perform(stage)
            position = yield from self._leave_stage(position, done)
        if position >= 0:
            self.say(OrderEventKind.CLOSED, source=self.mes, after=CLOSED_AFTER_HOURS + self.random.uniform(0, 72))

    def _leave_stage(self, position: int, done: bool) -> Generator[Any, Any, int]:
        """Where the order goes after a stage: the next one, back to a new attempt, or (-1) nowhere."""
        stage = self.flow.stages[position]
        if self.ended:
            return -1
        if not done:
            return self.flow.restart if (yield from self._begin_again()) else -1
        if stage.code == self.lost_after:
            self._cancel(self.random.choice(fates.CANCEL_REASONS))
            return -1
        if stage.code == self.held_after:
            yield from self._hold_order()
        for test in self.flow.beside.get(stage.code, ()):
            self.world.clock.start(self.test_beside(test), self.now)
        return position + 1

    def _perform(self, stage: StageDefinition, *, planned: bool = False, waits: bool = False) -> Doing:
        """Do one stage; False: it failed."""
        stall = self.world.stalls.get(self.order.index)
        arrangement = arrange(self.random, stage, self.order, self.now)
        if not planned:
            self.say_plan(stage, arrangement)
        if stall and stall.stage == stage.code and not stall.begun:
            yield self.now + FOR_GOOD
        yield self.now if waits else arrangement.may_start_at
        place = yield from self._take_place(stage)
        yield self.start_of(stage)
        self.shipper = arrangement.payload.get(SHIPPER_NUMBER, "")
        resource = arrangement.resource or self.resource_of(stage, place)
        if self.ended:
            self._leave_place(stage, place, failed=True)
            return False
        self._begin(stage, resource)
        if stall and stall.stage == stage.code:
            yield self.now + FOR_GOOD
        if self.world.forgetting and fates.happens(self.random, self.world.forgetting):
            yield self.now + hours(self.random.uniform(*FORGOTTEN_HOURS))
        return (yield from self._work(stage, resource, place))

    def _take_up(self, stage: StageDefinition, standing: Standing) -> Doing:
        """Go on with the stage that an order stands at."""
        if standing.failed:
            return False
        place = standing.place
        if place and (stage.keeps_pool or self.goes_on_in_place(stage)):
            self.suite = (self.world.pools[self.site_of(stage), stage.pool], place)
        if standing.held:
            yield self.end_of(stage, self.random.uniform(6, 40))
            self.say(StageEventKind.RESUMED, stage)
        if standing.begun_hours is None:
            return (yield from self._perform(stage, planned=standing.planned, waits=standing.waits))
        return (yield from self._work(stage, standing.resource, place, begun_hours=standing.begun_hours))

    def _work(self, stage: StageDefinition, resource: str, place: int, *, begun_hours: float = 0) -> Doing:
        share = INCUBATION_SHARE if stage.may_end_after_release else MEDIAN_SHARE
        duration = work_hours(self.random, stage.planned_hours, stage.worst_hours, median_share=share)
        if begun_hours:
            # What is late already takes some more time still.
            duration = max(duration - begun_hours, self.random.uniform(0.05, 0.35) * stage.planned_hours)
        elif held := fates.hold_of(self.random, stage):
            yield self.end_of(stage, duration / 2)
            duration /= 2
            self.say(StageEventKind.HELD, stage, payload={"reason": fates.hold_reason(self.random, stage)})
            yield self.end_of(stage, held)
            self.say(StageEventKind.RESUMED, stage)
        fails = not begun_hours and fates.fails(self.random, stage)
        yield self.end_of(stage, duration * (self.random.uniform(0.3, 0.95) if fails else 1))
        if fails:
            self.say(StageEventKind.FAILED, stage, payload={"reason": fates.failure_reason(self.random, stage)})
        elif not self.ended:
            self._end(stage, resource)
        self._leave_place(stage, place, failed=fails)
        return not fails

    def _begin(self, stage: StageDefinition, resource: str) -> None:
        """Report a start; a shipment is packed right before it."""
        start = self.say_start(stage, resource)
        if self.world.packs and stage.kind == StageKind.TRANSPORT:
            self.world.events.append(packing_of(self.order, start, self.shipper))

    def _end(self, stage: StageDefinition, resource: str) -> None:
        """Report the end; a shipment is unpacked right after it."""
        end = self.say_end(stage, resource)
        if self.world.packs and stage.kind == StageKind.TRANSPORT:
            self.world.events.append(unpacking_of(self.order, end, self.shipper))

    def _take_place(self, stage: StageDefinition) -> Generator[Any, Any, int]:
        if not stage.pool:
            return 0
        if stage.keeps_pool and self.suite:
            return self.suite[1]
        pool = self.world.pools[self.site_of(stage), stage.pool]
        place = yield Place(pool, URGENT if self.order.urgent else ROUTINE)
        if self.goes_on_in_place(stage):
            self.suite = (pool, place)
        return place

    def _leave_place(self, stage: StageDefinition, place: int, *, failed: bool) -> None:
        if not stage.pool:
            return
        if self.suite is None:
            self.world.clock.give_back(self.world.pools[self.site_of(stage), stage.pool], place)
        elif failed or self.ended or not self.goes_on_in_place(stage):
            self.world.clock.give_back(*self.suite)
            self.suite = None

    def test_beside(self, stage: StageDefinition, *, begun_hours: float = 0, place: int = 0) -> Process:
        """A test that may end after the dose was given, from its beginning or from `begun_hours` after it.

        It has a chance and an attempt of its own: the order goes on meanwhile.
        """
        own = Reports(self.order, self.world, attempt=self.attempt, part=f"{stage.code}:{self.attempt}")
        pool = self.world.pools[self.site_of(stage), stage.pool]
        if not begun_hours:
            yield arrange(own.random, stage, self.order, self.now).may_start_at
            place = yield Place(pool, ROUTINE)
            yield own.start_of(stage)
            if not self.ended:
                own.say_start(stage, self.resource_of(stage, place))
        stall = self.world.stalls.get(self.order.index)
        if stall and stall.stage == stage.code:
            yield self.now + FOR_GOOD
        duration = work_hours(own.random, stage.planned_hours, stage.worst_hours, median_share=INCUBATION_SHARE)
        yield self.now + hours(max(duration - begun_hours, 1))
        if not self.ended:
            own.say_end(stage, self.resource_of(stage, place))
        self.world.clock.give_back(pool, place)

    def _begin_again(self) -> Doing:
        """After a failure: a new attempt from the flow's restart stage, or (False) the end."""
        yield self.decided_at(self.random.uniform(10, 60))
        if self.attempt >= fates.MOST_ATTEMPTS or fates.happens(self.random, fates.GIVE_UP_AFTER_FAILURE):
            self._cancel("no cells left for another attempt")
            return False
        self.attempt += 1
        # The date is filled in by whoever knows what can be kept.
        self.say(OrderEventKind.PROMISED, source=self.mes, payload={"reason": "manufacture begins again"})
        return True

    def _hold_order(self) -> Process:
        yield self.decided_at(0)
        self.say_order(OrderEventKind.HELD, reason=self.random.choice(fates.ORDER_HOLD_REASONS))
        yield self.decided_at(self.random.uniform(12, 60))
        self.say_order(OrderEventKind.RESUMED)

    def _cancel(self, reason: str) -> None:
        self.ended = True
        after = self.random.uniform(1, 30)
        self.say_order(OrderEventKind.CANCELLED, after=after, reason=reason)
        if self.lost_after == "enrolment":  # nothing was collected
            return
        decided = {"cells": CELLS_DECIDED, "reason": "discarded as waste; whoever had the cells is told"}
        self.say_order(OrderEventKind.CLOSED, after=after + DECIDED_AFTER_HOURS, **decided)
