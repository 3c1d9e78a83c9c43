"""Lines for tests of the forecast: orders of the journey as far along as a test says, pools and curves it names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from batches.durations.rules.curves import Curve, constant
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, OrderKind, PlannedCurve
from batches.forecasts.rules.line_states import LineState, line_state
from batches.forecasts.rules.summaries import Summary, simulated, summaries
from batches.judgement.rules.facts import RunFacts
from supplychain.flows.statuses import StagePlace
from supplychain.orders.statuses import Priority
from tests.batches.builders import FLOW, an_order, at

SITE = "a site"
LINE = "a line"
SITES = {place.value: SITE for place in StagePlace}
PATHS = 40


def kind(priority: str = Priority.ROUTINE) -> OrderKind:
    return OrderKind(FLOW, "a product", SITES, priority)


def line_order(number: int, *runs: RunFacts, priority: str = Priority.ROUTINE, **given: Any) -> LineOrder:
    """An order (see `an_order`) with a number of its own."""
    return LineOrder(kind(priority), replace(an_order(*runs, **given), id=UUID(int=number)))


def line_facts(
    *orders: LineOrder,
    pools: Mapping[str, int] | None = None,
    curves: Mapping[str, Curve] | None = None,
    ends: Mapping[str, tuple[float, float]] | None = None,
    recent: Sequence[OrderKind] = (),
    steps: Mapping[str, Sequence[tuple[float, int]]] | None = None,
) -> LineFacts:
    """A line; stages take always their planned hours unless `curves` say otherwise. `ends`: failed and withdrawn;
    `steps`: places of a pool from these hours on."""
    learned = {
        ("a product", SITE, code): PlannedCurve(
            (curves or {}).get(code) or constant(plan.planned_hours), *(ends or {}).get(code, (0.0, 0.0))
        )
        for code, plan in FLOW.stages.items()
    }
    changes = {code: [(-10_000.0, places)] for code, places in (pools or {}).items()} | dict(steps or {})
    places = {(SITE, code): [(at(hour), count) for hour, count in some] for code, some in changes.items()}
    return LineFacts(LINE, orders, recent, places, learned)


def state_of(*orders: LineOrder, now: float = 0, **given: Any) -> LineState:
    return line_state(line_facts(*orders, **given), at(now))


def said_of(*orders: LineOrder, now: float = 0, paths: int = PATHS, **given: Any) -> dict[int, Summary]:
    """What is said of each order, by its number; moments in hours after `now`."""
    made = simulated(state_of(*orders, now=now, **given), paths=paths)
    return {one.order.int: one for one in summaries(made)}
