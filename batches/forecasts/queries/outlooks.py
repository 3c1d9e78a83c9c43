"""Standing forecasts, and the outlook of an order not yet placed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from batches.forecasts.models import ForecastJob
from batches.forecasts.rules.ledger import StandingForecast
from batches.forecasts.rules.outlooks import order_to_come, outlook, simulated_newcomer, usual_newcomer
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.queries import surroundings_of
from batches.judgement.rules.facts import Surroundings
from batches.judgement.rules.predictions import FRESH
from batches.judgement.rules.sent_moments import moment
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.stored_cells import collection_of_flow, with_stored
from supplychain.orders.statuses import Priority
from supplychain.sql import read, texts

STANDING_SQL = """SELECT order_id, id, made_at, ready_at, slack_hours, evidence ->> 'promised_at',
    COALESCE(evidence ->> 'is_reached' = 'true', false), COALESCE(evidence ->> 'assumes_ended', ''),
    COALESCE(evidence ->> 'assumes_cleared', ''), COALESCE(evidence ->> 'assumes_booked', ''),
    COALESCE(evidence ->> 'assumes_repeated', '')
    FROM batches_forecast WHERE order_id = ANY(%(ids)s::uuid[]) AND superseded_at IS NULL"""


def standing_forecasts(order_ids: Iterable[UUID]) -> dict[UUID, StandingForecast]:
    """The forecast that stands for each of these orders, if there is one."""
    rows = read(STANDING_SQL, ids=texts(order_ids))
    return {order_id: StandingForecast(*rest) for order_id, *rest in rows}


def ready_outlooks(
    flow_id: UUID,
    product_id: UUID,
    sites: Mapping[str, UUID],
    plants: Collection[UUID],
    now: datetime,
    *,
    is_stored: bool = False,
) -> dict[UUID, dict[str, ReadyForecast]]:
    """When a dose ordered now at these sites (by place, but for the plant) would be ready from each of `plants`, by
    priority: as the simulated futures of the line have it for the next order of this kind, else by usual durations,
    which know no priorities; four queries at most. `is_stored`: its cells were collected before, and of such an order
    no futures are simulated until it is placed."""
    found = {} if is_stored else _simulated(flow_id, plants, now)
    flow = with_stored(flow_plan(flow_id)) if is_stored else flow_plan(flow_id)
    without = [plant for plant in plants if not found.get(plant)]
    ways = {plant: {**sites, StagePlace.PLANT.value: plant} for plant in without}
    around = surroundings_of([order_to_come(flow, product_id, way, now) for way in ways.values()]) if ways else None
    for plant, way in ways.items():
        made = outlook(flow, product_id, way, _without(around, flow, is_stored=is_stored), now)
        found[plant] = dict.fromkeys(Priority.values, usual_newcomer(made, now)) if made else {}
    return found


def _simulated(flow_id: UUID, plants: Collection[UUID], now: datetime) -> dict[UUID, dict[str, ReadyForecast]]:
    """What the futures of the plants' lines say of it."""
    fresh = ForecastJob.objects.filter(line__in=plants, made_at__gt=now - FRESH)
    jobs = {job.line_id: job for job in fresh.exclude(line__calibration_state__is_used=False)}
    return {line: _newcomers(flow_id, job.evidence.get("newcomers"), now) for line, job in jobs.items()}


def _without(around: Surroundings | None, flow: FlowPlan, *, is_stored: bool) -> Surroundings | None:
    """The surroundings, for stored cells without how long collections usually take."""
    plan = collection_of_flow(flow) if is_stored else None
    if around is None or plan is None:
        return around
    return around._replace(usual={kind: one for kind, one in around.usual.items() if kind[2] != plan.code})


def _newcomers(flow_id: UUID, said: Mapping[str, Any] | None, now: datetime) -> dict[str, ReadyForecast]:
    """What a plant's line says of an order of this flow, by priority, while its forecast counts."""
    made_at = moment(said["made_at"]) if said else None
    if said is None or made_at is None or made_at <= now - FRESH:
        return {}
    return {
        kind["priority"]: simulated_newcomer(kind, made_at, now)
        for kind in said["kinds"]
        if kind["flow"] == str(flow_id) and "priority" in kind
    }
