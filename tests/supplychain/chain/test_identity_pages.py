"""Checking an identity on the order's page and in the dialog of a hand-over, on a phone as on a desk."""

import csv

import pytest
from django.test import Client
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from supplychain.chain.models import IdentityCheck
from supplychain.people.statuses import Role
from tests.supplychain.builders import at, make_user
from tests.supplychain.chain.checking import CheckedWorld

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> CheckedWorld:
    return CheckedWorld()


def client_of(user) -> Client:
    client = Client(headers={"User-Agent": "Phone of the ward"})
    client.force_login(user)
    return client


def post(world: CheckedWorld, read: str, *, user=None, order=None, headers=HTMX, **more):
    address = reverse("identity_checks", args=[(order or world.mine).pk])
    return client_of(user or world.coordinator).post(
        address, {"read": read, "token": f"t-{read}"} | more, headers=headers
    )


@pytest.mark.parametrize(
    ("read", "word", "sentence"),
    [
        ("CO-MINE", "Match", "is this order’s."),
        ("CO-THEIRS", "MISMATCH: stop", "Stop: do not use, hand over or take in this material."),
        ("CO-NOBODY", "Unknown", "scan another code of the label"),
    ],
)
def test_the_answer_is_one_large_word_with_what_to_do(world, read, word, sentence):
    answer = post(world, read)
    assert answer.status_code == 200
    assert f"</i> {word}</p>" in answer.text
    assert sentence in answer.text
    assert answer["HX-Trigger"] == ("checked, changed" if word.startswith("MISMATCH") else "checked")
    check = IdentityCheck.objects.get()
    assert (check.device, check.place, check.user) == ("Phone of the ward", "order", world.coordinator)


def test_a_double_click_is_one_check_and_a_used_token_says_so(world):
    post(world, "CO-MINE", token="one")
    assert "Match" in post(world, "CO-MINE", token="one").text
    other = post(world, "CO-THEIRS", token="one")
    assert (other.status_code, "used for another check" in other.text) == (422, True)
    assert IdentityCheck.objects.count() == 1


def test_the_other_order_is_named_only_to_who_may_see_it(world):
    world.theirs.__class__.objects.filter(pk=world.theirs.pk).update(
        ordering_site=world.bergen, collection_site=world.bergen, infusion_site=world.bergen
    )
    assert "leads to" in post(world, "CO-THEIRS", user=world.operator).text
    page = client_of(world.operator).get(reverse("identity_checks", args=[world.mine.pk])).text
    seen = client_of(world.coordinator).get(reverse("identity_checks", args=[world.mine.pk])).text
    address = reverse("order", args=[world.theirs.pk])
    assert (address in page, address in seen) == (True, False)
    file = client_of(world.coordinator).get(reverse("identity_checks_csv", args=[world.mine.pk]))
    (row,) = csv.DictReader(file.text.splitlines())
    assert (row["outcome"], row["read"], row["by"], row["other_order"]) == ("mismatch", "CO-THEIRS", "ola", "")


def test_the_page_lists_what_was_read_with_its_device_and_stage(world):
    post(world, "CO-THEIRS", stage="inbound", place="hand_over")
    page = client_of(world.operator).get(reverse("identity_checks", args=[world.mine.pk])).text
    for text in ("MISMATCH: stop", "clara", "Inbound", "Report of a step", "Phone of the ward", 'id="check-read"'):
        assert text in page
    inspected = client_of(world.inspector).get(reverse("identity_checks", args=[world.mine.pk])).text
    assert ("MISMATCH: stop" in inspected, 'id="check-read"' in inspected) == (True, False)


def test_without_scripts_the_whole_page_answers(world):
    answer = post(world, "CO-MINE", headers={})
    assert "<h1>Identity checks</h1>" in answer.text
    assert answer.text.count("</i> Match</p>") == 1


def test_another_sites_order_does_not_exist_and_an_inspector_checks_nothing(world):
    for name in ("identity_checks", "identity_checks_csv"):
        address = reverse(name, args=[world.mine.pk])
        assert client_of(world.foreigner).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert post(world, "CO-MINE", user=world.foreigner).status_code == 404
    assert post(world, "CO-MINE", user=world.inspector).status_code == 403
    assert IdentityCheck.objects.count() == 0


def test_the_order_page_opens_the_dialog(world):
    page = client_of(world.coordinator).get(reverse("order", args=[world.mine.pk])).text
    address = reverse("identity_checks", args=[world.mine.pk])
    assert f'hx-get="{address}"' in page
    dialog = client_of(world.coordinator).get(address, headers=HTMX).text
    assert 'id="dialog-title">Check identity<' in dialog
    assert "<html" not in dialog


def test_the_dialog_of_a_hand_over_has_the_field_and_that_of_work_has_none(world):
    client = client_of(world.coordinator)
    address = reverse("report_event", args=[world.mine.pk])
    form = client.get(address, {"kind": "started", "stage": "inbound"}, headers=HTMX).text
    assert 'form="check-form"' in form
    assert '<input type="hidden" name="stage" value="inbound">' in form.partition('id="check-form"')[2]
    assert '<input type="hidden" name="place" value="hand_over">' in form
    for kind, stage in (("shipment_packed", "inbound"), ("handed_over", "")):
        assert 'form="check-form"' in client.get(address, {"kind": kind, "stage": stage}, headers=HTMX).text
    note = client.get(address, {"kind": "note", "stage": "inbound"}, headers=HTMX).text
    assert "check-form" not in note


def test_a_scan_on_the_record_page_is_kept(world):
    both = make_user("both", world.oslo, role=Role.SITE_COORDINATOR)
    client = client_of(both)
    client.post(reverse("operations"), {"code": "CO-MINE"})
    client.post(reverse("operations"), {"code": "CO-NOBODY", "order": str(world.mine.pk)})
    kept = IdentityCheck.objects.order_by("recorded_at").values_list("read", "outcome", "place", "order", "other_order")
    assert list(kept) == [
        ("CO-MINE", "found", "worklist", None, world.mine.pk),
        ("CO-NOBODY", "unknown", "worklist", None, None),
    ]


def test_a_code_in_an_address_is_no_scan(world):
    page = client_of(world.coordinator).get(reverse("operations"), {"code": "(7253)DOE"})
    assert ("DOE" in page.text, IdentityCheck.objects.exists()) == (False, False)


def test_the_record_of_an_order_has_its_checks_without_the_other_order(world):
    post(world, "CO-THEIRS")
    record = client_of(world.coordinator).get(reverse("order_record", args=[world.mine.pk])).json()
    (check,) = record["identity_checks"]
    assert (check["outcome"], check["read"], check["said_by"]) == ("mismatch", "CO-THEIRS", {"person": "clara"})
    assert "other_order" not in check
    assert str(world.theirs.pk) not in str(record)


def test_the_page_shows_the_critical_flags_of_the_order(world):
    address = reverse("identity_checks", args=[world.mine.pk])
    assert "Critical flags" not in client_of(world.operator).get(address).text
    world.check("CO-THEIRS", stage="inbound")
    world.check("CO-MINE", stage="inbound", hours=7)
    evaluate_due_orders(now=at(8))
    page = client_of(world.operator).get(address).text
    assert 'aria-label="Critical flags"' in page
    assert "that does not belong to this order" in page


@pytest.mark.parametrize(
    ("waited", "seconds"), [("90", 90), ("", 0), ("-5", 0), ("٩٠", 0), ("86401", 0), ("9999999", 0), ("1e3", 0)]
)
def test_a_code_that_waited_for_a_network_is_kept_with_the_moment_at_which_it_was_read(world, waited, seconds):
    assert post(world, "CO-MINE", waited=waited).status_code == 200
    check = IdentityCheck.objects.get()
    assert (check.recorded_at - check.read_at).total_seconds() == seconds
