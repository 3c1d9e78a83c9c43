"""Celery shells of forecasting."""

from celery import shared_task
from django.utils import timezone

from batches.forecasts.actions.predictions import forecast_due_lines, rescue_due_lines
from supplychain.live import publish_change

LINES = 8


@shared_task(name="batches.forecasts.forecast_lines")
def forecast_lines() -> None:
    """Forecast the lines that are due, then look for rescues in one that has them apart; no flag waits for either."""
    publish_change(forecast_due_lines(now=timezone.now(), limit=LINES))
    publish_change(rescue_due_lines(now=timezone.now()))
