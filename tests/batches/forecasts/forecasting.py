"""A line whose orders are forecast, over few futures."""

from batches.forecasts.actions.predictions import forecast_due_lines
from batches.forecasts.models import ForecastJob, Prediction
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at

COLUMNS = ("order", "made_at", "superseded_at", "ready_low", "ready_median", "ready_high", "p_late", "p_wait_expires",
           "p_no_dose", "evidence")  # fmt: skip


def new_world(**given) -> PoolWorld:
    """A world whose line has never been touched."""
    world = PoolWorld(**given)
    ForecastJob.objects.all().delete()
    return world


def forecast(hours: float):
    ForecastJob.objects.update(forecast_after=at(hours))
    return forecast_due_lines(now=at(hours))


def rows(*columns: str) -> list[tuple]:
    return list(Prediction.objects.order_by("made_at", "order").values_list(*(columns or COLUMNS)))
