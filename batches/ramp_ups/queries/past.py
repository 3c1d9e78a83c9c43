"""Readings for the replay: a line as it stood weeks ago, the orders that came since, and what they came to."""

from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple

import msgspec
from django.db.models import Q

from batches.durations.queries.runs import curves_learned_by
from batches.forecasts.queries.line_states import order_kind, pool_steps
from batches.forecasts.queries.refinements import refinements_of
from batches.forecasts.queries.starts import start_hours_of
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, OrderKind
from batches.forecasts.rules.line_states import Foreseen, LineState, line_state
from batches.forecasts.rules.refinements import UNREFINED, Refined
from batches.forecasts.statuses import Refinement
from batches.judgement.queries import stage_runs_of
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import PLACES
from batches.outcomes.queries import kpi_facts
from batches.outcomes.rules import KpiOutcome, Span
from batches.ramp_ups.queries.lines import HOUR, open_orders_of, pools_of
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.past import order_as_of
from batches.ramp_ups.rules.replays import REPLAYED_WEEKS
from batches.simulation.rules.network import WAITING
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.sites.models import Site
from supplychain.sql import LOST, texts
from supplychain.transport.queries import lanes_of_plants

COLUMNS = ("id", "flow_id", "product_id", *(f"{place}_id" for place in PLACES), "priority", "ordered_at", "promised_at")


class PastLine(NamedTuple):
    """A line as it stood when the weeks began, with the orders that came in them. `placed`: hours of each order of it
    after the weeks began; `was_ready`: whether its dose was ready by then; `left_out`: orders that cannot be read."""

    line: SimulatedLine
    placed: tuple[float, ...]
    was_ready: tuple[bool, ...]
    left_out: int


def past_span(now: datetime) -> Span:
    """The weeks that end now."""
    return now - timedelta(weeks=REPLAYED_WEEKS), now


def has_earlier_orders(plant: Site, opened: datetime) -> bool:
    """Whether the line had orders before the moment."""
    return PatientOrder.objects.filter(plant=plant, ordered_at__lt=opened).exists()


def past_outcomes(plant: Site, span: Span) -> list[KpiOutcome]:
    """What became of every order of the line that the weeks are about."""
    return kpi_facts(_touching(plant, span)).outcomes


def past_line(plant: Site, span: Span) -> PastLine:
    """The line as it stood when the weeks began. A constant number of queries (and one a flow, once); the hours of
    its stages are learned as of then, which takes seconds."""
    facts = _facts(plant, span)
    state = line_state(facts, span[0])
    began = [max((one.facts.ordered_at - span[0]) / HOUR, 0.0) for one in state.foreseen]
    state.orders = [ahead._replace(begins_at=at) for ahead, at in zip(state.orders, began, strict=True)]
    open_orders, curves = open_orders_of(plant, state)
    # Where the replay looks for a moment is the release, not the collection.
    open_orders = tuple(
        msgspec.structs.replace(one, collection=_release(seen))
        for one, seen in zip(open_orders, state.foreseen, strict=True)
    )
    pools = pools_of(plant, at=span[0], known_by=span[1])
    line = SimulatedLine(
        code=plant.code, name=plant.name, made_at=span[0].isoformat(), journeys=(), pools=pools,
        open_orders=open_orders, open_curves=curves, hours=facts.refined.hours,
    )  # fmt: skip
    placed = tuple(round((one.facts.ordered_at - span[0]) / HOUR, 3) for one in state.foreseen)
    return PastLine(line, placed, _was_ready(state), len(state.left_out))


def _touching(plant: Site, span: Span) -> PatientOrderQuerySet:
    orders = PatientOrder.objects.filter(plant=plant, ordered_at__lt=span[1])
    is_told_of = Q(last_recorded_at__gte=span[0]) | Q(promised_at__gte=span[0]) | Q(status__in=OPEN_ORDER_STATUSES)
    return orders.filter(is_told_of).exclude(cancelled_at__lte=span[0]).exclude(closed_at__lte=span[0])


def _facts(plant: Site, span: Span) -> LineFacts:
    rows = list(_touching(plant, span).order_by("ordered_at", "id").values_list(*COLUMNS))
    runs, lanes = stage_runs_of(texts(row[0] for row in rows)), lanes_of_plants([str(plant.pk)])
    orders, unreadable = [], {}
    for row in rows:
        try:
            kind = order_kind(row[1], row[2], row[3:7], row[7])
            facts = order_as_of(_row(row, plant)._replace(places=kind.sites), kind.flow, runs[row[0]], span[0], lanes)
        except LOST:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one order's rows raise stays with it
            unreadable[str(row[0])] = f"{type(error).__name__}: {error}"[:200]
            continue
        orders.append(LineOrder(kind, facts))
    sites = _sites(plant, [one.kind for one in orders])
    curves = curves_learned_by(span[0], {one.kind.product for one in orders}, sites)
    return LineFacts(str(plant.pk), orders, (), pool_steps(sites), curves, unreadable, _refined(plant, span))


def _refined(plant: Site, span: Span) -> Refined:
    """The hours in which stages were begun by then, where the forecast uses such."""
    is_used = Refinement.HOURS in refinements_of(plant.pk).refinements
    return Refined(hours=start_hours_of(plant.pk, now=span[0])) if is_used else UNREFINED


def _row(row: tuple[Any, ...], plant: Site) -> OrderRow:
    order_id, flow_id, product_id, *sites, _, ordered_at, promised_at = row
    return OrderRow(
        order_id, flow_id, product_id, frozenset(sites), "", 1, ordered_at, promised_at, None, None,
        plant_id=plant.pk,
    )  # fmt: skip


def _sites(plant: Site, kinds: list[OrderKind]) -> set[str]:
    return {site for kind in kinds for site in kind.sites.values()} | {str(plant.pk)}


def _release(one: Foreseen) -> int:
    stages = [at for at, stage in enumerate(one.facts.stages.values()) if stage.plan.kind == StageKind.RELEASE]
    return stages[-1] if stages else -1


def _was_ready(state: LineState) -> tuple[bool, ...]:
    exits = [order.visits[order.exit] for order in state.orders]
    return tuple(visit.state != WAITING or (visit.ready_at is not None and isfinite(visit.ready_at)) for visit in exits)
