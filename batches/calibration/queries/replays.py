"""A line as it was known at a past moment: what was recorded by then, folded anew; and what came of its orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from batches.calibration.queries.outcomes import outcomes_of
from batches.calibration.rules.arrivals import Placed
from batches.calibration.rules.replays import EVERY, WEEKS, PastOutcome, Replayed, moments, orders_from
from batches.durations.queries.runs import curves_learned_by, order_runs
from batches.durations.rules.paces import learn_paces
from batches.durations.rules.slowness import learn_slowness
from batches.forecasts.models import RefinementState, ReplayedForecast
from batches.forecasts.queries.line_states import order_kind, pool_steps, recent_kinds
from batches.forecasts.queries.starts import start_hours_of
from batches.forecasts.rules.demand import RATE_WINDOW
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, OrderKind
from batches.forecasts.rules.refinements import LearnedOfLine
from batches.judgement.rules.facts import OrderFacts, OrderRow, RunFacts, Surroundings, order_facts
from batches.judgement.statuses import PLACES
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.agreed_ends import AGREED_END, AGREED_TIMES, UNKNOWN_SINCE
from supplychain.orders.rules.bookings import MISSED_START
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, OrderState, RunState
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus, Priority
from supplychain.sql import LOST, reason_of
from supplychain.transport.queries import lanes_of_plants

COLUMNS = ("id", "flow_id", "product_id", *(f"{place}_id" for place in PLACES), "priority", "ordered_at")


class LineAsOf(NamedTuple):
    """The facts of a line at a past moment, what refinements were to rest on by then, and what came of its orders."""

    facts: LineFacts
    learned: LearnedOfLine
    outcomes: dict[UUID, PastOutcome]


def replays_of(line_id: UUID, now: datetime) -> list[Replayed]:
    """The replayed forecasts of the line that count now, newest first; one query."""
    rows = ReplayedForecast.objects.filter(line=line_id, moment__in=moments(now)).order_by("-moment")
    columns = rows.values_list("moment", "orders", "said")
    return [Replayed(moment, orders_from(orders), said) for moment, orders, said in columns]


def refinements_of_lines(line_ids: Iterable[UUID]) -> dict[UUID, list[tuple[Any, ...]]]:
    """What was tried for each of these lines, as the API tells it; one query."""
    columns = ("refinement", "is_used", "changed_at", "why", "orders", "brier_without", "brier_with", "refreshed_at")
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for line, *rest in RefinementState.objects.filter(line__in=list(line_ids)).values_list("line_id", *columns):
        found.setdefault(line, []).append(tuple(rest))
    return found


def line_as_of(line_id: UUID, moment: datetime) -> LineAsOf:
    """The line as recorded by the moment; hours of stages as they were to be learned then, which takes seconds. Places
    of pools are those recorded since, too, and lanes those of now: when somebody said them is not kept."""
    lanes = lanes_of_plants([str(line_id)])
    orders, unreadable = _orders(line_id, moment, Surroundings({}, {}, lanes))
    recent = recent_kinds(line_id, moment)
    kinds = [*(one.kind for one in orders), *recent]
    sites = {site for kind in kinds for site in kind.sites.values()} | {str(line_id)}
    curves = curves_learned_by(moment, {kind.product for kind in kinds}, sites)
    facts = LineFacts(str(line_id), orders, recent, pool_steps(sites), curves, unreadable, lanes=lanes)
    return LineAsOf(facts, learned_of_line(line_id, now=moment), outcomes_of(one.facts.id for one in orders))


def learned_of_line(line_id: UUID, *, now: datetime) -> LearnedOfLine:
    """What the refinements of a line rest on, as it is to be learned at a moment."""
    runs = order_runs(line_id, now=now)
    return LearnedOfLine(learn_slowness(runs), start_hours_of(line_id, now=now), learn_paces(runs))


def placed_orders(line_id: UUID, *, now: datetime) -> list[Placed]:
    """When the orders of the line came that its past weeks are scored by; cancelled ones left out; one query."""
    since = now - RATE_WINDOW - EVERY * (WEEKS + 2)
    placed = PatientOrder.objects.filter(plant=line_id, ordered_at__gt=since, ordered_at__lte=now)
    rows = placed.exclude(status=OrderStatus.CANCELLED).values_list("ordered_at", "priority")
    return [Placed(at, priority == Priority.URGENT) for at, priority in rows]


def _orders(
    line_id: UUID, moment: datetime, around: Surroundings
) -> tuple[list[LineOrder], dict[str, str]]:  # fmt: skip
    """The orders that were open by all that was recorded then, and those that cannot be read."""
    placed = PatientOrder.objects.filter(plant=line_id, ordered_at__lte=moment)
    # One of which nothing was recorded since, and that is not open, had ended before.
    rows = placed.filter(Q(last_recorded_at__gt=moment) | Q(status__in=OPEN_ORDER_STATUSES)).values_list(*COLUMNS)
    said = load_facts(row[0] for row in rows)
    orders, unreadable = [], {}
    for order_id, flow_id, product_id, *sites, priority, ordered_at in rows:
        try:
            kind = order_kind(flow_id, product_id, sites, priority)
            state = fold(kind.flow, ordered_at, _recorded(said[order_id], moment))
            row = _row(order_id, flow_id, product_id, sites, ordered_at, state)._replace(places=kind.sites)
            if state.status in OPEN_ORDER_STATUSES:
                orders.append(LineOrder(kind, _facts(row, kind, state, around)))
        except LOST:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one order's facts raise stays with it
            unreadable[str(order_id)] = reason_of(error)
    return orders, unreadable


def _recorded(facts: Iterable[Fact], moment: datetime) -> list[Fact]:
    return [fact for fact in facts if fact.recorded_at <= moment]


def _row(
    order_id: UUID, flow_id: UUID, product_id: UUID, sites: list[UUID], ordered_at: datetime, state: OrderState
) -> OrderRow:
    return OrderRow(
        order_id, flow_id, product_id, frozenset(sites), state.status, state.attempt, ordered_at, state.promised_at,
        state.held_at, None,
    )  # fmt: skip


def _facts(row: OrderRow, kind: OrderKind, state: OrderState, around: Surroundings) -> OrderFacts:
    return order_facts(row, kind.flow, [_run(run, kind) for run in state.runs.values()], around, [])


def _run(run: RunState, kind: OrderKind) -> RunFacts:
    plan = kind.flow.stages[run.stage]
    return RunFacts(
        run.stage, run.attempt, kind.sites.get(plan.place, ""), plan.pool, run.status, run.ready_at, run.started_at,
        run.completed_at, run.failed_at, run.held_at, run.planned_start_at, run.planned_end_at, run.wait_until,
        run.wait_limit, run.wait_expires_at, run.details.get("planned_pickup_at"),
        run.details.get("planned_delivery_at"), run.details.get("qualified_until"),
        missed_start_at=run.details.get(MISSED_START), agreed_end_at=run.details.get(AGREED_END),
        agreed_times=run.details.get(AGREED_TIMES), unknown_since=run.details.get(UNKNOWN_SINCE), resource=run.resource,
        courier=run.details.get("courier"),
    )  # fmt: skip
