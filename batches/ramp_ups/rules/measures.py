"""What one replication comes to: the figures of a line over the measured weeks (docs/judgement/ramp-up.md)."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from batches.ramp_ups.rules.costs import PLACE, missing_costs
from batches.ramp_ups.rules.lines import DAY, WEEK
from batches.ramp_ups.rules.plans import COPY, Plan, PlannedPool, Steps
from batches.ramp_ups.rules.replications import Replication
from batches.simulation.rules.moments import is_by
from batches.simulation.rules.network import key_of

QUALITY_CONTROL, MANUFACTURING = "quality_control", "manufacturing"


class PoolReplication(msgspec.Struct, frozen=True):
    """One pool in one replication: held share of the places there are, share of time pressed, mean hours waited."""

    used: float | None
    pressed: float
    wait: float | None


class ReplicationFigures(msgspec.Struct, frozen=True):
    """One replication. Rates a week, times in days, shares 0–1; None: nothing to reckon it from.

    `begun`: orders that began in the weeks; `under_way_before`, `under_way_after`: orders not lost that had begun and
    were not ready when the weeks began and ended.
    """

    number: int
    throughput: float
    ordered: float
    vein_median: float | None
    vein_p90: float | None
    on_time: float | None
    lost: float | None
    cost: float | None
    begun: int
    under_way_before: int
    under_way_after: int
    last_ready: float | None
    pools: dict[str, PoolReplication]


@dataclass(frozen=True, slots=True)
class MeasuredWindow:
    """The measured time, hours."""

    opened: float
    closed: float

    @property
    def weeks(self) -> float:
        """Its length."""
        return (self.closed - self.opened) / WEEK


class Measuring:
    """Reckons the figures of replications of one plan."""

    def __init__(self, plan: Plan, window: MeasuredWindow, costs: dict[str, float]) -> None:
        self.plan, self.window, self.costs = plan, window, costs
        self.is_priced = not missing_costs(costs, plan.line)
        kinds = {stage.code: stage.kind for journey in plan.line.journeys for stage in journey.stages}
        self.tests = {code for code, kind in kinds.items() if kind == QUALITY_CONTROL}
        self.batch_stages = {
            next((stage.code for stage in stream.journey.stages if stage.kind == MANUFACTURING and stage.pool), "")
            for stream in plan.streams
        }
        self.nominal = [place_hours(pool.nominal, window.opened, window.closed) for pool in plan.pools]

    def figures(self, one: Replication) -> ReplicationFigures:
        """The figures of one replication."""
        net, futures, window = one.net, one.futures, self.window
        ready, infused, collected = futures.ready[:, 0], futures.infused[:, 0], futures.collected[:, 0]
        due = (net.orders["promised"] > window.opened) & (net.orders["promised"] <= window.closed)
        lost = np.isnan(ready)
        doses = int(np.count_nonzero(_inside(ready, window)))
        came = _inside(one.begins, window)
        vein = ((infused - collected) / DAY)[_inside(infused, window) & np.isfinite(collected)]
        kept, arrived = np.count_nonzero(due & ~lost), np.count_nonzero(came)
        known = ready[np.isfinite(ready)]
        return ReplicationFigures(
            number=one.number,
            throughput=doses / window.weeks,
            ordered=float(arrived / window.weeks),
            vein_median=float(np.median(vein)) if vein.size else None,
            vein_p90=float(np.quantile(vein, 0.9)) if vein.size else None,
            on_time=float(np.count_nonzero(due & is_by(ready, net.orders["promised"])) / kept) if kept else None,
            lost=float(np.count_nonzero(due & lost) / due.sum()) if due.any() else None,
            cost=self._cost(one, doses),
            begun=int(arrived),
            under_way_before=_under_way(one.begins, ready, window.opened),
            under_way_after=_under_way(one.begins, ready, window.closed),
            last_ready=float(known.max() / DAY) if known.size else None,
            pools=self._pools(one, due),
        )

    def _pools(self, one: Replication, due: np.ndarray) -> dict[str, PoolReplication]:
        visits, futures = one.net.visits, one.futures
        took = (visits["head"] == np.arange(visits.size)) & due[visits["order"]] & (futures.work_hours > 0)
        found = {}
        for at, pool in enumerate(self.plan.pools):
            mine = took & (visits["pool"] == at)
            found[pool.code] = PoolReplication(
                used=float(futures.busy[at, 0] / self.nominal[at]) if self.nominal[at] else None,
                pressed=float(futures.pressed[at, 0] / (self.window.closed - self.window.opened)),
                wait=float(futures.wait_hours[mine].mean()) if mine.any() else None,
            )
        return found

    def _cost(self, one: Replication, doses: int) -> float | None:
        """Places for the measured weeks, batches, failures and tests of what began in them, for each dose ready; None
        where a unit cost is not known."""
        if not doses or not self.is_priced:
            return None
        net, futures, costs = one.net, one.futures, self.costs
        done = (futures.work_hours > 0) & _inside(one.begins, self.window)[net.visits["order"]]
        fails = net.visits["fails"].astype(float)
        # A stage that fails with f of its runs is run 1 / (1 - f) times until it is completed.
        again = fails / (1 - np.minimum(fails, 0.99))
        batches = sum(self._runs(net, done, code) for code in self.batch_stages)
        tests = sum(self._runs(net, done, code) for code in self.tests)
        failed = float(again[done].sum())
        places = sum(self._place_cost(pool, hours) for pool, hours in zip(self.plan.pools, self.nominal, strict=True))
        total = places + costs["batch"] * (batches + failed) + costs["failed_batch"] * failed + costs["test"] * tests
        return total / doses

    def _runs(self, net: Any, done: np.ndarray, code: str) -> int:
        return int(np.count_nonzero(done & (net.visits["stage"] == np.uint64(key_of(code)))))

    def _place_cost(self, pool: PlannedPool, hours: float) -> float:
        return self.costs[PLACE + pool.code.removesuffix(COPY)] * hours / WEEK


def place_hours(steps: Steps, opened: float, closed: float) -> float:
    """Place-hours that the steps come to between two moments."""
    total = 0.0
    for at, (start, places) in enumerate(steps):
        begins = max(start, opened) if at else opened
        ends = min(steps[at + 1][0] if at + 1 < len(steps) else closed, closed)
        total += places * max(0.0, ends - begins)
    return total


def _under_way(begins: np.ndarray, ready: np.ndarray, moment: float) -> int:
    return int(np.count_nonzero((begins <= moment) & (ready > moment)))


def _inside(moments: np.ndarray, window: MeasuredWindow) -> np.ndarray:
    return (moments > window.opened - 1e-6) & (moments <= window.closed)
