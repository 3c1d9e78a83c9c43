"""A site whose pools cannot be reviewed: it is kept and said, and no other site waits for it."""

from datetime import timedelta

import pytest

from batches.lines.actions import pools as pool_actions
from batches.lines.actions.pools import LEASE, review_due_pools
from batches.lines.models import PoolState
from batches.lines.rules.failures import FailingReview, failing_review
from supplychain.sites.statuses import SiteKind
from tests.batches.lines.builders import PoolWorld, hour, state
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import make_site

pytestmark = pytest.mark.django_db
SAID = "ValueError: two places of one suite"


@pytest.fixture
def world() -> PoolWorld:
    world = PoolWorld()
    world.other = world.pool("suite", "Suites", 2, make_site("turin", SiteKind.PLANT))
    PoolState.objects.filter(pool=world.lane).delete()
    return world


@pytest.fixture
def poisoned(world, monkeypatch) -> PoolWorld:
    """The facts of the first plant make the rules raise."""
    read_pools = pool_actions.read_pools

    def read(pools, *, now):
        if (world.plant.pk, "suite") in pools:
            raise ValueError("two places of one suite")
        return read_pools(pools, now=now)

    monkeypatch.setattr(pool_actions, "read_pools", read)
    return world


def failing() -> set[tuple]:
    return set(PoolState.objects.values_list("pool__site__code", "failing_since", "failing_why"))


def test_it_is_kept_since_when_and_why_and_other_sites_are_reviewed(poisoned):
    assert review_due_pools(now=hour(1)) >= {poisoned.plant.pk}, "screens are told"
    assert failing() == {("plant", hour(1), SAID), ("turin", None, "")}
    assert state(poisoned.other).review_after != hour(1) + LEASE

    again = hour(1) + LEASE + timedelta(seconds=1)
    assert poisoned.plant.pk not in review_due_pools(now=again), "screens are told once"
    assert ("plant", hour(1), SAID) in failing()


def test_it_is_over_with_the_first_review_that_succeeds_and_screens_are_told(poisoned, monkeypatch):
    review_due_pools(now=hour(1))
    monkeypatch.undo()
    assert poisoned.plant.pk in review_due_pools(now=hour(1) + LEASE)
    assert failing() == {("plant", None, ""), ("turin", None, "")}


def test_a_newer_reason_stands_for_the_older_one(poisoned, monkeypatch):
    review_due_pools(now=hour(1))
    PoolState.objects.filter(pool=poisoned.suite).update(failing_why="KeyError: before")
    review_due_pools(now=hour(1) + LEASE)
    assert failing() == {("plant", hour(1), SAID), ("turin", None, "")}


def test_the_oldest_failure_of_a_site_is_said():
    states = [PoolState(failing_since=since, failing_why=why) for since, why in
              ((hour(2), "b"), (None, ""), (hour(1), "a"))]  # fmt: skip
    assert failing_review(states) == FailingReview(hour(1), "a")
    assert failing_review(states[1:2]) is None


def test_a_system_reads_it_with_each_pool(poisoned):
    review_due_pools(now=hour(1))
    rows = client_of(poisoned.source).get("/api/v1/pools/").json()["results"]
    assert {row["code"]: row["failing_since"] for row in rows} == {"suite": "2026-03-02T09:00:00Z", "qc_lane": None}
