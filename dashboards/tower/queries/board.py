"""The flow board: every stage in flow order with its load, its pools, and the bottleneck mark."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from batches.lines.models import BottleneckPeriod, PoolState
from batches.lines.queries import open_bottlenecks
from batches.lines.rules.places import more_at_work_words
from batches.lines.statuses import PoolCondition
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrderQuerySet, StageRun
from supplychain.orders.models.stage_runs import waits_at, waits_since
from supplychain.orders.queries import runs_at
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, ENDED_ORDER_STATUSES, StageStatus
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.sites.models import Site

# The worst condition of several pools is shown.
CONDITION_RANK = {condition.value: rank for rank, condition in enumerate(PoolCondition)}


@dataclass(slots=True)
class StageCell:
    """One stage on the board: how many orders are at it, and since when the first of them waits.

    `booked`: of those waiting, how many wait for a day to come, and so for nobody; they are not the oldest.
    """

    code: str
    name: str
    position: int
    pool: str
    running: int = 0
    waiting: int = 0
    held: int = 0
    failed: int = 0
    booked: int = 0
    oldest_ready_at: datetime | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no order is at this stage."""
        return not (self.running or self.waiting or self.held or self.failed)


@dataclass(frozen=True, slots=True)
class Line:
    """A production line (one plant) with the pool that holds it up now. Who does not belong to the plant sees no more
    than that: `shows_numbers` is False."""

    site: Site
    period: BottleneckPeriod | None
    shows_numbers: bool

    @property
    def numbers(self) -> dict[str, Any]:
        """What the newest review found of the pool that holds the line up."""
        pools = self.period.evidence.get("pools", []) if self.period else []
        return next((pool for pool in pools if pool["pool"] == self.period.pool.code), {})


@dataclass(slots=True)
class PoolGroup:
    """Neighbouring stages that need the same pool, with the places of that pool at all sites in view."""

    code: str
    cells: list[StageCell]
    states: list[PoolState] = field(default_factory=list)
    bottlenecks: list[Line] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The pool's name; that of the one with the most places where sites name it differently."""
        return max(self.states, key=lambda state: state.capacity).pool.name if self.states else ""

    @property
    def mark_prefix(self) -> str:
        """Begins the ids of its bottleneck marks; a pool may stand at two places of the flow."""
        return f"why-{self.cells[0].code}-"

    @property
    def capacity(self) -> int:
        """Places of all its pools in view."""
        return sum(state.capacity for state in self.states)

    @property
    def busy(self) -> int:
        """Places taken."""
        return sum(state.busy for state in self.states)

    @property
    def more_at_work(self) -> str:
        """That more runs are at work than places are taken in view; the page of the line says why that can be."""
        return more_at_work_words(sum(cell.running for cell in self.cells), self.busy) if self.states else ""

    @property
    def busy_percent(self) -> str:
        """Width of the load bar."""
        return f"{min(100, round(100 * self.busy / self.capacity))}%" if self.capacity else "0%"

    @property
    def condition(self) -> PoolCondition | None:
        """The worst condition of its pools; None without any."""
        worst = max((state.condition for state in self.states), key=CONDITION_RANK.__getitem__, default=None)
        return PoolCondition(worst) if worst else None


def flow_board(
    orders: PatientOrderQuerySet, sites: Iterable[UUID], lines: Iterable[Line], now: datetime
) -> list[PoolGroup]:
    """The board for `orders` as at `now`, with the pools of `sites` and the bottlenecks of `lines`; four queries."""
    cells = _cells(orders, now)
    states = PoolState.objects.filter(pool__site__in=list(sites)).select_related("pool__site")
    by_code: dict[str, list[PoolState]] = {}
    for state in states:
        by_code.setdefault(state.pool.code, []).append(state)
    groups: list[PoolGroup] = []
    for cell in cells:
        if not groups or not cell.pool or groups[-1].code != cell.pool:
            groups.append(PoolGroup(cell.pool, [], by_code.get(cell.pool, []) if cell.pool else []))
        groups[-1].cells.append(cell)
    for line in lines:
        for group in groups:
            if line.period and group.code == line.period.pool.code:
                group.bottlenecks.append(line)
    return groups


def lines_of(plants: Iterable[Site], viewer: Viewer) -> list[Line]:
    """Each plant with its present bottleneck; one query. Of a plant that is not the viewer's own, only one that holds
    up is named: that it flows freely is nobody else's business."""
    plants = list(plants)
    periods = open_bottlenecks(plants)
    lines = [Line(plant, periods.get(plant.pk), plant.pk in viewer.site_ids) for plant in plants]
    return [line for line in lines if line.period or line.shows_numbers]


def _cells(orders: PatientOrderQuerySet, now: datetime) -> list[StageCell]:
    cells = _stages_in_flow_order()
    counts = (
        StageRun.objects.filter(
            status__in=ACTIVE_STAGE_STATUSES, order__in=orders.exclude(status__in=ENDED_ORDER_STATUSES)
        )
        .order_by()
        .values_list("stage__code")
        .annotate(
            running=Count("pk", filter=runs_at(StageStatus.RUNNING, now)),
            waiting=Count("pk", filter=runs_at(StageStatus.READY, now)),
            held=Count("pk", filter=runs_at(StageStatus.HELD, now)),
            due=Count("pk", filter=waits_at(now)),
            oldest=Min(waits_since(), filter=waits_at(now)),
        )
    )
    for code, running, waiting, held, due, oldest in counts:
        cell = cells.setdefault(code, StageCell(code, code, len(cells), ""))
        cell.running, cell.waiting, cell.held, cell.booked = running, waiting, held, waiting - due
        cell.oldest_ready_at = oldest
    for code, failed in _failures(orders):
        if code in cells:
            cells[code].failed = failed
    return list(cells.values())


def _stages_in_flow_order() -> dict[str, StageCell]:
    """Stages of the current flows by code. Flows that share a code share the cell; where they number it differently
    the larger number stands, so that a stage that only one flow has stays before those that wait for it."""
    cells: dict[str, StageCell] = {}
    stages = Stage.objects.filter(flow__is_current=True).order_by("position", "flow__code")
    for code, name, position, pool in stages.values_list("code", "name", "position", "pool"):
        cell = cells.setdefault(code, StageCell(code, name, position, pool))
        cell.position = max(cell.position, position)
    return {cell.code: cell for cell in sorted(cells.values(), key=lambda cell: cell.position)}


def _failures(orders: PatientOrderQuerySet) -> Iterable[tuple[str, int]]:
    """Failed stages by code. Counted by their flags: a failed run that a new attempt has made good raises none."""
    raised = of_orders(Flag.objects.filter(cleared_at__isnull=True, code=FlagCode.STAGE_FAILED), orders)
    return raised.values_list("stage").annotate(failed=Count("order", distinct=True))
