"""Lanes: when a shipment arrives by them, and who sets them up."""

from datetime import UTC, datetime, time

import pytest

from supplychain.audit.refusals import Refused
from supplychain.audit.trails import trail_of
from supplychain.transport.actions.lanes import change_lane, create_lane
from supplychain.transport.models import Lane as LaneRow
from supplychain.transport.rules.lanes import Lane
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change, said
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import make_site, make_source


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pickup", "cut_offs", "leaves"),
    [
        ("2026-06-01 20:00", (), "2026-06-01 20:00"),
        ("2026-06-01 14:00", (time(16),), "2026-06-01 14:00"),  # 16:00 in Oslo: not missed
        ("2026-06-01 14:01", (time(16),), "2026-06-02 14:00"),
        ("2026-06-01 14:01", (time(9), time(16), time(18)), "2026-06-01 14:01"),
        ("2026-06-01 17:00", (time(9), time(16), time(18)), "2026-06-02 07:00"),
        # The clocks go back in between: the cut-off stays where the clock on the wall is.
        ("2026-10-24 15:00", (time(16),), "2026-10-25 15:00"),
    ],
)
def test_what_misses_the_last_cut_off_leaves_the_next_day(pickup, cut_offs, leaves):
    lane = Lane("", 20, 4, cut_offs, "Europe/Oslo")
    assert lane.leaves_at(moment(pickup)) == moment(leaves)
    assert lane.misses(moment(pickup)) == (pickup != leaves)
    assert (lane.arrives_at(moment(pickup)) - moment(leaves)).total_seconds() == 24 * 3600


@pytest.fixture
def world(db) -> AdminWorld:
    return AdminWorld()


def values(world, **more) -> dict:
    told = {"from_site": world.oslo.pk, "to_site": world.plant.pk, "courier": "Polar Lane", "usual_hours": "20"}
    return told | {"customs_hours": "4", "cut_offs": "16:30, 09:00", "reason": WHY} | more


def test_who_administers_a_plant_adds_changes_and_deletes_a_lane(world):
    boss = browser(world.boss)
    answer = boss.post(address("supplychain_lane", "add"), values(world))
    assert answer.status_code == 302
    lane = LaneRow.objects.get()
    assert lane.cut_offs == [time(9), time(16, 30)]
    assert change(boss, address("supplychain_lane", "change", lane), usual_hours="30").status_code == 302
    lane.refresh_from_db()
    assert (lane.usual_hours, trail_of(lane, size=1)[0].reason) == (30, WHY)
    assert "Polar Lane" in boss.get(address("supplychain_lane", "changelist")).text
    boss.post(address("supplychain_lane", "delete", lane), {"post": "yes", "reason": WHY})
    assert not LaneRow.objects.exists()


def test_one_lane_a_courier_whatever_its_capitals(world):
    boss = browser(world.boss)
    boss.post(address("supplychain_lane", "add"), values(world))
    again = said(boss.post(address("supplychain_lane", "add"), values(world, courier="POLAR LANE")))
    assert "already" in str(again)
    same = said(boss.post(address("supplychain_lane", "add"), values(world, to_site=world.oslo.pk)))
    assert "from one site to another" in str(same)
    assert "cut_offs" in said(boss.post(address("supplychain_lane", "add"), values(world, cut_offs="25:00")))


def test_nobody_sets_up_a_lane_between_sites_of_others(world):
    others = {"from_site": make_site("far").pk, "to_site": make_site("away").pk}
    answer = browser(world.boss).post(address("supplychain_lane", "add"), values(world, **others))
    assert "that you administer" in str(said(answer))
    assert browser(world.local).get(address("supplychain_lane", "add")).status_code == 403


def test_lanes_of_other_sites_are_not_there(world):
    mine = create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=20, by=None)
    other = create_lane(from_site=world.bergen, to_site=world.plant, usual_hours=20, by=None)
    local = browser(world.local)
    pages = [local.get(address("supplychain_lane", "change", lane)).status_code for lane in (mine, other)]
    assert pages == [200, 404]


def test_a_change_wants_a_reason_and_hours_that_can_be(world):
    lane = create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=20, by=None)
    told = {"courier": "", "usual_hours": 20, "customs_hours": 0, "cut_offs": (), "is_active": True, "by": None}
    with pytest.raises(Refused):
        change_lane(lane, **told, reason="x")
    for hours in (float("nan"), float("inf"), 0, 1000):
        with pytest.raises(Refused) as refusal:
            change_lane(lane, **(told | {"usual_hours": hours}), reason=WHY)
        assert set(refusal.value.errors) == {"usual_hours"}


def test_systems_read_the_lanes_of_their_sites_alone(world):
    for origin, to in ((world.oslo, world.plant), (world.plant, world.oslo), (world.bergen, world.plant)):
        create_lane(from_site=origin, to_site=to, courier="Nord", usual_hours=20, cut_offs=[time(16, 30)], by=None)
    client = client_of(make_source("lanes", world.oslo), "orders:read")
    first = client.get("/api/v1/lanes/", {"page_size": 1}).json()
    assert (first["results"][0]["from_site"], first["results"][0]["cut_offs"]) == (world.oslo.code, ["16:30"])
    assert first["results"][0]["time_zone"] == world.oslo.time_zone
    rest = client.get(first["next"]).json()
    assert ([one["to_site"] for one in rest["results"]], rest["next"]) == ([world.oslo.code], None)
    assert not client.get("/api/v1/lanes/", {"from_site": world.bergen.code}).json()["results"]
    assert len(client.get("/api/v1/lanes/", {"courier": "NORD", "to_site": world.plant.code}).json()["results"]) == 1
    assert client_of(make_source("few", world.oslo), "flags:read").get("/api/v1/lanes/").status_code == 403
