"""One order's way through its flow, stage by stage, waiting for places like everybody else."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

from batches.demo import fates
from batches.demo.engine import Place, Process
from batches.demo.facts import DemoEvent, DemoOrder, World
from batches.demo.numbers import batch_number, donation_number
from batches.demo.plans import Arrangement, arrange
from batches.demo.sites import COURIER, HOSPITALS, LABORATORY, MES
from batches.demo.times import hours, work_hours
from supplychain.rules.flows import StageDefinition
from supplychain.statuses import OrderEventKind, StageEventKind, StageKind, StagePlace

FOR_GOOD = timedelta(days=10_000)
CLOSED_AFTER = timedelta(days=28)
# Sterility is a matter of incubation: it takes its 14 days whatever happens.
INCUBATION_SHARE = 0.985
URGENT, ROUTINE = 0, 1


class Travel:
    """The journey of one order; its events go to the world's list."""

    def __init__(self, order: DemoOrder, world: World) -> None:
        self.order, self.world = order, world
        self.flow = world.flows[order.journey.flow]
        self.random = world.random_of("order", order.index)
        self.attempt = 1
        self.suite: tuple[Any, int] | None = None
        self.ended = False
        self.lost_after = fates.stage_after_which_lost(self.random)
        self.held_after = fates.stage_after_which_held(self.random)

    @property
    def now(self) -> datetime:
        """The moment that the journey has reached."""
        return self.world.clock.now

    def walk(self) -> Process:
        """From order to infusion, or as far as it comes."""
        yield self.order.ordered_at
        self._say(OrderEventKind.CONFIRMED, source=self._mes, after=self.random.uniform(0.5, 6))
        position = 0
        while position < len(self.flow.stages):
            stage = self.flow.stages[position]
            done = yield from self._perform(stage)
            if not done:
                if not (yield from self._begin_again()):
                    return
                position = self.flow.restart
                continue
            if stage.code == self.lost_after:
                self._cancel(self.random.choice(fates.CANCEL_REASONS))
                return
            if stage.code == self.held_after:
                yield from self._hold_order()
            for test in self.flow.beside.get(stage.code, ()):
                self.world.clock.start(self._test_beside(test), self.now)
            position += 1
        self._close()

    def _perform(self, stage: StageDefinition) -> Generator[Any, Any, bool]:
        """Do one stage; False: it failed."""
        stall = self.world.stalls.get(self.order.index)
        arrangement = arrange(self.random, stage, self.order, self.now)
        if arrangement.said_at:
            self._say_plan(stage, arrangement)
        if stall and stall.stage == stage.code and not stall.begun:
            yield self.now + FOR_GOOD
        yield arrangement.may_start_at
        place = yield from self._take_place(stage)
        resource = arrangement.resource or self._resource(stage, place)
        self._say(StageEventKind.STARTED, stage, resource=resource, payload=self._start_payload(stage, resource))
        if stall and stall.stage == stage.code:
            yield self.now + FOR_GOOD
        failed = yield from self._work(stage, resource)
        self._leave_place(stage, place, failed=failed)
        return not failed

    def _work(self, stage: StageDefinition, resource: str) -> Generator[Any, Any, bool]:
        share = INCUBATION_SHARE if stage.may_end_after_release else 0.86
        duration = work_hours(self.random, stage.planned_hours, stage.worst_hours, median_share=share)
        held = fates.hold_of(self.random, stage)
        if held:
            yield self.now + hours(duration / 2)
            duration /= 2
            reason = fates.reason_for(self.random, fates.HOLD_REASONS, stage.code)
            self._say(StageEventKind.HELD, stage, payload={"reason": reason})
            yield self.now + hours(held)
            self._say(StageEventKind.RESUMED, stage)
        if fates.fails(self.random, stage):
            yield self.now + hours(duration * self.random.uniform(0.3, 0.95))
            reason = fates.reason_for(self.random, fates.FAILURE_REASONS, stage.code)
            self._say(StageEventKind.FAILED, stage, payload={"reason": reason})
            return True
        yield self.now + hours(duration)
        self._say(StageEventKind.COMPLETED, stage, resource=resource, payload=self._end_payload(stage))
        return False

    def _take_place(self, stage: StageDefinition) -> Generator[Any, Any, int]:
        if not stage.pool:
            return 0
        if stage.keeps_pool and self.suite:
            return self.suite[1]
        pool = self.world.pools[self._site(stage), stage.pool]
        place = yield Place(pool, URGENT if self.order.urgent else ROUTINE)
        if self._goes_on_in_place(stage):
            self.suite = (pool, place)
        return place

    def _leave_place(self, stage: StageDefinition, place: int, *, failed: bool) -> None:
        if not stage.pool:
            return
        if self.suite is None:
            self.world.clock.give_back(self.world.pools[self._site(stage), stage.pool], place)
        elif failed or not self._goes_on_in_place(stage):
            self.world.clock.give_back(*self.suite)
            self.suite = None

    def _goes_on_in_place(self, stage: StageDefinition) -> bool:
        """Whether a later stage keeps the place of this one."""
        return any(one.keeps_pool and stage.code in one.after for one in self.flow.stages)

    def _test_beside(self, stage: StageDefinition) -> Process:
        """A test that may end after the dose was given."""
        attempt = self.attempt
        yield arrange(self.random, stage, self.order, self.now).may_start_at
        pool = self.world.pools[self._site(stage), stage.pool]
        place = yield Place(pool, ROUTINE)
        lane = self._resource(stage, place)
        if not self.ended:
            self._say(StageEventKind.STARTED, stage, resource=lane, attempt=attempt)
        stall = self.world.stalls.get(self.order.index)
        if stall and stall.stage == stage.code:
            yield self.now + FOR_GOOD
        share = INCUBATION_SHARE
        yield self.now + hours(work_hours(self.random, stage.planned_hours, stage.worst_hours, median_share=share))
        if not self.ended:
            self._say(StageEventKind.COMPLETED, stage, resource=lane, attempt=attempt)
        self.world.clock.give_back(pool, place)

    def _begin_again(self) -> Generator[Any, Any, bool]:
        """After a failure: a new attempt from the flow's restart stage, or the end."""
        yield self.now + hours(self.random.uniform(10, 60))
        if self.attempt == fates.MOST_ATTEMPTS or fates.chosen_by_chance(self.random, fates.GIVE_UP_AFTER_FAILURE):
            self._cancel("no cells left for another attempt")
            return False
        self.attempt += 1
        left = sum(stage.planned_hours for stage in self.flow.stages[self.flow.restart :])
        promised = (self.now + hours(left * 1.5)).replace(minute=0, second=0)
        payload = {"promised_at": promised.isoformat(), "reason": "manufacture begins again"}
        self._say(OrderEventKind.PROMISED, source=self._mes, payload=payload)
        return True

    def _hold_order(self) -> Process:
        reason = self.random.choice(fates.ORDER_HOLD_REASONS)
        self._say(OrderEventKind.HELD, source=HOSPITALS.code, payload={"reason": reason})
        yield self.now + hours(self.random.uniform(12, 60))
        self._say(OrderEventKind.RESUMED, source=HOSPITALS.code)

    def _cancel(self, reason: str) -> None:
        self.ended = True
        self._say(
            OrderEventKind.CANCELLED,
            source=HOSPITALS.code,
            after=self.random.uniform(1, 30),
            payload={"reason": reason},
        )

    def _close(self) -> None:
        after = CLOSED_AFTER / timedelta(hours=1) + self.random.uniform(0, 72)
        self._say(OrderEventKind.CLOSED, source=HOSPITALS.code, after=after)

    def _say_plan(self, stage: StageDefinition, plan: Arrangement) -> None:
        after = (plan.said_at - self.now) / timedelta(hours=1) if plan.said_at else 0
        self._say(StageEventKind.SCHEDULED, stage, after=after, resource=plan.resource, payload=plan.payload)

    def _say(
        self,
        kind: str,
        stage: StageDefinition | None = None,
        *,
        source: str = "",
        after: float = 0,
        resource: str = "",
        payload: dict[str, Any] | None = None,
        attempt: int | None = None,
    ) -> None:
        """Report something, `after` hours from now."""
        occurred = self.now + hours(after)
        code = stage.code if stage else ""
        said_attempt = (attempt or self.attempt) if code in self.flow.reopened else None
        source = source or self._reporter(stage)
        late = fates.chosen_by_chance(self.random, fates.SKIPPED_REPORT)
        heard = occurred + hours(self.random.uniform(6, 40) if late else self.random.uniform(0.02, 0.2))
        self.world.events.append(
            DemoEvent(self.order.index, source, str(kind), code, said_attempt, occurred, heard, resource, payload or {})
        )

    @property
    def _mes(self) -> str:
        return MES[self.order.journey.plant.code].code

    def _reporter(self, stage: StageDefinition | None) -> str:
        if stage is None or stage.place != StagePlace.PLANT:
            return HOSPITALS.code
        if stage.kind == StageKind.TRANSPORT:
            return COURIER.code
        return LABORATORY.code if stage.kind == StageKind.QUALITY_CONTROL else self._mes

    def _site(self, stage: StageDefinition) -> str:
        return self.order.journey.plant.code if stage.place == StagePlace.PLANT else self.order.centre.code

    def _resource(self, stage: StageDefinition, place: int) -> str:
        return self.world.pools[self._site(stage), stage.pool].place_name(place) if stage.pool else ""

    def _start_payload(self, stage: StageDefinition, resource: str) -> dict[str, Any]:
        if not self._goes_on_in_place(stage) or stage.keeps_pool:
            return {}
        number = batch_number(self.order.journey.plant.code, self.now, self.order.index, self.attempt)
        return {"batch_number": number, "suite": resource}

    def _end_payload(self, stage: StageDefinition) -> dict[str, Any]:
        if stage.kind != StageKind.COLLECTION:
            return {}
        return {"donation_number": donation_number(self.order.centre.facility, self.now, self.order.index)}
