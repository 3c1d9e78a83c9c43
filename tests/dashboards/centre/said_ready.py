"""What the tests beside share: cards."""

from batches.forecasts.rules.ready import ReadyBasis, ReadyForecast
from supplychain.orders.statuses import StageStatus
from tests.dashboards.centre.builders import (
    NOW,
    hours,
    shipped_flow,
)

READY, RUNNING, HELD, FAILED = StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD, StageStatus.FAILED


FRESH, FROZEN = shipped_flow("car_t_fresh"), shipped_flow("car_t_frozen")


def said(ready: float, promised: float | None = None) -> ReadyForecast:
    """The simulated forecast: ready so many hours from now, give or take two days."""
    promised_at = None if promised is None else NOW + hours(promised)
    dates = (NOW + hours(ready), NOW + hours(ready - 48), NOW + hours(ready + 48))
    return ReadyForecast(ReadyBasis.SIMULATED, *dates, promised_at, None, NOW, NOW)
