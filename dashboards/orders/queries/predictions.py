"""What was said of an order by simulated futures."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from batches.calibration.queries.scored import models_in_use
from batches.forecasts.models import Prediction
from batches.forecasts.queries.predictions import thresholds_of_products
from batches.forecasts.rules.thresholds import Thresholds
from dashboards.orders.rules.predictions import MOST_POINTS, LedgerRow, Outlook, outlook
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.rules.waits import has_run_out


def order_outlook(
    order: PatientOrder, runs: Iterable[StageRun], names: Mapping[str, str], now: datetime
) -> Outlook | None:
    """The newest word on an open order and how it came to it, and from where on it is flagged today; three queries, one
    where nothing was said."""
    if not order.is_open:
        return None
    columns = (*LedgerRow._fields, "line__line_forecast__made_at")
    rows = list(Prediction.objects.filter(order=order).order_by("-made_at").values_list(*columns)[:MOST_POINTS])
    if not rows:
        return None
    choice = models_in_use([order.plant_id])[order.plant_id]
    said = [LedgerRow._make(row[:-1]) for row in rows]
    said = [row._replace(made_at=timezone.localtime(row.made_at)) for row in said]
    limits = thresholds_of_products().get(str(order.product_id), Thresholds())
    over = [run.stage.code for run in runs if has_run_out(run, now)]
    return outlook(
        said,
        names=names,
        confirmed_at=rows[0][-1],
        is_used=choice.is_used,
        why=choice.why,
        now=now,
        over=over,
        limits=limits,
    )
