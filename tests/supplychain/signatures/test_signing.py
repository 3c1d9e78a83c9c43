"""Decisions are signed with the password anew, where the product asks for it (21 CFR 11.50, 11.70, 11.200, 11.300)."""

import pgtrigger
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.audit.models import Signature
from supplychain.audit.signing import Proof
from supplychain.audit.statuses import SignatureState, SignedAct
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries.signatures import signatures_of
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person
from tests.dashboards.builders import HTMX, browser_of, raise_flag
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.sign_in.visitors import _forgetful, code_of  # noqa: F401
from tests.supplychain.signatures.signing import PASSWORD, SignedWorld, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
NOW = at(50)
OWN = {"sign-password": PASSWORD}
RELEASED = "Release: released"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> SignedWorld:
    return SignedWorld()


def state(order: PatientOrder) -> list[str]:
    order = PatientOrder.objects.get(pk=order.pk)
    return [one.state for one in signatures_of(order).values()]


def altered(sql: str, *values: str) -> None:
    """As somebody would who may do anything to the database."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_11_50_a_release_shows_name_moment_zone_and_meaning(world):
    order = world.releasable()
    world.quality.first_name, world.quality.last_name = "Quynh", "Tran"
    world.quality.save()
    client, answer = world.release(order, **OWN)
    assert "Recorded" in answer.text, answer.text
    signature = Signature.objects.get()
    assert (signature.act, signature.meaning) == (SignedAct.RELEASE, "Released for the patient: Release")
    assert (signature.printed_name, signature.role) == ("Quynh Tran (quynh)", "Quality assurance, Plant")
    assert (signature.signed_at, signature.factors) == (NOW, ["own_password"])
    page = " ".join(client.get(reverse("order", args=[order.pk])).text.split())
    assert "Signed: Released for the patient: Release. Quynh Tran (quynh), Quality assurance, Plant" in page
    assert "4 Mar 2026 10:00:00 UTC" in page


def test_the_dialog_asks_for_the_password_and_for_no_reference_of_another_system(world):
    order = world.releasable()
    address = f"{reverse('report_event', args=[order.pk])}?kind=completed&stage=release&attempt=1"
    page = browser_of(world.quality).get(address, headers=HTMX).text
    assert "Your signature" in page
    assert "Released for the patient: Release" in page
    assert "You sign the release here" in page
    assert "Code of your app" not in page


def test_11_200_without_or_with_a_wrong_password_nothing_is_recorded(world):
    order = world.releasable()
    before = StatusEvent.objects.count()
    with capture_logs() as written:
        missing, wrong = (world.release(order, **more)[1] for more in ({}, {"sign-password": "secret of mine"}))
    assert (missing.status_code, wrong.status_code) == (422, 422)
    assert "Your password" in missing.text
    assert "sheet-error" in missing.text
    assert "This is not your password" in wrong.text
    assert "secret of mine" not in wrong.text + str(written)
    assert ("sign-in failed", "quynh") in {(line["event"], line.get("username")) for line in written}
    assert (StatusEvent.objects.count(), Signature.objects.count()) == (before, 0)


def test_11_300_five_wrong_passwords_block_the_name_here_and_at_the_login(world):
    order = world.releasable()
    for _ in range(5):
        world.release(order, **{"sign-password": "wrong"})
    assert "Too many wrong attempts" in world.release(order, **OWN)[1].text
    login = Client().post(reverse("login"), {"login": "quynh", "password": PASSWORD})
    assert "Too many wrong attempts" in login.text
    assert signed() == []


def test_who_has_a_second_factor_signs_with_it_and_no_code_works_twice(world):
    orders = world.releasable(), world.releasable(coi="CO-2", patient_reference="pseudonym-2")
    secret = generate_totp_secret()
    TOTP.activate(world.quality, secret)
    assert "Code of your app" in world.release(orders[0], **OWN)[1].text
    assert world.release(orders[0], **OWN, **{"sign-code": "000000"})[1].status_code == 422
    code = {"sign-code": code_of(secret)}
    assert "Recorded" in world.release(orders[0], **OWN, **code)[1].text
    assert "was used before" in world.release(orders[1], **OWN, **code)[1].text
    assert signed() == [("quynh", "release")]
    assert Signature.objects.get().factors == ["own_password", "app_code"]


def test_the_same_form_twice_is_signed_once(world):
    order = world.releasable()
    said = {"token": "6f0e4cbe-0000-4000-8000-000000000003"} | OWN
    for _ in range(2):
        world.release(order, **said)
    assert signed() == [("quynh", "release")]


def test_a_rejection_is_signed_as_one(world):
    order = world.releasable()
    _, answer = world.release(order, kind="failed", reason="Viability 61 %, below 70 %.", **OWN)
    assert "Recorded" in answer.text, answer.text
    assert Signature.objects.get().meaning == "Rejected: Release"


def test_11_70_an_altered_record_or_signature_is_noticed(world):
    order = world.releasable()
    client, _ = world.release(order, **OWN)
    assert state(order) == [SignatureState.HOLDS]
    event = Signature.objects.get().event_id
    altered("UPDATE supplychain_statusevent SET payload = '{\"x\": 1}' WHERE id = %s", str(event))
    assert state(order) == [SignatureState.ALTERED]
    page = client.get(reverse("order", args=[order.pk])).text
    assert "The record or the signature was altered since" in page
    altered("UPDATE supplychain_statusevent SET payload = '{}' WHERE id = %s", str(event))
    assert state(order) == [SignatureState.HOLDS]
    altered("UPDATE supplychain_signature SET printed_name = 'Somebody else'")
    assert state(order) == [SignatureState.ALTERED]


def test_11_70_a_signature_is_not_carried_to_another_record(world):
    orders = world.releasable(), world.releasable(coi="CO-2", patient_reference="pseudonym-2")
    world.release(orders[0], **OWN)
    other = StatusEvent.objects.filter(order=orders[1]).last()
    altered("UPDATE supplychain_signature SET order_id = %s, event_id = %s", str(orders[1].pk), str(other.pk))
    assert state(orders[1]) == [SignatureState.ALTERED]


def test_a_signature_under_a_report_that_was_withdrawn_says_so(world):
    order = world.releasable()
    client, _ = world.release(order, **OWN)
    event = Signature.objects.get().event_id
    said = {"event": str(event), "reason": "The wrong dose was released."}
    for person in (world.quality, make_user("qadir", world.plant, role=Role.QA)):
        row = report(order, "withdrawn", "release", 50, payload=said) | {"source_event_id": f"w-{person}"}
        result = record_event(row, by=Reporter.of_user(person), now=NOW)
        assert result.outcome == "created", result.reason
    assert state(order) == [SignatureState.WITHDRAWN]
    page = " ".join(client.get(reverse("order", args=[order.pk])).text.split())
    assert "Of a version that no longer stands: the report was withdrawn" in page


@pytest.mark.parametrize("sql", ["UPDATE {0} SET meaning = 'x'", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_no_signature_is_changed_or_taken_away(world, sql):
    world.release(world.releasable(), **OWN)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="annot"), transaction.atomic():
        cursor.execute(sql.format(Signature._meta.db_table))
    assert signed() == [("quynh", "release")]


def test_without_a_proof_a_person_decides_by_no_way_in_and_a_system_is_heard(world):
    order = world.releasable()
    said = {"kind": "completed", "stage": "release", "occurred_at": NOW, "token": "t", "now": NOW}
    with pytest.raises(ReportRefused, match="This is signed"):
        report_by_person(order.pk, by=world.quality, seen_version=order.version, **said)
    row = report(order, "completed", "release", 49)
    answer = browser_of(world.quality).post("/api/v1/events/", [row], content_type="application/json")
    assert "This is signed" in answer.text
    assert record_event(row, by=world.reporter, now=NOW).outcome == "created"
    assert signed() == []
    page = browser_of(world.quality).get(reverse("order", args=[order.pk])).text
    assert "Signed:" not in page


def test_nobody_signs_with_what_somebody_else_has_shown(world):
    other = make_user("qadir", world.plant, role=Role.QA)
    with pytest.raises(ValueError, match="another person"):
        Reporter.of_user(world.quality, Proof(other.pk, ("own_password",)))


def test_who_has_no_right_to_it_signs_nothing(world):
    order = world.releasable()
    for person in (make_user("ops", world.plant), make_user("inspector", world.plant, role=Role.INSPECTOR)):
        assert (
            world.release(order, by=person, token="6f0e4cbe-0000-4000-8000-000000000004", **OWN)[1].status_code == 409
        )
    stranger = make_user("sam", world.bergen, role=Role.QA)
    assert world.release(order, by=stranger, **OWN)[1].status_code == 404
    assert signed() == []


def test_a_decision_on_an_excursion_is_signed_with_what_was_decided(world):
    order = world.shipped()
    world.read(order, [25.0] * 9)
    client, page = browser_of(world.quality), reverse("order_condition", args=[order.pk])
    address = client.get(page).text.split(f"/orders/{order.pk}/excursions/")[1].split("/")[0]
    address = reverse("decide_excursion", args=[order.pk, address])
    shown = client.get(address)
    said = {name: shown.context["form"][name].value() for name in ("seen", "token")}
    said |= {"decision": "reject", "reason": "No stability data cover nine readings at 25 °C."}
    assert "Your signature" in shown.text
    refused = client.post(address, said | {"sign-password": "wrong"})
    assert (refused.status_code, "This is not your password" in refused.text) == (422, True)
    assert client.post(address, said | OWN).status_code == 302
    assert Signature.objects.get().meaning == "Decided on an excursion: Reject"
    assert "Signed: Decided on an excursion: Reject. quynh" in client.get(page).text


def test_the_release_of_a_material_is_signed_and_nothing_else_of_it(world):
    order, client = world.releasable(), browser_of(world.quality)
    row = report(order, "material", hours=5, payload={"number": "B-1", "kind": "final_bag"})
    assert record_event(row, by=world.reporter, now=NOW).outcome == "created"
    address = reverse("order_materials", args=[order.pk])
    assert "Your signature" in client.get(address).text
    said = {"say": "material_is", "number": "B-1", "occurred_at": "2026-03-04T10:00"}
    said["seen_version"] = client.get(address).context["forms"]["material_is"]["seen_version"].value()
    tokens = [f"6f0e4cbe-0000-4000-8000-00000000000{number}" for number in (5, 6)]
    cracked = {"status": "rejected", "reason": "Cracked in the vapour.", "token": tokens[1]}
    kept = client.post(address, said | {"status": "quarantine", "token": tokens[0]})
    refused = client.post(
        address, said | {"status": "rejected", "reason": "Cracked in the vapour.", "token": tokens[1]}
    )
    assert (kept.status_code, refused.status_code, signed()) == (302, 422, [])
    stale = client.post(address, said | cracked | OWN)
    assert (stale.status_code, "The order changed meanwhile" in stale.text, signed()) == (422, True, [])
    said["seen_version"] = stale.context["forms"]["material_is"]["seen_version"].value()
    assert client.post(address, said | cracked | OWN).status_code == 302
    assert client.post(address, said | cracked | OWN).status_code == 302
    assert signed() == [("quynh", "rejection")]
    assert Signature.objects.get().meaning == "Rejected the material B-1"


def test_a_decision_on_a_critical_flag_is_signed(world):
    order = world.releasable()
    flag = raise_flag(order, FlagCode.STAGE_FAILED, stage="harvest", severity=Severity.CRITICAL)
    with pytest.raises(FlagActionRefused, match="This is signed"):
        settle_flag(flag.pk, by=world.quality, reason="Looked at the batch record.", now=NOW)
    client, address = browser_of(world.quality), reverse("settle_flag", args=[flag.pk])
    assert "Your signature" in client.get(address, headers=HTMX).text
    said = {"reason": "Looked at the batch record: a typing error."}
    refused = client.post(address, said | {"sign-password": "wrong"}, headers=HTMX)
    assert (refused.status_code, "This is not your password" in refused.text) == (422, True)
    assert client.post(address, said | OWN, headers=HTMX).status_code == 204
    assert signed() == [("quynh", "settlement")]
    assert Flag.objects.get(pk=flag.pk).comment == "Looked at the batch record: a typing error."


def test_what_the_product_does_not_ask_for_is_done_as_before():
    world = SignedWorld(acts=[SignedAct.EXCURSION])
    order = world.releasable()
    assert "Recorded" in world.release(order, release_reference="QMS-1")[1].text
    assert signed() == []


def test_going_on_although_a_flag_stands_is_signed_where_settlements_are():
    world = SignedWorld(acts=[SignedAct.SETTLEMENT])
    order = world.releasable()
    said = {"override": "Only dose of this patient; the record was read.", "release_reference": "QMS-1"}
    row = report(order, "completed", "release", 49, payload=said)
    assert "This is signed" in record_event(row, by=Reporter.of_user(world.quality), now=NOW).refusal
    by = Reporter.of_user(world.quality, Proof(world.quality.pk, ("own_password",)))
    assert record_event(row, by=by, now=NOW).outcome == "created"
    signature = Signature.objects.get()
    assert (signature.act, signature.meaning) == (SignedAct.SETTLEMENT, f"Went on although flagged: {RELEASED}")


def test_what_is_signed_is_not_offered_for_many_orders_at_once(world):
    orders = world.releasable(), world.releasable(coi="CO-2", patient_reference="pseudonym-2")
    client, named = browser_of(world.quality), "&".join(f"order={order.pk}" for order in orders)
    assert RELEASED not in client.get(f"{reverse('operations')}?{named}").text
    page = client.get(f"{reverse('operations')}?{named}&deed=completed:release")
    assert page.text.count("one person signs it for one order, on the order’s page") == 2
    assert "You sign the release here" not in page.text
