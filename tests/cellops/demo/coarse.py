"""The demo's past, brought in coarsely: a tenth of the work, for tests that only need there to be one."""

from datetime import timedelta
from typing import Any

import pytest

from cellops.demo import writing


@pytest.fixture
def _coarse_past(monkeypatch: Any) -> None:
    monkeypatch.setattr(writing, "WINDOWS", ((timedelta(days=1), timedelta(hours=6)),))
    monkeypatch.setattr(writing, "USUAL_WINDOW", timedelta(days=15))
    monkeypatch.setattr(writing, "JUDGED", timedelta(days=1))
    monkeypatch.setattr(writing, "FORECAST_EVERY", timedelta(days=365))
