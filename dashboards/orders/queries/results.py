"""Results that are still to come of a dose that is ready, as the order page tells them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from batches.forecasts.rules.ready import ReadyForecast
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import counting_runs
from supplychain.orders.rules.late_results import MAY_GO, WENT, late_results
from supplychain.words import date_words


def results_to_come(
    order: PatientOrder, runs: Sequence[StageRun], ready: ReadyForecast | None, now: datetime, *, is_doubted: bool
) -> list[str]:
    """Of an open order whose dose is ready or was given, in words, in the person's zone; no query."""
    is_given = order.infused_at is not None and order.infused_at <= now
    if not order.is_open or not (is_given or (ready and ready.is_fact)):
        return []
    counting = {run.stage: run for run in counting_runs(order, runs)}
    doubted = is_doubted or (ready is not None and bool(ready.unsure or ready.doubt))
    before = WENT if is_given else "" if doubted else MAY_GO
    zone = timezone.get_current_timezone()
    found = late_results(flow_plan(order.flow_id).stages.values(), counting)
    return [one.words(now, lambda due: date_words(due, now, zone), before) for one in found]
