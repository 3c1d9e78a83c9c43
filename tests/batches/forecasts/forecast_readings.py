"""What the tests beside share: forecasts."""

from uuid import UUID

from batches.forecasts.rules.ledger import StandingForecast
from tests.batches.builders import (
    at,
)

# Planned hours from the start of each stage to the moment at which infusion could start.
FROM_DISPOSITION = 24 + 24 + 2


FROM_QC = 168 + FROM_DISPOSITION


def standing(ready: float, promised: float | None = 1000.0, made: float = 0.0) -> StandingForecast:
    slack = None if promised is None else promised - ready
    return StandingForecast(
        UUID(int=1), at(made), at(ready), slack, None if promised is None else at(promised).isoformat()
    )
