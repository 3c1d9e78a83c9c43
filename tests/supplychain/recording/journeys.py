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


def confirmed_after(*said: tuple, plan: FlowPlan = PLAN) -> OrderState:
    """The same of an order that the plant confirmed as it was placed."""
    return after(*said, plan=plan, before=(Fact(UUID(int=999), "confirmed", "", None, T0, T0, "", {}, "r", "0"),))


def after(*said: tuple, plan: FlowPlan = PLAN, before: tuple[Fact, ...] = ()) -> OrderState:
    """The order after these events, an hour apart, the first at one hour after T0."""
    facts = [*before]
    for hour, (kind, stage, *more) in enumerate(said, 1):
        attempt, payload = (*more, None, {})[:2] if more else (None, {})
        facts.append(Fact(UUID(int=hour), kind, stage, attempt, at(hour), at(hour), "", payload or {}, "r", str(hour)))
    return fold(plan, T0, facts)
