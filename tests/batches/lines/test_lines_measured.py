"""Lines are measured and judged once a minute, and at once where their queues put the verdict in doubt."""

from datetime import timedelta

import pytest

from batches.capacity.actions import set_capacity
from batches.lines.actions.pools import review_due_pools
from batches.lines.models import PoolState
from tests.batches.lines.builders import PoolWorld, hour, jam, state


@pytest.fixture
def world(db) -> PoolWorld:
    return PoolWorld(suites=2)


def measured(world: PoolWorld) -> dict:
    return {row.pool_id: (row.measured_at, row.evidence) for row in PoolState.objects.filter(pool__site=world.plant)}


def review_after(world: PoolWorld, **passed: float) -> dict:
    PoolState.objects.update(review_after=hour(100))
    review_due_pools(now=hour(100) + timedelta(**passed))
    return measured(world)


def test_a_line_is_measured_once_a_minute(world):
    jam(world)
    first = review_after(world, seconds=0)
    assert {at for at, _ in first.values()} == {hour(100)}
    assert review_after(world, seconds=59) == first
    assert {at for at, _ in review_after(world, seconds=60).values()} == {hour(100) + timedelta(seconds=60)}
    assert state(world.suite).reviewed_at == hour(100) + timedelta(seconds=60)


def test_a_line_whose_verdict_is_in_doubt_is_measured_at_once(world):
    jam(world)
    review_after(world, seconds=0)
    set_capacity(world.suite, places=9, starts_at=hour(100), by=None, now=hour(100))
    at = hour(100) + timedelta(seconds=10)
    assert {measured_at for measured_at, _ in review_after(world, seconds=10).values()} == {at}
