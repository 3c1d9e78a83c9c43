"""The world of the pages, and the hour at which most of them are looked at."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.dashboards.builders import TowerWorld
from tests.supplychain.builders import at


@pytest.fixture
def world(db: None) -> TowerWorld:
    """A plant, two hospitals and their people."""
    return TowerWorld()


@pytest.fixture
def now_is_hour_100() -> Iterator[None]:
    """Friday 6 March 2026, 12:00 UTC; ask for it before the world."""
    with time_machine.travel(at(100), tick=False):
        yield
