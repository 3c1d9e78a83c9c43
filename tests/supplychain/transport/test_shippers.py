"""Shippers: who keeps them, what cannot be, and who reads them."""

from datetime import date

import pytest

from supplychain.audit.refusals import Refused
from supplychain.audit.trails import trail_of
from supplychain.transport.actions.shippers import change_shipper, create_shipper
from supplychain.transport.models import Shipper
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change, said
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import make_source

QUALIFIED = {
    "model": "Dry shipper 10 l", "warmest": -150, "hold_hours": 240, "qualified_until": date(2027, 6, 30),
    "qualification_record": "QR-118",
}  # fmt: skip


@pytest.fixture
def world(db) -> AdminWorld:
    return AdminWorld()


def make_shipper(site, number: str = "DS-0412", **more) -> Shipper:
    return create_shipper(site=site, number=number, by=None, **(QUALIFIED | more))


def add(client, world, **more):
    told = QUALIFIED | {"site": world.oslo.pk, "number": "DS-0412", "qualified_until": "2027-06-30", "reason": WHY}
    return client.post(address("supplychain_shipper", "add"), told | more)


def test_who_administers_a_site_adds_retires_and_deletes_its_shippers(world):
    local = browser(world.local)
    assert add(local, world).status_code == 302
    shipper = Shipper.objects.get()
    assert (shipper.coldest, shipper.warmest, shipper.is_retired) == (None, -150, False)
    page = address("supplychain_shipper", "change", shipper)
    assert change(local, page, is_retired="on", qualification_note="Broken lid").status_code == 302
    shipper.refresh_from_db()
    assert (shipper.is_retired, shipper.qualification_note) == (True, "Broken lid")
    assert (trail_of(shipper, size=1)[0].reason, shipper.number) == (WHY, "DS-0412")
    assert "DS-0412" in local.get(address("supplychain_shipper", "changelist")).text
    assert "inside the storage condition of a transport" in local.get(page).text
    local.post(address("supplychain_shipper", "delete", shipper), {"post": "yes", "reason": WHY})
    assert not Shipper.objects.exists()


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"warmest": ""}, "__all__", "coldest or the warmest"),
        ({"coldest": "-150"}, "__all__", "below the warmest"),
        ({"coldest": "-300"}, "coldest", "-273.15"),
        ({"hold_hours": "0"}, "hold_hours", "0.1"),
        ({"hold_hours": "nan"}, "hold_hours", ""),
        ({"qualified_until": "2027-02-30"}, "qualified_until", "This is no day"),
        ({"qualified_until": "3/4/2027"}, "qualified_until", "write it as 2026-03-31"),
        ({"qualification_record": ""}, "qualification_record", "is missing"),
        ({"number": "DS\u200b1"}, "number", ""),
        ({"reason": "x"}, "reason", ""),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world, values, field, words):
    errors = said(add(browser(world.local), world, **values))
    assert words in " ".join(errors[field])
    assert not Shipper.objects.exists()


def test_its_last_day_is_chosen_in_the_browsers_own_field(world):
    page = browser(world.local).get(address("supplychain_shipper", "add")).content.decode()
    assert '<input type="date" name="qualified_until"' in page


def test_a_number_is_one_shipper_of_its_site_whatever_its_capitals(world):
    make_shipper(world.oslo, "ds-0412")
    make_shipper(world.bergen)
    assert "already" in str(said(add(browser(world.local), world)))


def test_shippers_of_other_sites_are_not_there_and_nobody_adds_any_to_them(world):
    mine, other = make_shipper(world.oslo), make_shipper(world.bergen)
    local = browser(world.local)
    pages = [local.get(address("supplychain_shipper", "change", one)).status_code for one in (mine, other)]
    assert pages == [200, 404]
    assert "site" in said(add(local, world, site=world.bergen.pk, number="DS-2"))


@pytest.mark.parametrize(
    ("values", "field"),
    [({"warmest": float("nan")}, "warmest"), ({"hold_hours": float("inf")}, "hold_hours"), ({"model": ""}, "model")],
)
def test_a_change_wants_a_reason_and_figures_that_can_be(world, values, field):
    shipper = make_shipper(world.oslo)
    with pytest.raises(Refused):
        change_shipper(shipper, hold_hours=100, reason="x", by=None)
    with pytest.raises(Refused) as refusal:
        change_shipper(shipper, reason=WHY, by=None, **values)
    assert set(refusal.value.errors) == {field}


def test_systems_read_the_shippers_of_their_sites_alone(world):
    for site, number in ((world.oslo, "DS-1"), (world.bergen, "DS-2"), (world.oslo, "DS-3")):
        make_shipper(site, number, courier="Nord")
    client = client_of(make_source("shippers", world.oslo), "orders:read")
    first = client.get("/api/v1/shippers/", {"page_size": 1}).json()
    [shipper] = first["results"]
    assert (shipper["number"], shipper["coldest"], shipper["warmest"]) == ("DS-1", None, -150)
    assert (shipper["qualified_until"], shipper["time_zone"]) == ("2027-06-30", world.oslo.time_zone)
    rest = client.get(first["next"]).json()
    assert ([one["number"] for one in rest["results"]], rest["next"]) == (["DS-3"], None)
    assert not client.get("/api/v1/shippers/", {"site": world.bergen.code}).json()["results"]
    assert len(client.get("/api/v1/shippers/", {"number": "ds-3"}).json()["results"]) == 1
    assert client_of(make_source("few", world.oslo), "flags:read").get("/api/v1/shippers/").status_code == 403
