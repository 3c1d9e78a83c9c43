"""The journey of one order as a time line: what was, what is foreseen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from batches.forecasts.models import Forecast
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.forecasts.rules.ready import ReadyForecast
from dashboards.orders.rules.predictions import Outlook
from dashboards.orders.rules.spans import all_spans, as_ended, expected, whole_hold
from dashboards.orders.rules.time_lines import BarKind, Span, time_line
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import counting_runs
from supplychain.orders.rules.promises import dose_date
from supplychain.pages.charts import Chart
from supplychain.transport.rules.arrivals import ShownArrival


def seen_at(order: PatientOrder, now: datetime) -> datetime:
    """The moment to which its stages are counted: nothing of a cancelled order goes on."""
    return min(order.cancelled_at, now) if order.cancelled_at else now


def order_line(
    order: PatientOrder, runs: Sequence[StageRun], forecast: Forecast | None, ready: ReadyForecast | None,
    said: Outlook | None, now: datetime, budgets: Sequence[HoldBudget], arrivals: Mapping[UUID, ShownArrival],
) -> Chart:  # fmt: skip
    """Its stages one below the other, with what is foreseen where it is, as `budgets` say it of cells that wait and
    `arrivals` (by run) of shipments; no query but that of its flow."""
    flow = flow_plan(order.flow_id)
    by_stage: dict[str, list[StageRun]] = {}
    for run in runs:
        by_stage.setdefault(run.stage.code, []).append(run)
    spans = all_spans(flow, by_stage, order.ordered_at, seen_at(order, now))
    if ended_at := order.cancelled_at or order.closed_at:
        spans = as_ended(spans, ended_at, goes_on=not order.cancelled_at)
    if forecast and ready and ready.ready_at:
        newest = {run.stage: run for run in counting_runs(order, runs)}
        mostly = said.said.evidence.get("contributes") if said and ready.is_simulated else None
        begins = next(((one.ended_by, max(one.begins_at, now)) for one in budgets if one.begins_at), None)
        told = {run.stage.code: arrivals[run.pk].arrival for run in runs if run.pk in arrivals and run.started_at}
        arrive = {code: arrival.at for code, arrival in told.items() if arrival}
        ahead_of = expected(flow, ready.ready_at, forecast.evidence, newest, now, mostly, begins, arrive)
        for code, ahead in ahead_of.items():
            spans.setdefault(code, []).extend(ahead)
    if ready and ready.is_simulated and ready.ready_from and ready.ready_to:
        first = max(ready.ready_from, now)
        ahead = Span(BarKind.RANGE, first, max(ready.ready_to, first), order.attempt)
        spans.setdefault(flow.exit, []).append(ahead)
    names = {stage.code: stage.name for stage in flow.stages.values()}
    if held := whole_hold(order.held_at if order.is_open else None, now):
        spans, names = spans | {"": held}, {"": "Whole order", **names}
    return time_line(
        names, spans, ordered_at=order.ordered_at, now=now, promised_at=order.promised_at,
        ready_at=ready.ready_at if ready else None,
        date=dose_date(order.confirmed_at),
    )  # fmt: skip
