"""What the futures of a line say of each of its orders, in figures that people can use."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import numpy as np

from batches.forecasts.rules.corrections import UNCHANGED, UNCORRECTED, Corrections, Widening
from batches.forecasts.rules.distribution import MIDDLE, Foretold, quantile, told
from batches.forecasts.rules.line_states import LineState
from batches.forecasts.rules.thresholds import Thresholds
from batches.judgement.rules.shares import Chance
from batches.simulation.rules.network import DONE, RUNNING, WAITING, Network, OrderAhead, network
from supplychain.flows.rules.plans import FlowPlan
from supplychain.sql import reason_of

if TYPE_CHECKING:
    from batches.simulation.rules.futures import Futures

# By when a wait ends in 19 of 20 futures.
LATEST = 0.95


class Contribution(NamedTuple):
    """A stage and by how many hours it exceeds its plan in the late futures (in all, if none is late)."""

    stage: str
    excess_hours: float
    wait_hours: float
    work_hours: float


class ClosedPool(NamedTuple):
    """A stage whose pool has no open place when it is needed; `opens_in`: hours until one opens, None: no date."""

    stage: str
    opens_in: float | None


class Begin(NamedTuple):
    """In how many hours a stage whose cells wait is begun with them: in half of the futures, and in 19 of 20."""

    stage: str
    median: float | None
    latest: float | None


class Summary(NamedTuple):
    """What is said of one order. Moments in hours from now; None: not within the horizon, or no dose in any future.

    Range and `late` are of one distribution, as past errors correct it (distribution.py): of the futures in which a
    dose comes (of all, where none comes for a pool that stays closed); `late` None: nothing is promised. `widened`: by
    how much the ends of the range lie further out than simulated. `expires_stage`: where a permitted wait runs out most
    often.
    """

    order: UUID
    ready_low: float | None
    ready_median: float | None
    ready_high: float | None
    infused_median: float | None
    late: Chance | None
    wait_expires: Chance
    expires_stage: str
    no_dose: Chance
    contributes: Contribution | None
    closed: ClosedPool | None = None
    begins: tuple[Begin, ...] = ()
    widened: Widening = Widening()


class Simulated(NamedTuple):
    """The futures of a line with what they were made of. Of the i-th order of the state: `rows[i]` its row in the
    futures, `first[i]` its first visit in them. `pools`: places by time that they were made with; `net`: all of it as
    arrays."""

    state: LineState
    futures: "Futures"
    rows: list[int]
    first: list[int]
    pools: list[list[tuple[float, int]]]
    net: Network


def simulated(
    state: LineState,
    *,
    paths: int,
    threads: int = 1,
    orders: list[OrderAhead] | None = None,
    pools: list[list[tuple[float, int]]] | None = None,
    curves: list[Any] | None = None,
) -> Simulated:
    """The futures of a line; other `orders`, `pools` or `curves` than its own make it a what-if."""
    from batches.simulation.rules.futures import (
        simulate,  # loads the compiler, which takes a second: only who simulates needs it
    )

    ahead, pools = orders or state.orders, pools or state.pools
    net, places = network(ahead, pools, curves or state.curves, state.hours)
    rows, first, visits = [0] * len(places), [0] * len(places), 0
    for row, index in enumerate(places):
        rows[index], first[index] = row, visits
        visits += len(ahead[index].visits)
    return Simulated(state, simulate(net, paths=paths, threads=threads), rows, first, pools, net)


def with_more(first: Simulated, *, paths: int) -> Simulated:
    """The same line in so many futures, of which the `first` are known."""
    from batches.simulation.rules.futures import simulate  # as above

    more = simulate(first.net, paths=paths - first.futures.paths, after=first.futures)
    return first._replace(futures=more)


def summaries(made: Simulated) -> list[Summary]:
    """What is said of each order whose dose is still awaited; one of which nothing can be said is named as left out."""
    found = []
    for index, one in enumerate(made.state.foreseen):
        if one.baseline is None:
            continue
        try:
            found.append(summary_of(made, index))
        except Exception as error:  # noqa: BLE001 - whatever one order's futures raise stays with it
            made.state.left_out[str(one.facts.id)] = reason_of(error)
    return found


def summary_of(made: Simulated, index: int) -> Summary:
    """What is said of the order at `index` of the state."""
    foreseen, row, futures = made.state.foreseen[index], made.rows[index], made.futures
    facts, paths = foreseen.facts, futures.paths
    infused = np.sort(futures.infused[row])
    never_ready, never_given = _left_for_ever(made, index)
    codes, first = list(facts.stages), made.first[index]
    expired = futures.expired_visits[first : first + len(codes)]
    doses = int(np.count_nonzero(~np.isnan(futures.ready[row])))
    said = told_of(made, index)
    return Summary(
        order=facts.id,
        ready_low=_known(said and said.low),
        ready_median=_known(said and said.median),
        ready_high=_known(said and said.high),
        infused_median=_quantile(infused, int(np.count_nonzero(~np.isnan(infused))), MIDDLE),
        late=said and said.late,
        wait_expires=Chance.counted(futures.expired[row], paths),
        expires_stage=codes[int(np.argmax(expired))] if expired.any() else "",
        no_dose=Chance.counted(paths - doses + never_ready + never_given, paths),
        contributes=_contribution(made, index),
        closed=_closed_pool(made, index),
        begins=tuple(_begins(made, index)),
        widened=said.widened if said else Widening(),
    )


def told_of(made: Simulated, index: int) -> Foretold | None:
    """When it is ready and how likely late; None: no future brings a dose. One left waiting for ever has none; where
    all are left so, nothing is in time."""
    ready = np.sort(made.futures.ready[made.rows[index]])  # those without a dose (NaN) stand last
    doses, (never, _) = int(np.count_nonzero(~np.isnan(ready))), _left_for_ever(made, index)
    if not doses:
        return None
    promised = made.state.orders[index].promised_at if made.state.foreseen[index].facts.promised_at else None
    return told(ready[: doses - never if doses > never else doses], _corrections(made.state, index), promised)


def _corrections(state: LineState, index: int) -> Corrections:
    """What past errors change in what is said of the order; what is a fact by now needs no correction."""
    foreseen = state.foreseen[index]
    if foreseen.baseline is not None and foreseen.baseline.is_reached:
        return UNCORRECTED
    is_past = foreseen.facts.promised_at is not None and foreseen.facts.promised_at <= state.now
    return state.corrections._replace(late=UNCHANGED) if is_past else state.corrections


def _begins(made: Simulated, index: int) -> Iterator[Begin]:
    """When each watched stage is begun, of the futures in which it is with the cells that wait now: most are."""
    futures, codes = made.futures, list(made.state.foreseen[index].facts.stages)
    for at in made.state.orders[index].watched:
        moments = futures.begins[int(np.searchsorted(made.net.watched, made.first[index] + at))]
        known = np.sort(moments)  # those without these cells (NaN) stand last
        number = int(np.count_nonzero(~np.isnan(known)))
        if 2 * number >= futures.paths:
            yield Begin(codes[at], _quantile(known, number, MIDDLE), _quantile(known, number, LATEST))


def _left_for_ever(made: Simulated, index: int) -> tuple[int, int]:
    """Futures at whose end the order waits for a pool that no date opens again: before the dose is ready, and for the
    dose itself. Of stages side by side the one that is left in more of them counts."""
    facts, before, at_exit = made.state.foreseen[index].facts, 0, 0
    awaited = before_exit(facts.flow)
    for at, (code, visit) in enumerate(zip(facts.stages, made.state.orders[index].visits, strict=True)):
        if visit.pool < 0 or max(made.pools[visit.pool], default=(0.0, 0))[1]:
            continue
        left = int(made.futures.left_waiting[made.first[index] + at])
        if code in awaited:
            before = max(before, left)
        elif code == facts.flow.exit:
            at_exit = left
    return before, at_exit


def newcomers(state: LineState, limits: Mapping[str, Thresholds], *, paths: int) -> list[dict[str, Any]]:
    """For each flow that may be ordered and each priority: in how many hours an order placed now is ready (8 of 10
    futures), and, from the share on from which an order of its product is flagged for it (`limits`), in which share of
    them a permitted wait of its cells runs out.

    Each is simulated behind all that is there and before what is to come, in as many futures as orders are: what its
    page will say once it is placed, but for chance (the ends of the range move by a day or two from draw to draw).
    """
    found = []
    for one in state.newcomers:
        made = simulated(state, paths=paths, orders=[*state.orders, one.ahead])
        row = made.rows[len(state.orders)]
        ready = np.sort(made.futures.ready[row])
        doses = int(np.count_nonzero(~np.isnan(ready)))
        said = told(ready[:doses], state.corrections, None) if doses else None
        if said and np.isfinite(said.high):
            hours = {"low_hours": said.low, "median_hours": said.median, "high_hours": said.high}
            kind = {"flow": str(one.kind.flow.id), "priority": one.kind.priority}
            p_wait, own = float(made.futures.expired[row]) / paths, limits.get(one.kind.product, Thresholds())
            if p_wait >= own.wait_attention:
                kind["p_wait_flagged"] = round(p_wait, 3)
            found.append(kind | {name: round(value, 1) for name, value in hours.items()})
    return found


def _quantile(in_order: Any, number: int, share: float) -> float | None:
    """That of the first `number` values."""
    return _known(quantile(in_order[:number], share)) if number else None


def _known(hours: float | None) -> float | None:
    return hours if hours is not None and np.isfinite(hours) else None


def _closed_pool(made: Simulated, index: int) -> ClosedPool | None:
    """The first stage that waits for a closed pool now, or to the end of some future for one that stays closed."""
    stages, first = made.state.foreseen[index].facts.stages, made.first[index]
    for at, (code, visit) in enumerate(zip(stages, made.state.orders[index].visits, strict=True)):
        if visit.state != WAITING or visit.pool < 0:
            continue
        steps = sorted(made.state.pools[visit.pool])
        open_now = next((places for moment, places in reversed(steps) if moment <= 0), 0)
        waits_now = not open_now and visit.ready_at is not None
        if waits_now or (made.futures.left_waiting[first + at] and (not open_now or not steps[-1][1])):
            opens = (moment for moment, places in steps if moment > 0 and places)
            return ClosedPool(code, None if open_now else next(opens, None))
    return None


def _contribution(made: Simulated, index: int) -> Contribution | None:
    """The stage before the exit that exceeds its plan by most."""
    row, futures, facts = made.rows[index], made.futures, made.state.foreseen[index].facts
    first, visits, is_late = made.first[index], made.state.orders[index].visits, futures.late[row] > 0
    awaited = before_exit(facts.flow)
    found: list[Contribution] = []
    for at, (code, visit) in enumerate(zip(facts.stages, visits, strict=True)):
        if visit.state == DONE or code not in awaited:
            continue
        wait, work = float(futures.wait_hours[first + at]), float(futures.work_hours[first + at])
        planned = facts.stages[code].plan.planned_hours - (visit.elapsed if visit.state == RUNNING else 0.0)
        spent = float(futures.late_hours[first + at]) if is_late else wait + work
        found.append(Contribution(code, round(spent - max(planned, 0.0), 1), round(wait, 1), round(work, 1)))
    return max(found, key=lambda one: one.excess_hours, default=None)


def before_exit(flow: FlowPlan) -> set[str]:
    """The stages that the exit stage waits for, directly or not."""
    return {code for code in flow.stages if flow.exit in flow.followers[code]} - {flow.exit}
