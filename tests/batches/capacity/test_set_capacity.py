"""Pools and their places can be set up without a shell, and mistakes are explained."""

import pytest
from django.core.management import CommandError, call_command

from batches.capacity.models import Pool, PoolCapacity, Suite
from tests.supplychain.builders import World, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> World:
    return World()


def set_capacity(**options) -> None:
    call_command("set_capacity", **({"site": "plant", "pool": "suite", "places": 4} | options))


def test_a_pool_is_set_up_with_its_suites_and_changed_from_a_date_on(capsys):
    set_capacity(name="Clean rooms", starts_at=at(0), suites="S1, S2")
    set_capacity(places=6, starts_at=at(100))

    pool = Pool.objects.get()
    assert (pool.site.code, pool.code, pool.name) == ("plant", "suite", "Clean rooms")
    assert list(PoolCapacity.objects.values_list("starts_at", "places")) == [(at(0), 4), (at(100), 6)]
    assert list(Suite.objects.values_list("code", flat=True)) == ["S1", "S2"]
    assert (
        capsys.readouterr().out.splitlines()[0] == "Clean rooms, Plant serves 4 at once from 2026-03-02 08:00 UTC on."
    )


def test_a_pool_that_orders_need_is_closed_only_where_that_is_meant(world):
    set_capacity(starts_at=at(0))
    world.order()
    with pytest.raises(CommandError, match=r"1 open order waits for or comes to it\..* add --meant"):
        set_capacity(places=0)
    set_capacity(places=0, meant=True)
    assert list(PoolCapacity.objects.order_by("starts_at").values_list("places", flat=True)) == [4, 0]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"pool": "suites"}, "chair, courier, qa_reviewer, qc_lane, suite"),
        ({"site": "mars"}, "Known sites: bergen, oslo, plant"),
        ({"places": -1}, "give 0 or more"),
    ],
)
def test_a_mistake_is_explained_and_changes_nothing(wrong, hint):
    with pytest.raises(CommandError, match=hint):
        set_capacity(**wrong)
    assert not Pool.objects.exists()
