"""A line whose orders are forecast, over few futures."""

from datetime import datetime, timedelta

from batches.forecasts.actions.predictions import forecast_due_lines
from batches.forecasts.models import ForecastJob, Prediction
from supplychain.orders.statuses import Priority
from supplychain.sites.models import Site
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import World, at

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


def tell_newcomers(world: World, made_at: datetime, line: Site | None = None, **hours: float) -> None:
    """Let a line (the world's plant) say in how many hours the next order of the world's flow is ready."""
    of_flow = {"flow": str(world.flow.pk)} | hours
    kinds = [of_flow | {"priority": priority} for priority in Priority.values]
    evidence = {"newcomers": {"made_at": made_at.isoformat(), "kinds": kinds}}
    given = {"made_at": made_at, "forecast_after": made_at + timedelta(hours=1), "evidence": evidence}
    ForecastJob.objects.update_or_create(line=line or world.plant, defaults=given)


def rows(*columns: str) -> list[tuple]:
    return list(Prediction.objects.order_by("made_at", "order").values_list(*(columns or COLUMNS)))
