"""Labels of an order: printed once, accounted for one by one, and what an open one keeps from ending."""

from uuid import uuid4

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone

from supplychain.chain.models import IdentityCheck
from supplychain.identifiers.rules.label_serials import new_serial
from supplychain.labels.models import Label
from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.materials.words import material, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world):
    order = world.order()
    tell(world, material(order, "BAG-1", storage="≤ −150 °C"), report(order, "started", "collection", 1))
    return order


@pytest.fixture
def page(client, world, order):
    client.force_login(make_user("ola", world.plant))
    return client


def address(order) -> str:
    return reverse("order_labels", args=[order.pk])


def wanted(**more) -> dict[str, str]:
    said = {
        "say": "print",
        "token": str(uuid4()),
        "number": "BAG-1",
        "stage": "harvest",
        "layout": "Bag",
        "copies": "1",
    }
    return said | more


def end(serial: str, how: str, **more) -> dict[str, str]:
    return {"say": "end", "token": str(uuid4()), "serial": serial, "end": how} | more


def symbols(file: bytes, page: int = 0) -> dict[str, str]:
    document = pypdfium2.PdfDocument(file)
    picture = document[page].render(scale=5).to_pil()
    document.close()
    return {one.format.name: one.text for one in zxingcpp.read_barcodes(picture)}


def test_a_label_is_a_fact_before_it_is_paper(page, order):
    sent = wanted(copies="2")
    answer = page.post(address(order), sent)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    labels = list(Label.objects.order_by("key"))
    assert [symbols(answer.content, at_) for at_ in (0, 1)] == [
        {"DataMatrix": "BAG-1", "Code128": one.serial} for one in labels
    ]
    assert {(one.status, one.number, one.stage, one.attempt, one.layout) for one in labels} == {
        ("open", "BAG-1", "harvest", 1, "Bag")
    }
    assert StatusEvent.objects.filter(kind="label_printed", user__username="ola").count() == 2
    again = page.post(address(order), sent)
    assert again.status_code == 422
    assert "printed already" in again.content.decode()
    assert Label.objects.count() == 2


def test_nothing_of_the_patient_stands_on_it(page, order):
    file = page.post(address(order), wanted()).content
    document = pypdfium2.PdfDocument(file)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert "For autologous use only" in text
    assert order.coi in text
    assert order.patient_reference not in text


def test_the_same_label_again_needs_a_reason_and_both_must_end(page, order):
    page.post(address(order), wanted())
    answer = page.post(address(order), wanted())
    assert answer.status_code == 422
    assert "say why it is printed again" in answer.content.decode()
    assert page.post(address(order), wanted(reason="The printer jammed.")).status_code == 200
    first, second = Label.objects.order_by("printed_at")
    assert (second.replaces, second.replaces_why) == (first.serial, "The printer jammed.")
    assert {first.status, second.status} == {"open"}
    assert page.post(address(order), wanted(stage="release")).status_code == 422, "operations do not release"


@pytest.mark.parametrize(
    "how", [{"number": "BAG-9"}, {"layout": "Tiny"}, {"copies": "11"}, {"stage": "moon"}, {"copies": ""}]
)
def test_what_cannot_be_printed_is_said_and_nothing_recorded(page, order, how):
    assert page.post(address(order), wanted(**how)).status_code == 422
    assert not Label.objects.exists()


def test_a_label_too_small_for_its_words_is_not_printed(page, order, settings):
    settings.LABEL_LAYOUTS = ["Bag|45|30"]
    product = order.product
    product.name = "W" * 110
    product.save()
    answer = page.post(address(order), wanted())
    assert answer.status_code == 422
    assert "choose a larger one" in answer.content.decode()
    assert not Label.objects.exists()


def test_each_ends_used_spoiled_or_destroyed_once(page, order):
    page.post(address(order), wanted(copies="3"))
    first, second, third = Label.objects.order_by("key")
    assert page.post(address(order), end(first.serial, "used")).status_code == 302
    assert "without a reason" in page.post(address(order), end(second.serial, "spoiled")).content.decode()
    page.post(address(order), end(second.serial, "spoiled", reason="Smeared."))
    page.post(address(order), end(third.serial, "destroyed", reason="One too many."))
    assert [one.status for one in Label.objects.order_by("key")] == ["used", "spoiled", "destroyed"]
    answer = page.post(address(order), end(first.serial, "destroyed", reason="Not this one."))
    assert "marked as used already" in answer.content.decode()
    assert page.post(address(order), end("L-none", "used")).status_code == 422
    assert [one.status for one in Label.objects.order_by("key")] == ["used", "spoiled", "destroyed"]


def test_a_scan_of_its_serial_number_uses_it_and_is_kept(page, order):
    page.post(address(order), wanted())
    serial = Label.objects.get().serial
    scan = {"say": "scan", "token": str(uuid4()), "read": f"]C0{serial}\r\n"}
    for _ in range(2):
        assert page.post(address(order), scan).status_code == 302
    assert Label.objects.get().status == "used"
    assert IdentityCheck.objects.get().outcome == "match"
    assert IdentityCheck.objects.get().read_kind in ("label", "")


def test_another_orders_label_is_a_mismatch_and_stays_open(page, world, order):
    other = world.order(patient_reference="pseudonym-2")
    tell(world, material(other, "BAG-2"))
    page.post(address(other), wanted(number="BAG-2"))
    page.post(address(order), wanted())
    serial = Label.objects.get(order=other).serial
    answer = page.post(address(order), {"say": "scan", "token": str(uuid4()), "read": serial})
    assert answer.status_code == 422
    assert "is another order’s. Stop" in answer.content.decode()
    assert {one.status for one in Label.objects.all()} == {"open"}
    assert IdentityCheck.objects.get().outcome == "mismatch"


def test_two_labels_end_from_one_page(page, order):
    page.post(address(order), wanted(copies="2"))
    token = str(uuid4())
    for one in Label.objects.all():
        assert page.post(address(order), end(one.serial, "used", token=token)).status_code == 302
    assert {one.status for one in Label.objects.all()} == {"used"}


def test_a_label_of_an_order_that_one_does_not_see_is_a_mismatch(page, order):
    page.post(address(order), wanted())
    answer = page.post(address(order), {"say": "scan", "token": str(uuid4()), "read": new_serial(timezone.now())})
    assert "is not this order’s, which has another one. Stop" in answer.content.decode()
    assert (IdentityCheck.objects.get().outcome, Label.objects.get().status) == ("mismatch", "open")


def test_the_orders_own_number_uses_no_label(page, order):
    page.post(address(order), wanted())
    answer = page.post(address(order), {"say": "scan", "token": str(uuid4()), "read": order.coi})
    assert "lower edge" in answer.content.decode()
    assert Label.objects.get().status == "open"


def test_everybody_is_offered_what_their_role_says(client, world, order):
    for name, site, role, forms in (
        ("op", world.plant, Role.OPERATIONS, {"print", "end", "scan"}),
        ("co", world.oslo, Role.SITE_COORDINATOR, {"print", "end", "scan"}),
        ("in", world.plant, Role.INSPECTOR, set()),
    ):
        client.force_login(make_user(name, site, role=role))
        assert set(client.get(address(order)).context["forms"]) == forms
    assert client.post(address(order), wanted()).status_code == 422
    assert not Label.objects.exists()


def test_an_order_of_other_sites_does_not_exist(client, world, order):
    client.force_login(make_user("one", world.bergen))
    assert client.get(address(order)).status_code == 404
    assert client.post(address(order), wanted()).status_code == 404


def said_by_system(order, kind: str, serial: str, hours: float = 5, **more) -> dict:
    row = report(order, kind, hours=hours, payload={"serial": serial} | more)
    return row | {"source_event_id": f"{kind}-{serial}-{hours}"}


def test_systems_report_labels_and_read_them(client, world, order):
    world.source.scopes = ["orders:read", "events:materials"]
    world.source.save()
    rows = [
        said_by_system(order, "label_printed", "MES-1", number="bag-1", stage="harvest", layout="80x40"),
        said_by_system(order, "label_printed", "MES-2"),
        said_by_system(order, "label_spoiled", "MES-1", 6, reason="Smeared."),
    ]
    assert {one.outcome for one in tell(world, *rows)} == {"created"}
    api = client_of(world.source)
    body = api.get("/api/v1/labels/", {"number": "BAG-1"}).json()["results"]
    assert [(one["serial"], one["status"], one["reason"], one["printed_by"]) for one in body] == [
        ("MES-1", "spoiled", "Smeared.", str(world.source))
    ]
    assert [one["serial"] for one in api.get("/api/v1/labels/", {"status": "open"}).json()["results"]] == ["MES-2"]
    assert client_of(world.stranger).get("/api/v1/labels/").json()["results"] == []


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "payload.serial"), ({"serial": " "}, "payload.serial"), ({"serial": "n/a"}, "payload.serial"),
        ({"serial": "A", "stage": "moon"}, "payload.stage"), ({"serial": "A", "attempt": 0}, "payload.attempt"),
        ({"serial": "A", "replaces": "B"}, "payload.reason"), ({"serial": "A", "number": 7}, "payload.number"),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_read_says_where(world, order, payload, field):
    row = report(order, "label_printed", payload=payload)
    assert set(record_event(row, by=world.reporter, now=at(9)).errors) == {field}
    spoiled = report(order, "label_spoiled", payload={"serial": "A"})
    assert set(record_event(spoiled, by=world.reporter, now=at(9)).errors) == {"payload.reason"}


def test_a_rebuild_gives_the_same_rows(page, world, order):
    page.post(address(order), wanted(copies="2"))
    page.post(address(order), end(Label.objects.order_by("key").first().serial, "used"))
    before = list(Label.everything.order_by("pk").values())
    assert not rebuild_orders([order], now=timezone.now())
    assert list(Label.everything.order_by("pk").values()) == before


def test_the_order_page_leads_to_its_labels(page, order):
    page.post(address(order), wanted())
    shown = page.get(reverse("order", args=[order.pk])).content.decode()
    assert "1 label that was printed is still open" in shown
    assert address(order) in shown
    listed = page.get(address(order)).content.decode()
    assert Label.objects.get().serial in listed


def test_a_label_of_a_cryovial_has_one_code_and_is_accounted_for_by_it(page, order, settings):
    settings.LABEL_LAYOUTS = ["Vial|33|13"]
    answer = page.post(address(order), wanted(layout="Vial"))
    label = Label.objects.get()
    assert symbols(answer.content) == {"DataMatrix": label.serial}
    document = pypdfium2.PdfDocument(answer.content)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert all(said in text for said in ("Autologous", f"#{label.serial[-6:]}", order.coi, "BAG-1"))
    scanned = {"say": "scan", "token": str(uuid4()), "read": label.serial}
    assert page.post(address(order), scanned).status_code == 302
    assert Label.objects.get().status == "used"
