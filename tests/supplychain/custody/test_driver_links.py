"""A driver whose courier has no system: one link, one hand-over, nothing else to read."""

import re
from datetime import timedelta
from time import time_ns

import pytest
from django.test import Client
from django.utils import timezone

from supplychain.custody.models import HandOverLink
from supplychain.custody.queries import amiss_of, custody_for
from supplychain.orders.actions.events import record_events
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.supplychain.builders import World, make_user, report

pytestmark = pytest.mark.django_db
SAID = {"driver": "Di Ver", "other": "Ann", "seal": "intact", "packaging": "intact"}


@pytest.fixture
def world() -> World:
    world = World()
    world.case = world.order(coi="CO26ABCDEFGH", patient_reference="pseudonym-77")
    world.now = timezone.now()
    happened = {"occurred_at": (world.now - timedelta(hours=2)).isoformat()}
    record_events([report(world.case, "completed", "collection", 6) | happened], by=world.reporter)
    world.desk = Client()
    world.desk.force_login(make_user("op", world.plant, role=Role.OPERATIONS))
    return world


def make(world: World, wanted: str = "inbound:at_pickup", *, desk: Client | None = None) -> str:
    """The path of a new link; empty where none is made."""
    answer = (desk or world.desk).post(f"/orders/{world.case.pk}/custody/links/", {"wanted": wanted})
    found = re.search(r"/driver/[^/\"]+/", answer.content.decode())
    return found.group() if found else ""


def handed_over(world: World) -> list[StatusEvent]:
    return list(world.case.events.filter(source__code="drivers-links").order_by("position"))


def test_the_driver_sees_the_shipment_and_no_patient(world):
    text = Client().get(make(world)).content.decode()
    assert "…DEFGH" in text
    assert "Oslo" in text
    assert "pseudonym" not in text
    assert "CO26ABC" not in text
    assert str(world.case.pk) not in text


def test_one_tap_reports_the_pickup_and_the_hand_over(world):
    path = make(world)
    answer = Client().post(path, SAID)
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert [(one.kind, one.stage) for one in handed_over(world)] == [("started", "inbound"), ("handed_over", "")]
    assert handed_over(world)[1].payload == {
        "from": "collection_site", "to": "courier", "received_by": "Di Ver", "given_by": "Ann", "seal": "intact",
        "packaging": "intact",
    }  # fmt: skip
    last = world.case.custody.last()
    assert (last.holder, last.event, last.stage, last.gap) == ("courier", handed_over(world)[1], "inbound", "")
    link = HandOverLink.objects.get()
    assert (link.driver, link.made_by.username, link.event) == ("Di Ver", "op", handed_over(world)[1])
    assert "is recorded" in Client().get(path).content.decode()


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ("inbound:at_delivery", {"seal": "broken"}, "The seal is broken"),
        ("inbound:at_pickup", {"seal": "broken", "packaging": "damaged"}, "The seal is broken"),
        ("inbound:at_pickup", {"packaging": "damaged"}, "The packaging is damaged"),
    ],
)
def test_who_hands_over_cells_in_doubt_is_told_at_once(world, wanted, found, told):
    Site.objects.filter(pk=world.plant.pk).update(telephone="+47 55 00 11")
    path = make(world, wanted)
    assert Client().post(path, SAID | found).status_code == 302
    text = Client().get(path).content.decode()
    what = f"do not use the cells, put them aside, call {world.plant}: +47 55 00 11."
    assert f"{told}: {what}" in text
    assert "Nothing more is to be done" not in text
    assert f"{told}: {what}" in Client().post(path, SAID).content.decode()


@pytest.mark.parametrize("minutes", [3, -3])
def test_what_another_report_of_the_hand_over_found_is_told_to_the_driver_too(world, minutes):
    path = make(world, "inbound:at_delivery")
    told = {"from": "courier", "to": "plant", "seal": "broken"}
    moment = {"occurred_at": (world.now - timedelta(minutes=minutes)).isoformat()}
    record_events([report(world.case, "handed_over", payload=told) | moment], by=world.reporter)
    Client().post(path, SAID)
    link = HandOverLink.objects.select_related("order__plant", "event").get()
    assert amiss_of(link).startswith("Nobody can vouch for the cells: do not use the cells, put them aside, call ")
    by = [line.reported_by for line in custody_for(world.case, timezone.now()).lines]
    assert sorted(by[-1].split(", ")) == sorted({str(world.source), "Drivers’ links"})


def test_a_grave_gap_is_told_whatever_seal_and_packaging_are(world):
    path = make(world, "inbound:at_delivery")
    moment = {"occurred_at": (world.now - timedelta(hours=1)).isoformat()}
    told = {"from": "infusion_site", "to": "infusion_site", "place": "Ward"}
    record_events([report(world.case, "handed_over", payload=told) | moment], by=world.reporter)
    Client().post(path, SAID)
    link = HandOverLink.objects.select_related("order__plant", "event").get()
    assert amiss_of(link).startswith("Nobody can vouch for the cells: do not use the cells, put them aside, call ")


def test_used_twice_late_or_taken_back_it_says_so_and_records_nothing(world):
    path = make(world)
    Client().post(path, SAID)
    again = Client().post(path, SAID)
    assert (again.status_code, "was used" in again.content.decode()) == (410, True)
    assert len(handed_over(world)) == 2
    path = make(world, "inbound:at_delivery")
    HandOverLink.objects.filter(used_at=None).update(expires_at=world.now)
    late = Client().post(path, SAID)
    assert (late.status_code, "has expired" in late.content.decode()) == (410, True)
    path = make(world, "inbound:at_delivery")
    link = HandOverLink.objects.filter(used_at=None).first()
    world.desk.post(f"/orders/{world.case.pk}/custody/links/{link.pk}/revoke/")
    listed = world.desk.get(f"/orders/{world.case.pk}/custody/").content.decode()
    assert ("Taken back" in listed, "Revoked" in listed) == (True, False)
    gone = Client().get(path)
    assert (gone.status_code, "was taken back" in gone.content.decode()) == (410, True)
    assert len(handed_over(world)) == 2


def test_what_the_stage_was_told_already_is_not_told_again(world):
    path = make(world)
    record_events([report(world.case, "started", "inbound", 8) | {"occurred_at": world.now.isoformat()}],
                  by=world.reporter)  # fmt: skip
    Client().post(path, SAID)
    assert [one.kind for one in handed_over(world)] == ["handed_over"]
    assert world.case.custody.count() == 2


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("inbound:at_pickup", [("started", 90), ("completed", 40)]),
        ("inbound:at_pickup", [("completed", 1)]),
        ("inbound:at_pickup", [("started", 31)]),
        ("inbound:at_delivery", [("started", 90), ("completed", 31)]),
        ("inbound:at_delivery", [("started", 90), ("failed", 1)]),
    ],
)
def test_a_link_pressed_long_after_its_hand_over_moves_nothing(world, wanted, told):
    path = make(world, wanted)
    rows = [
        report(world.case, kind, "inbound") | {"occurred_at": (world.now - timedelta(minutes=ago)).isoformat()}
        for kind, ago in told
    ]
    record_events(rows, by=world.reporter)
    before = list(world.case.custody.values_list("holder", "since", "until"))
    assert "This hand-over is known already" in Client().get(path).content.decode()
    answer = Client().post(path, SAID)
    assert (answer.status_code, handed_over(world)) == (422, [])
    assert list(world.case.custody.values_list("holder", "since", "until")) == before
    assert HandOverLink.objects.get().refused[0]["why"].startswith("This hand-over is known already")


def test_who_is_signed_in_is_no_driver(world):
    path = make(world)
    assert "is signed in here" in world.desk.get(path).content.decode()
    answer = world.desk.post(path, SAID)
    assert (answer.status_code, handed_over(world)) == (422, [])
    assert Client().post(path, SAID).status_code == 302


def test_a_form_that_lacks_something_is_shown_again(world):
    answer = Client().post(make(world), SAID | {"driver": "", "seal": ""})
    assert (answer.status_code, handed_over(world)) == (422, [])
    assert "Your name" in answer.content.decode()


def test_nothing_leaves_while_the_order_is_on_hold(world):
    Site.objects.filter(pk=world.plant.pk).update(telephone="+47 55 00 11")
    path = make(world)
    record_events([report(world.case, "held", hours=8, payload={"reason": "Fever."})], by=world.reporter)
    seen, sent = Client().get(path), Client().post(path, SAID)
    assert (seen.status_code, sent.status_code, handed_over(world)) == (200, 422, [])
    for answer in (seen, sent):
        text = answer.content.decode()
        assert f"Do not take this shipment over. Stay where you are. Call {world.plant}: +47 55 00 11." in text
        assert "I have it now" not in text
    assert HandOverLink.objects.get().used_at is None


def test_what_was_tried_in_vain_is_kept_and_shown_to_who_makes_links(world):
    path = make(world)
    held = report(world.case, "held", payload={"reason": "Patient has fever"})
    record_events([held | {"occurred_at": world.now.isoformat()}], by=world.reporter)
    assert Client().post(path, SAID).status_code == 422
    [tried] = HandOverLink.objects.get().refused
    assert (tried["driver"], "Do not take" in tried["why"]) == ("Di Ver", True)
    assert not handed_over(world)
    page = world.desk.get(f"/orders/{world.case.pk}/custody/").content.decode()
    assert "Tried by Di Ver" in page
    HandOverLink.objects.update(expires_at=world.now)
    assert Client().post(path, SAID | {"driver": "Late"}).status_code == 410
    assert [one["driver"] for one in HandOverLink.objects.get().refused] == ["Late", "Di Ver"]


def test_no_link_is_made_for_cells_that_must_not_move(world):
    record_events([report(world.case, "held", hours=8, payload={"reason": "Fever."})], by=world.reporter)
    assert not make(world)
    assert make(world, "inbound:at_delivery")
    page = world.desk.get(f"/orders/{world.case.pk}/custody/").content.decode()
    assert re.search(r"Not now: [^<]+: pickup\.</strong> The order is on hold\.", page)
    assert not re.search(r"New link: [^<]+: pickup", page)


def test_who_may_make_one(world):
    assert not make(world, "inbound:nonsense")
    assert make(world)
    assert not make(world)  # one stands already
    qa, cora = Client(), Client()
    qa.force_login(make_user("qa", world.plant, role=Role.QA))
    cora.force_login(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))
    assert not make(world, "inbound:at_delivery", desk=qa)
    assert not make(world, "inbound:at_delivery", desk=cora)
    asked = {"wanted": "inbound:at_pickup"}
    assert qa.post(f"/orders/{world.case.pk}/custody/links/", asked).status_code == 404
    assert "Links for drivers" not in qa.get(f"/orders/{world.case.pk}/custody/").content.decode()
    link = HandOverLink.objects.get()
    assert qa.post(f"/orders/{world.case.pk}/custody/links/{link.pk}/revoke/").status_code == 404


def test_a_link_that_nobody_made_and_too_many_tries(world):
    client = Client(REMOTE_ADDR=f"10.9.{time_ns() % 250}.{time_ns() // 250 % 250}")
    unknown = client.get("/driver/nonsense/")
    assert unknown.status_code == 404
    assert "call who sent it to you" in unknown.text
    assert "administrator" not in unknown.text
    answers = {client.get("/driver/nonsense/").status_code for _ in range(70)}
    assert answers == {404, 429}


def test_a_page_without_its_own_token_records_nothing(world):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(make(world), SAID).status_code == 403
    assert PatientOrder.objects.get().current_stage == "inbound"
    assert not handed_over(world)


def test_the_token_is_not_kept(world):
    token = make(world).split("/")[2]
    assert token not in str(HandOverLink.objects.values().get())


def test_no_link_moves_cells_of_a_cancelled_order_that_never_left(world):
    path = make(world, "inbound:at_delivery")
    record_events([report(world.case, "cancelled") | {"occurred_at": world.now.isoformat()}], by=world.reporter)
    assert make(world, "inbound:at_delivery") == ""
    assert "Do not take this shipment over" in Client().get(path).content.decode()
    assert (Client().post(path, SAID).status_code, handed_over(world)) == (422, [])


def test_no_link_moves_cells_that_were_destroyed(world):
    path = make(world, "inbound:at_delivery")
    told = {"from": "collection_site", "to": "destroyed", "given_by": "Ann", "second_person": "Bo"}
    moment = {"occurred_at": (world.now - timedelta(minutes=40)).isoformat()}
    record_events([report(world.case, "handed_over", payload=told) | moment], by=world.reporter)
    assert world.case.custody.last().holder == "destroyed"
    assert (make(world), make(world, "inbound:at_delivery")) == ("", "")
    assert "The cells were destroyed." in world.desk.get(f"/orders/{world.case.pk}/custody/").content.decode()
    assert (Client().post(path, SAID).status_code, len(handed_over(world))) == (422, 0)
