"""Who signed what is listed for those who answer for the records: on a page, as a file, by REST, in a chain report."""

import csv
import json

import pytest
import time_machine
from django.urls import reverse

from supplychain.audit.models import Signature
from supplychain.documents.models import IssuedReport
from supplychain.people.statuses import Role
from tests.dashboards.builders import browser_of
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import at, make_source, make_user
from tests.supplychain.sign_in.visitors import _forgetful  # noqa: F401
from tests.supplychain.signatures.signing import PASSWORD, SignedWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
OWN = {"sign-password": PASSWORD}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(50), tick=False):
        yield


@pytest.fixture
def world() -> SignedWorld:
    """Two orders: of the first the release was signed by Quynh, of the second the rejection by Qadir."""
    world = SignedWorld()
    world.other_quality = make_user("qadir", world.plant, role=Role.QA)
    world.orders = [world.releasable(coi="CO-1"), world.releasable(coi="CO-2", patient_reference="pseudonym-2")]
    world.release(world.orders[0], **OWN)
    said = {"reason": "Viability 61 %, below 70 %."} | OWN
    world.release(world.orders[1], by=world.other_quality, kind="failed", **said)
    assert Signature.objects.count() == 2
    return world


def listed(person, query: str = "") -> list[str]:
    """Orders and meanings of the page."""
    shown = browser_of(person).get(f"{reverse('signatures')}{query}").context["shown"]
    return [f"{one.signature.order.coi} {one.signature.meaning}" for one in shown]


RELEASED, REJECTED = "CO-1 Released for the patient: Release", "CO-2 Rejected: Release"


@pytest.mark.parametrize("role", [Role.QA, Role.ADMINISTRATOR, Role.INSPECTOR])
def test_who_answers_for_records_sees_those_of_their_sites(world, role):
    assert sorted(listed(make_user("reader", world.plant, role=role))) == [RELEASED, REJECTED]
    assert listed(make_user("stranger", world.bergen, role=role)) == []


def test_others_see_none_and_are_led_by_nothing(world):
    for person in (make_user("ops", world.plant), make_user("cora", world.oslo, role=Role.SITE_COORDINATOR)):
        client = browser_of(person)
        assert [client.get(reverse(name)).status_code for name in ("signatures", "signatures_csv")] == [404, 404]
    assert reverse("signatures") in browser_of(world.quality).get(reverse("admin:index")).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?person=quynh", [RELEASED]),
        ("?person=QADIR", [REJECTED]),
        ("?order=co-2", [REJECTED]),
        ("?act=release", [RELEASED]),
        ("?first=2026-03-04&last=2026-03-04", [RELEASED, REJECTED]),
        ("?first=2026-03-05", []),
        ("?last=2026-03-03", []),
        ("?act=nonsense&first=0001-01-01&last=x&page=99", [RELEASED, REJECTED]),
    ],
)
def test_the_list_is_filtered(world, query, found):
    assert sorted(listed(world.quality, query)) == found


@pytest.mark.parametrize("orders", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(world, django_assert_num_queries, orders):
    for number in range(orders - 1):
        world.release(world.releasable(coi=f"CO-{number}9", patient_reference=f"p-{number}"), **OWN)
    client = browser_of(world.quality)
    client.get(reverse("signatures"))
    # Session, person, their roles; how many, the rows beside events and orders, who signed, what bears on them,
    # what was refused.
    with django_assert_num_queries(8):
        client.get(reverse("signatures"))


def test_the_file_has_what_the_page_has(world):
    text = browser_of(world.quality).get(f"{reverse('signatures_csv')}?act=rejection").text
    (row,) = csv.DictReader(text.splitlines())
    assert (row["order"], row["user_name"], row["meaning"]) == ("CO-2", "qadir", "Rejected: Release")
    assert (row["record"], row["shown"]) == ("The signed report is unaltered", "password")


def test_by_rest_systems_and_those_who_answer_read_them(world):
    address = "/api/v1/signatures/"
    (one,) = client_of(world.source).get(f"{address}?act=release").json()["results"]
    assert (one["coi"], one["username"], one["state"]) == ("CO-1", "quynh", "holds")
    assert one["digest"] == Signature.objects.get(act="release").digest
    assert len(browser_of(world.quality).get(address).json()["results"]) == 2
    for nobody in (browser_of(make_user("ops", world.plant)), client_of(make_source("elsewhere", world.bergen))):
        assert nobody.get(address).json()["results"] == []
    assert client_of(world.source).post(address, {}).status_code == 405


def test_a_chain_report_and_the_record_have_the_signatures(world):
    client, order = browser_of(world.quality), world.orders[0]
    client.post(reverse("make_chain_report", args=[order.pk]))
    report = json.loads(IssuedReport.objects.get().content)
    (one,) = report["signatures"]
    assert (one["meaning"], one["printed_name"]) == ("Released for the patient: Release", "quynh")
    assert (one["state"], one["digest"]) == ("holds", Signature.objects.get(act="release").digest)
    pdf = client.get(reverse("chain_report_pdf", args=[order.pk, IssuedReport.objects.get().pk]))
    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    record = client.get(reverse("order_record", args=[order.pk])).json()
    assert [(row["meaning"], row["state"]) for row in record["signatures"]] == [(one["meaning"], "holds")]


def test_the_refused_attempts_are_those_of_the_chosen_order_and_days(world):
    world.release(world.releasable(coi="CO-3", patient_reference="p-3"), **{"sign-password": "wrong"})
    client = browser_of(world.quality)
    for query, found in (("", 1), ("?order=CO-3&person=quynh", 1), ("?order=CO-1", 0), ("?first=2026-03-05", 0)):
        assert len(client.get(f"{reverse('signatures')}{query}").context["refused"]) == found, query
