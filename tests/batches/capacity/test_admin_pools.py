"""Pools in the administration: capacity from a moment in the site's own zone, kept, and judged at once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.lines.models import PoolState
from batches.lines.statuses import PoolCondition
from batches.manufacturing.models import Batch
from batches.manufacturing.statuses import BatchStatus
from supplychain.audit.trails import trail_of
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import StageStatus
from tests.dashboards.builders import raise_flag
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change, said
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> AdminWorld:
    world = AdminWorld()
    world.plant.time_zone = "Europe/Oslo"
    world.plant.save()
    return world


@pytest.fixture
def boss(world) -> Client:
    return browser(world.boss)


@pytest.fixture
def pool(world) -> Pool:
    pool = Pool.objects.create(site=world.plant, code="suite", name="Suites")
    PoolCapacity.objects.create(pool=pool, places=3, starts_at=at(0))
    PoolState.objects.create(pool=pool, condition=PoolCondition.CLEAR, review_after=NOW + timedelta(days=3))
    return pool


def add_step(client: Client, pool: Pool, **given):
    values = {"pool": pool.pk, "starts_at": "2026-03-10T14:30", "places": 5, "reason": WHY} | given
    return client.post(address("batches_poolcapacity", "add"), values)


def steps(pool: Pool) -> list[tuple]:
    return list(pool.capacities.order_by("starts_at").values_list("starts_at", "places"))


def test_a_pool_is_set_up_with_its_first_capacity(world, boss):
    values = {
        "site": world.plant.pk, "code": "qc_lane", "name": "QC lanes", "places": 4, "starts_at": "2026-03-10T07:00",
        "reason": WHY,
    }  # fmt: skip
    assert boss.post(address("batches_pool", "add"), values).status_code == 302
    pool = Pool.objects.get(code="qc_lane")
    assert steps(pool) == [(datetime(2026, 3, 10, 6, tzinfo=UTC), 4)]  # 07:00 in Oslo
    made = trail_of(pool, size=1)[0]
    assert (made.kind, made.who, made.reason) == ("Added", "boss", WHY)
    again = said(boss.post(address("batches_pool", "add"), values))
    assert again == {"__all__": ["There is one with this Site and Code already: use another, or open that one."]}


def test_a_capacity_change_is_kept_and_the_pool_is_reviewed_at_once(world, boss, pool):
    assert add_step(boss, pool).status_code == 302
    assert steps(pool) == [(at(0), 3), (datetime(2026, 3, 10, 13, 30, tzinfo=UTC), 5)]
    assert PoolState.objects.get(pool=pool).review_after <= NOW
    kept = trail_of(pool.capacities.get(places=5), size=1)[0]
    assert (kept.who, kept.action, kept.reason) == ("boss", "set capacity", WHY)


def test_a_correction_replaces_the_places_of_a_moment_and_the_old_ones_are_kept(boss, pool):
    step = pool.capacities.get()
    assert change(boss, address("batches_poolcapacity", "change", step), places=4).status_code == 302
    assert steps(pool) == [(at(0), 4)]
    assert PoolState.objects.get(pool=pool).review_after <= NOW
    assert [(d.field, d.old, d.new) for d in trail_of(step, size=1)[0].differences] == [("places", "3", "4")]


def test_two_administrators_who_correct_the_same_capacity_hear_of_each_other(world, boss, pool):
    step = pool.capacities.get()
    url = address("batches_poolcapacity", "change", step)
    seen = boss.get(url).context["adminform"].form["seen"].value()
    change(boss, url, places=4)
    answer = boss.post(url, {"places": 9, "seen": seen, "reason": WHY})
    assert "Now Places is “4”" in said(answer)["__all__"][0]
    assert steps(pool) == [(at(0), 4)]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"places": -1}, {"places": ["This is too little: write 0 or more."]}),
        ({"places": 5000}, {"places": ["This is too much: write 1000 or less."]}),
        (
            {"starts_at": "soon"},
            {"starts_at": ["“soon” is no moment in RFC 3339. Write it such as 2026-03-01T14:05:00+01:00."]},
        ),
        (
            {"starts_at": "2026-03-29T02:30"},
            {"starts_at": ["The clocks change at this time in Europe/Oslo; choose one an hour away."]},
        ),
        (
            {"starts_at": "0001-01-01T00:00"},
            {"starts_at": ["“0001-01-01T00:00”: the year must lie between 2000 and 2100; check the sender's clock."]},
        ),
        (
            {"starts_at": "2026-03-02T09:00"},
            {"starts_at": ["3 places begin at this moment already; change that capacity or choose another time."]},
        ),
        ({"reason": ""}, {"reason": ["“Reason for the change” is missing: enter it."]}),
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_capacity_that_cannot_be_meant_is_refused_at_its_field(boss, pool, given, errors):
    assert said(add_step(boss, pool, **given)) == errors
    assert steps(pool) == [(at(0), 3)]


def test_closing_a_pool_that_orders_need_is_asked_first(world, boss, pool):
    world.order()
    asked = add_step(boss, pool, places=0)
    assert said(asked) == {
        "is_meant": [
            "This closes the pool: 1 open order waits for or comes to it. Nobody gets a place until another capacity "
            "begins. If that is meant, tick this and save again."
        ]
    }
    assert 'type="checkbox" name="is_meant"' in asked.content.decode()
    assert steps(pool) == [(at(0), 3)]
    assert add_step(boss, pool, places=0, is_meant="on").status_code == 302
    assert [places for _, places in steps(pool)] == [3, 0]


def test_a_correction_to_fewer_places_than_orders_need_now_is_asked_and_to_more_is_not(world, boss, pool):
    for _ in range(2):
        world.order()
    StageRun.objects.filter(pool="suite").update(status=StageStatus.RUNNING, started_at=at(1), ready_at=at(1))
    step = pool.capacities.get()
    asked = change(boss, address("batches_poolcapacity", "change", step), places=1)
    assert said(asked)["is_meant"][0].startswith(
        "2 open orders hold a place of it now and none more wait for one, with 1 place for them; none come to it later."
    )
    assert change(boss, address("batches_poolcapacity", "change", step), places=4).status_code == 302
    assert change(boss, address("batches_poolcapacity", "change", step), places=2).status_code == 302


def test_closing_a_pool_that_nobody_needs_is_not_asked(boss, pool):
    assert add_step(boss, pool, places=0).status_code == 302


def test_a_capacity_that_began_a_moment_ago_can_be_taken_back_as_a_mistake(boss, pool):
    answer = boss.post(
        address("batches_poolcapacity", "add"),
        {"pool": pool.pk, "starts_at": "2026-03-10T12:45", "places": 0, "reason": WHY}, follow=True,
    )  # fmt: skip
    assert "Suites, Plant: 0 from 10 Mar 2026 12:45 Europe/Oslo" in answer.content.decode()
    step = pool.capacities.get(places=0)
    boss.post(address("batches_poolcapacity", "delete", step), {"post": "yes", "reason": WHY})
    assert steps(pool) == [(at(0), 3)]


def test_the_only_capacity_of_a_pool_is_corrected_and_never_taken_back(boss, pool):
    pool.capacities.update(starts_at=NOW - timedelta(minutes=5))
    page = boss.get(address("batches_poolcapacity", "delete", pool.capacities.get()))
    assert page.context["protected"] == ["the pool, which has no other capacity until now"]


def test_what_has_been_in_force_stays_and_what_is_to_come_can_be_taken_back(boss, pool):
    add_step(boss, pool, starts_at="2026-04-01T06:00")
    past, coming = pool.capacities.order_by("starts_at")
    page = boss.get(address("batches_poolcapacity", "delete", past))
    assert page.context["protected"] == ["the judgement of the pool since it began"]
    for step in (past, coming):
        boss.post(address("batches_poolcapacity", "delete", step), {"post": "yes", "reason": WHY})
    assert steps(pool) == [(at(0), 3)]


def test_a_pool_that_orders_needed_stays_and_one_that_nobody_needed_goes(world, boss, pool):
    order = world.order()
    assert order.stage_runs.filter(pool="suite", site=world.plant).exists()
    assert boss.get(address("batches_pool", "delete", pool)).context["protected"] == ["orders that have needed it"]
    boss.post(address("batches_pool", "delete", pool), {"post": "yes", "reason": WHY})
    unused = Pool.objects.create(site=world.oslo, code="qc_lane", name="None")
    boss.post(address("batches_pool", "delete", unused), {"post": "yes", "reason": WHY})
    assert list(Pool.objects.values_list("code", flat=True)) == ["suite"]


def test_a_named_place_in_which_a_batch_was_made_stays(world, boss, pool):
    for code in ("S1", "S2"):
        boss.post(address("batches_suite", "add"), {"pool": pool.pk, "code": code, "reason": WHY})
    used, unused = Suite.objects.order_by("code")
    Batch.objects.create(order=world.order(), attempt=1, plant=world.plant, suite=used, status=BatchStatus.IN_PROCESS)
    for suite in (used, unused):
        boss.post(address("batches_suite", "delete", suite), {"post": "yes", "reason": WHY})
    assert list(Suite.objects.values_list("code", flat=True)) == ["S1"]


def test_the_page_of_a_pool_shows_its_capacities_in_the_zone_of_its_site(boss, pool):
    add_step(boss, pool, starts_at="2026-04-01T06:00", places=6)
    rows = boss.get(address("batches_pool", "change", pool)).context["capacities"]
    assert [(row["at"], row["step"].places, row["now"], row["coming"]) for row in rows] == [
        ("1 Apr 2026 06:00 Europe/Oslo", 6, False, True), ("2 Mar 2026 09:00 Europe/Oslo", 3, True, False),
    ]  # fmt: skip


def test_pools_of_other_sites_do_not_exist(world, pool):
    local = browser(world.local)
    assert list(local.get(address("batches_pool", "changelist")).context["cl"].result_list) == []
    assert local.get(address("batches_pool", "change", pool)).status_code == 404
    assert list(said(add_step(local, pool))) == ["pool"]


def test_flips_of_flags_are_read_and_never_written(world, boss):
    order = world.order(coi="CO-1")
    flag = raise_flag(order)
    row = flag.changes.get()
    assert "CO-1" in boss.get(address("batches_flagchange", "change", row)).content.decode()
    assert boss.post(address("batches_flagchange", "delete", row), {"post": "yes"}).status_code == 403
    stranger = browser(world.local)
    assert stranger.get(address("batches_flagchange", "change", row)).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("table", "queries"), [("batches_pool", 8), ("batches_poolcapacity", 8), ("batches_suite", 8)])
def test_a_list_costs_the_same_for_one_row_and_for_three(world, django_assert_num_queries, table, queries, rows):
    for site in (world.plant, world.oslo, world.bergen)[:rows]:
        pool = Pool.objects.create(site=site, code="suite", name="Suites")
        PoolCapacity.objects.create(pool=pool, places=3, starts_at=at(0))
        Suite.objects.create(pool=pool, code=f"S-{site.code}")
    client = browser(world.boss)
    client.get(address(table, "changelist"))
    with django_assert_num_queries(queries):
        client.get(address(table, "changelist"))


def test_the_audit_trail_has_the_pools_too(world, boss, pool):
    change(boss, address("batches_pool", "change", pool), name="Clean rooms")
    page = boss.get(reverse("admin:audit_trail"), {"table": "pool"})
    newest = page.context["changes"][0]
    assert (newest.subject, newest.who, newest.action, newest.reason) == ("suite", "boss", "rename pool", WHY)


def test_a_code_that_many_stages_name_is_offered_once(world, boss):
    form = boss.get(address("batches_pool", "add")).context["adminform"].form
    codes = [code for code, _ in form.fields["code"].choices]
    assert codes == sorted(set(codes))
    assert "suite" in codes


def test_the_trail_says_that_a_pool_was_given_no_place(world, boss, pool):
    answer = add_step(boss, pool, places=0, starts_at="2026-04-01T06:00")
    assert answer.status_code == 302
    step = pool.capacities.get(places=0)
    assert ("places", "", "0") in [(d.field, d.old, d.new) for d in trail_of(step, size=1)[0].differences]
    page = boss.get(address("batches_poolcapacity", "history", step)).content.decode()
    assert '<span class="quiet">places:</span> <ins>0</ins>' in page
    file = boss.get(reverse("admin:audit_trail"), {"table": "poolcapacity", "format": "csv"})
    assert ",places,,0" in b"".join(file.streaming_content).decode()
