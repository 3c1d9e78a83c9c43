"""What is said of an order on its way: who says it, in which words, with which numbers."""

from datetime import datetime, timedelta
from typing import Any

from cellops.demo import fates
from cellops.demo.facts import DemoEvent, DemoOrder, World
from cellops.demo.numbers import batch_number, donation_number
from cellops.demo.plans import Arrangement
from cellops.demo.sites import COURIER, HOSPITALS, LABORATORY, MES, DemoSite
from cellops.demo.times import OFFICE, end_in_shift, end_shift, hours, in_shift, start_shift
from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.rules.second_people import PERSON
from supplychain.orders.statuses import StageEventKind

# Where there are no nights, an appointment is reported within so many hours.
SOON = 4
# Second people whom systems name.
SECONDS = ("I. Moreau", "K. Lind", "T. Okafor", "R. Weiss", "S. Bianchi")


class Reports:
    """The voice of one order: puts what its senders report into the world's list."""

    def __init__(self, order: DemoOrder, world: World, *, attempt: int = 1, part: str = "order") -> None:
        self.order, self.world = order, world
        self.flow = world.flows[order.journey.flow]
        self.random = world.random_of(part, order.index)
        self.attempt = attempt

    @property
    def now(self) -> datetime:
        """The moment that the order has reached."""
        return self.world.clock.now

    @property
    def mes(self) -> str:
        """Code of the source that speaks for the plant."""
        return MES[self.order.journey.plant.code].code

    def start_of(self, stage: StageDefinition) -> datetime:
        """The next moment at which somebody is there to begin a stage."""
        if not self.world.has_shifts:
            return self.now
        return in_shift(self.random, self.now, start_shift(stage), self.zone_of(stage))

    def end_of(self, stage: StageDefinition, duration: float) -> datetime:
        """When somebody ends what takes `duration` hours from now on, or writes what became of it."""
        end = self.now + hours(duration)
        if not self.world.has_shifts:
            return end
        return end_in_shift(self.random, self.now, end, end_shift(stage), self.zone_of(stage))

    def decided_at(self, after: float) -> datetime:
        """When the plant's office decides what is due in so many hours."""
        at = self.now + hours(after)
        return in_shift(self.random, at, OFFICE, self.order.journey.plant.time_zone) if self.world.has_shifts else at

    def say(
        self,
        kind: str,
        stage: StageDefinition | None = None,
        *,
        source: str = "",
        after: float = 0,
        resource: str = "",
        payload: dict[str, Any] | None = None,
    ) -> DemoEvent:
        """Report something; what people report is now and then heard of only hours later. Returns the report.

        `after`: hours from now until it is decided (of an order) or said (of a stage).
        """
        occurred = self.decided_at(after) if after and not stage else self.now + hours(after)
        code = stage.code if stage else ""
        source = source or self._reporter(stage)
        late = fates.happens(self.random, fates.LATE_REPORT) and source in (HOSPITALS.code, COURIER.code)
        heard = occurred + hours(self.random.uniform(6, 40) if late else self.random.uniform(0.02, 0.2))
        event = DemoEvent(
            self.order.index,
            source,
            str(kind),
            code,
            self.attempt if code in self.flow.reopened else None,
            occurred,
            heard,
            resource,
            (payload or {}) | self._second_person(stage, kind),
        )
        self.world.events.append(event)
        return event

    def _second_person(self, stage: StageDefinition | None, kind: str) -> dict[str, str]:
        """Who checked with the reporter, where the product asks for two people."""
        is_asked = stage is not None and str(kind) in stage.two_people
        return {PERSON: SECONDS[self.order.index % len(SECONDS)]} if is_asked else {}

    def say_plan(self, stage: StageDefinition, plan: Arrangement) -> None:
        """Report what is arranged for a stage, where anything was."""
        if plan.said_at:
            said_at = plan.said_at if self.world.has_shifts else min(plan.said_at, self.now + hours(SOON))
            after = (said_at - self.now) / timedelta(hours=1)
            self.say(StageEventKind.SCHEDULED, stage, after=after, resource=plan.resource, payload=plan.payload)

    def say_start(self, stage: StageDefinition, resource: str) -> DemoEvent:
        """Report a start; the first stage in a suite names the batch."""
        payload = {}
        if self.goes_on_in_place(stage) and not stage.keeps_pool:
            number = batch_number(self.order.journey.plant.code, self.now, self.order.index, self.attempt)
            payload = {"batch_number": number, "suite": resource}
        return self.say(StageEventKind.STARTED, stage, resource=resource, payload=payload)

    def say_end(self, stage: StageDefinition, resource: str) -> DemoEvent:
        """Report the end; a collection names its donation."""
        payload = {}
        if stage.kind == StageKind.COLLECTION:
            number = donation_number(self.order.centre.facility, self.now, self.order.index)
            payload = {"donation_number": number}
        return self.say(StageEventKind.COMPLETED, stage, resource=resource, payload=payload)

    def say_order(self, kind: str, *, after: float = 0, **payload: Any) -> None:
        """Report what the plant decided of the whole order."""
        self.say(kind, source=self.mes, after=after, payload=payload)

    def goes_on_in_place(self, stage: StageDefinition) -> bool:
        """Whether a later stage keeps the place of this one."""
        return any(one.keeps_pool and stage.code in one.after for one in self.flow.stages)

    def site_of(self, stage: StageDefinition) -> str:
        """Code of the site that does a stage."""
        return self._place_of(stage).code

    def zone_of(self, stage: StageDefinition) -> str:
        """Time zone of the site that does a stage."""
        return self._place_of(stage).time_zone

    def _place_of(self, stage: StageDefinition) -> DemoSite:
        return self.order.journey.plant if stage.place == StagePlace.PLANT else self.order.centre

    def resource_of(self, stage: StageDefinition, place: int) -> str:
        """The place as the shop floor calls it."""
        return self.world.pools[self.site_of(stage), stage.pool].place_name(place) if stage.pool else ""

    def _reporter(self, stage: StageDefinition | None) -> str:
        if stage is None or stage.place != StagePlace.PLANT:
            return HOSPITALS.code
        if stage.kind == StageKind.TRANSPORT:
            return COURIER.code
        return LABORATORY.code if stage.kind == StageKind.QUALITY_CONTROL else self.mes
