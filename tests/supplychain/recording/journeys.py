"""Orders of which so much was said."""

from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, OrderState
from tests.supplychain.builders import T0, at, plain_plan

PLAN = plain_plan()


COLLECTED = [("started", "collection"), ("completed", "collection")]


ARRIVED = [*COLLECTED, ("started", "inbound"), ("completed", "inbound")]


HARVESTED = [*ARRIVED, ("started", "selection"), ("completed", "selection"), ("started", "harvest"),
             ("completed", "harvest")]  # fmt: skip


RELEASED = [*HARVESTED, ("started", "release"), ("completed", "release")]


INFUSED = [*RELEASED, ("started", "infusion"), ("completed", "infusion")]


def after(*said: tuple, plan: FlowPlan = PLAN) -> OrderState:
    """The order after these events, an hour apart, the first at one hour after T0."""
    facts = []
    for hour, (kind, stage, *more) in enumerate(said, 1):
        attempt, payload = (*more, None, {})[:2] if more else (None, {})
        facts.append(Fact(UUID(int=hour), kind, stage, attempt, at(hour), at(hour), "", payload or {}, "r", str(hour)))
    return fold(plan, T0, facts)
