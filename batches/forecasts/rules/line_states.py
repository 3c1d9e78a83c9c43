"""The facts of every order of a line, as the orders, pools and curves that the simulation starts from.

What is assumed is what the plain forecast assumes (batches/forecasts/rules/forecasts.py): a hold is lifted now, a
failure opens a new attempt now. docs/judgement/forecast.md names what is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, sqrt
from typing import Any, NamedTuple

from batches.durations.rules.competing import Ends
from batches.durations.rules.curves import QUANTILES, Curve, curve_of_plan
from batches.durations.rules.paces import Pace, paced_curve
from batches.durations.rules.slowness import SeenHours, SharedCurve, shared_curve, slowness_of
from batches.durations.rules.start_hours import ChancesAhead, chances_ahead, hours_of
from batches.forecasts.rules.corrections import UNCORRECTED, Corrections
from batches.forecasts.rules.demand import at_random, evenly, rank_of
from batches.forecasts.rules.forecasts import ForecastFinding, forecast
from batches.forecasts.rules.line_facts import (
    CurveKey,
    LineFacts,
    LineOrder,
    OrderKind,
    PlannedCurve,
    PoolKey,
    StageCurve,
)  # fmt: skip
from batches.forecasts.rules.running_waits import watched
from batches.forecasts.rules.standing_stages import agreed_curve, done_again, standing, transit_anew, transit_curve
from batches.forecasts.rules.still_to_do import passed_stages, still_to_do, tests_repeated, to_do_again
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import hours_between
from batches.simulation.rules.network import DONE, MOST_STAGES, RUNNING, WAITING, OrderAhead, Visit, key_of
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.waits import permitted_hours
from supplychain.orders.statuses import Priority
from supplychain.sql import reason_of
from supplychain.transport.rules.arrivals import Transit, transit_of
from supplychain.transport.rules.lanes import lane_of

# A failed attempt may be followed by two more; what fails then is taken as lost.
MOST_ATTEMPTS = 3


class Newcomer(NamedTuple):
    """An order of this kind as if it were placed now; it takes part in no forecast of others."""

    kind: OrderKind
    ahead: OrderAhead


class Foreseen(NamedTuple):
    """An order that is simulated: its facts, and the plain forecast of it; None: its dose is being or has been given,
    it is there only because it holds places."""

    facts: OrderFacts
    baseline: ForecastFinding | None
    kind: OrderKind


@dataclass(slots=True)
class LineState:
    """What the simulation starts from. `orders`: first those of `foreseen`, in the same order, then demand to come.

    `newcomers`: one for each flow that may be ordered and each priority; `left_out`: order id (text) and why it
    cannot be simulated; `unknown_demand`: the same of orders not yet placed; `pool_keys`:
    (site, code) of each pool; `hours`: when stages are begun; `corrections`: what past errors change in what is said.
    """

    now: datetime
    orders: list[OrderAhead] = field(default_factory=list)
    foreseen: list[Foreseen] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    pools: list[list[tuple[float, int]]] = field(default_factory=list)
    pool_keys: list[PoolKey] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    hours: list[ChancesAhead] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    unknown_demand: list[str] = field(default_factory=list)
    corrections: Corrections = UNCORRECTED


def line_state(facts: LineFacts, now: datetime, corrections: Corrections = UNCORRECTED) -> LineState:
    """The line at `now`. An order that cannot be simulated is left out and named; the others go on without it."""
    state = LineState(now, left_out=dict(facts.unreadable), corrections=corrections)
    ways = _Ways(facts, state)
    for order in sorted(facts.orders, key=lambda one: one.facts.id):
        try:
            foreseen = Foreseen(order.facts, forecast(order.facts, now), order.kind)
            ahead = ways.order(order)
        except Exception as error:  # noqa: BLE001 - whatever one order's facts raise stays with it
            state.left_out[str(order.facts.id)] = reason_of(error)
            continue
        state.foreseen.append(foreseen)
        state.orders.append(ahead)
    state.orders += ways.to_come()
    state.newcomers += ways.newcomers()
    return state


class _Ways:
    """Turns orders into visits; numbers pools and curves as they are met."""

    def __init__(self, facts: LineFacts, state: LineState) -> None:
        self.facts, self.state = facts, state
        self.pool_numbers: dict[PoolKey, int] = {}
        self.curve_numbers: dict[tuple[Any, ...], int] = {}
        self.parts: list[SharedCurve] = []
        self.whole: list[Curve] = []
        self.slowness = facts.refined.slowness
        self.paces = {one[:4]: one for one in facts.refined.paces}
        state.hours += (begun := chances_ahead(facts.refined.hours, state.now)).values()
        self.hour_numbers = {key: at for at, key in enumerate(begun)}
        # Orders of one kind go the same way: each of its stages is looked up once, not once an order.
        self.fresh: dict[tuple[Any, ...], Visit] = {}

    def order(self, order: LineOrder) -> OrderAhead:
        """An order as it stands now. Raises ValueError for one that has more stages than can be simulated."""
        facts, kind = order.facts, order.kind
        _refuse_too_many(facts.stages)
        redo, anew, passed = to_do_again(facts), still_to_do(facts), passed_stages(facts)
        opens_attempt = bool(redo) and not tests_repeated(facts)
        codes = tuple(facts.stages)
        visits = []
        for code, stage in facts.stages.items():
            resource = "" if code in anew else stage.run.resource  # where it is done anew is not known yet
            again = facts.attempt > 1 or (opens_attempt and code in redo)
            visit = self._visit(kind, stage.plan, stage.run.site, codes, again, resource)
            stands = done_again(stage, redo) if code in anew else standing(stage, code in passed, self.state.now)
            visits.append(self._as_known(stage, visit._replace(**stands), is_anew=code in anew))
        return OrderAhead(
            key=key_of(str(facts.id)),
            visits=visits,
            exit=codes.index(facts.flow.exit),
            promised_at=hours_between(self.state.now, facts.promised_at) if facts.promised_at else inf,
            rank=rank_of(kind),
            attempts_left=max(0, MOST_ATTEMPTS - facts.attempt - opens_attempt),
            slowness=self._slowness(facts, visits),
            watched=watched(facts, [visit.state == WAITING for visit in visits], self.state.now),
        )

    def _slowness(self, facts: OrderFacts, visits: Sequence[Visit]) -> tuple[float, float]:
        """How slow the order is by the stages that it has finished, that failed or that are at work."""
        if not self.slowness.variance:
            return 0.0, 0.0
        seen = []
        for stage, visit in zip(facts.stages.values(), visits, strict=True):
            run, part = stage.run, self.parts[visit.curve]
            until = run.completed_at or run.failed_at
            if visit.state == RUNNING:
                seen.append(SeenHours(part, visit.elapsed, is_over=False))
            elif run.started_at is not None and until is not None:
                seen.append(SeenHours(part, hours_between(run.started_at, until), is_over=run.completed_at is not None))
        return slowness_of(seen, self.slowness.variance)

    def to_come(self) -> list[OrderAhead]:
        """Orders not yet placed; fixed keys."""
        spread = at_random if self.facts.refined.has_random_arrivals else evenly
        return [
            ahead._replace(arrival=one.arrival)
            for index, one in enumerate(spread(self.facts.recent))
            for ahead in self._tried(one.kind, f"{self.facts.line} to come {index}", one.begins_at)
        ]

    def newcomers(self) -> list[Newcomer]:
        """An order placed now for each flow, at the sites of the newest such order, for each priority."""
        newest = {kind.flow.id: kind for kind in (*self.facts.offered, *self.facts.recent)}
        kinds = [kind._replace(priority=one.value) for kind in newest.values() for one in Priority]
        return [
            Newcomer(kind, ahead)
            for kind in kinds
            for ahead in self._tried(kind, f"{self.facts.line} newcomer {kind.flow.id}", 0.0)
        ]

    def _tried(self, kind: OrderKind, name: str, begins_at: float) -> list[OrderAhead]:
        """The order not yet placed, or none: whatever one flow makes of it stays with its orders."""
        try:
            return [self._not_placed(kind, name, begins_at)]
        except Exception as error:  # noqa: BLE001 - see above
            self.state.unknown_demand.append(reason_of(error))
            return []

    def _not_placed(self, kind: OrderKind, name: str, begins_at: float) -> OrderAhead:
        """An order of which nothing has happened yet, placed in so many hours. Raises ValueError for one that cannot
        be simulated."""
        _refuse_too_many(kind.flow.stages)
        codes = tuple(kind.flow.stages)
        visits = [self._on_lane(kind, plan, self._visit(kind, plan, "", codes)) for plan in kind.flow.stages.values()]
        return OrderAhead(
            key=key_of(name), visits=visits, exit=codes.index(kind.flow.exit), rank=rank_of(kind), begins_at=begins_at,
            attempts_left=MOST_ATTEMPTS - 1, slowness=(0.0, sqrt(self.slowness.variance)),
        )  # fmt: skip

    def _visit(
        self, kind: OrderKind, plan: StagePlan, site: str, codes: tuple[str, ...], again: bool = False,
        resource: str = "",
    ) -> Visit:  # fmt: skip
        """A stage of which nothing has happened yet; `again`: in an attempt after a failure; `resource`: in which it is
        done or booked."""
        site = site or kind.sites.get(plan.place, "")
        pace = self.paces.get((kind.product, site, plan.code, resource))
        key = (kind.flow.id, kind.product, site, plan.code, codes, again, pace)
        if (visit := self.fresh.get(key)) is None:
            visit = self.fresh[key] = self._fresh_visit(kind, plan, site, codes, again, pace)
        return visit

    def _fresh_visit(
        self, kind: OrderKind, plan: StagePlan, site: str, codes: tuple[str, ...], again: bool, pace: Pace | None
    ) -> Visit:  # fmt: skip
        key = (kind.product, site, plan.code)
        curve, learned = self._curve(key, plan, pace)
        return Visit(
            plan.code, curve,
            after=tuple(codes.index(code) for code in plan.after if code in kind.flow.stages),
            pool=self._pool((site, plan.pool)) if plan.pool else -1,
            keeps=plan.keeps_pool,
            longest_wait=inf if (permitted := permitted_hours(plan)) is None else permitted,
            **self._fails(key, learned, again),
            withdrawn=learned.withdrawn_share, reopens=_reopens(kind.flow, plan.code, codes),
            load=self.parts[curve].load, hours=hours_of(self.hour_numbers, site, plan.code),
        )  # fmt: skip

    def _as_known(self, stage: StageFacts, visit: Visit, *, is_anew: bool) -> Visit:
        """Of a stage at work whose end was agreed or booked, that end (how slow the order was is known to who did); of
        another transport what is known of this very one."""
        if visit.state == RUNNING and (curve := agreed_curve(stage, visit.elapsed, self.state.now)):
            key = ("agreed", stage.run.expected_end, visit.elapsed, stage.plan.code)
            return visit._replace(curve=self._curve_number(key, curve), load=0.0)
        transit = transit_anew(stage) if is_anew else transit_of(stage.plan, stage.run, stage.lane, self.state.now)
        return self._in_transit(visit, transit) if transit and visit.state != DONE else visit

    def _on_lane(self, kind: OrderKind, plan: StagePlan, visit: Visit) -> Visit:
        """A transport of an order not yet placed; who will carry it nobody knows."""
        lane = lane_of(self.facts.lanes, plan.direction, kind.sites, "")
        return self._in_transit(visit, Transit.on(lane, None)) if lane else visit

    def _in_transit(self, visit: Visit, transit: Transit) -> Visit:
        """A transport that takes other hours than usual: the slowness of its order tells nothing of them."""
        key = ("transit", visit.curve, transit.hours, transit.waits)
        curve = transit_curve(self.whole[visit.curve], transit)
        return visit._replace(curve=self._curve_number(key, curve), load=0.0)

    def _pool(self, key: PoolKey) -> int:
        """The number of a pool; -1 for one that nobody has set up: it has no capacity to wait for."""
        if key not in self.pool_numbers:
            steps = self.facts.pools.get(key)
            self.pool_numbers[key] = len(self.state.pools) if steps else -1
            if steps:
                self.state.pools.append([(hours_between(self.state.now, at), places) for at, places in steps])
                self.state.pool_keys.append(key)
        return self.pool_numbers[key]

    def _curve(self, key: CurveKey, plan: StagePlan, pace: Pace | None) -> tuple[int, StageCurve]:
        learned = self.facts.curves.get(key)
        if learned is None:
            planned = (plan.planned_hours, plan.worst_hours)
            learned = PlannedCurve(curve_of_plan(*planned))
            return self._curve_number(planned, learned.curve), learned
        ends = self._ends(learned)
        curve = ends.completing if ends else learned.curve
        if pace:
            return self._curve_number((*key[:2], pace.resource, plan.code), paced_curve(curve, pace)), learned
        return self._curve_number(key, curve), learned

    def _ends(self, learned: StageCurve) -> Ends | None:
        """By attempt and time, where that is in use and a failure was seen."""
        return learned.ends if self.facts.refined.has_ends else None

    def _fails(self, key: CurveKey, learned: StageCurve, again: bool) -> dict[str, Any]:
        """How likely and how late it fails."""
        if not (ends := self._ends(learned)):
            return {"fails": learned.failed_share}
        failing = self._curve_number((*key, "failing"), ends.failing)
        return {"fails": ends.again if again else ends.first, "fails_again": ends.again, "failing": failing}

    def _curve_number(self, key: tuple[Any, ...], curve: Curve) -> int:
        if key not in self.curve_numbers:
            if len(curve) != QUANTILES or min(curve) < 0 or max(curve) == inf or list(curve) != sorted(curve):
                raise ValueError(f"what was learned of {key} is no distribution of hours")
            self.curve_numbers[key] = len(self.state.curves)
            shows = (key[0], key[-1]) in self.slowness.stages
            part = shared_curve(curve, self.slowness.variance) if shows else SharedCurve(curve, 0.0, 0.0, 0.0)
            self.state.curves.append(part.curve)
            self.parts.append(part)
            self.whole.append(curve)
        return self.curve_numbers[key]


def _refuse_too_many(stages: Mapping[str, Any]) -> None:
    if len(stages) > MOST_STAGES:
        raise ValueError(f"{len(stages)} stages; at most {MOST_STAGES} can be simulated")


def _reopens(flow: FlowPlan, code: str, codes: Sequence[str]) -> tuple[int, ...]:
    """What a failure of `code` opens anew: from the restart stage on, or from itself if it stands before that."""
    restart = flow.followers.get(flow.restart_stage, frozenset())
    opened = restart if code in restart else flow.followers[code]
    return tuple(at for at, one in enumerate(codes) if one in opened)
