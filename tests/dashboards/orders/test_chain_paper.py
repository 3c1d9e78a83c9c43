"""What a chain report says on paper of reasons, of what two people resolved, and of what nobody ever reported."""

import json
from zoneinfo import ZoneInfo

import pytest

from dashboards.orders.rules.chain_paper import FIRST_FORM, chain_paper
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from tests.batches.flags.test_identity_mismatch import CheckedWorld, mismatched, resolve
from tests.dashboards.orders.builders import collected
from tests.dashboards.orders.test_chain_reports import copy_of, made, words_of
from tests.supplychain.builders import make_user
from tests.supplychain.signatures.signing import SignedWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_it_says_why_and_what_was_never_reported(world):
    order = collected(world)
    world.say(order, "held", hours=90, payload={"reason": "Recall of the medium"})
    world.say(order, "note", "inbound", 91, payload={"override": "Only box left, patient waits"})
    report = made(world.coordinator, order)
    paper = words_of(copy_of(world.coordinator, report, "pdf").content)
    for words in (
        "“Recall of the medium”", "although flagged: “Only box left, patient waits”", "Nothing is signed.",
        "No code was read with this order in hand.", "No material was recorded.", "Shipment: to the plant, ",
    ):  # fmt: skip
        assert words in paper, words


def test_a_report_of_the_first_form_is_printed_as_it_was(world):
    told = json.loads(made(world.coordinator, collected(world)).content) | {"form": FIRST_FORM}
    for shipment in told["shipments"]:
        del shipment["way"]
    for event in told["events"]:
        del event["why"]
    titles = [part.title for part in chain_paper(told, "0" * 64, "https://x/", ZoneInfo("UTC")).parts]
    assert "Electronic signatures" not in titles
    assert [title for title in titles if title.startswith("Shipment")] == ["Shipments"]


def test_a_mismatch_is_resolved_by_both_with_both_reasons(db):
    world = CheckedWorld()
    flag = mismatched(world)
    resolve(flag, world.second, 8, "The ward compared bag, wristband and order.")
    first = words_of(copy_of(world.quality, made(world.quality, flag.order), "pdf").content)
    assert f"One of two: by {world.second}, 2 Mar 2026 16:00: “The ward compared bag, wristband and order.”" in first
    resolve(flag, world.quality, 9, "Both labels were compared.")
    report = made(world.quality, flag.order)
    paper = words_of(copy_of(world.quality, report, "pdf").content)
    for words in (f"Resolved by {world.second}, ", f"; {world.quality}, ", "“Both labels were compared.”"):
        assert words in paper, words


def test_what_a_system_told_that_people_would_sign_is_marked(db):
    world = SignedWorld()
    order = world.releasable()
    world.tell(order, ("release", "completed", 40))
    person = make_user("quentin", world.plant, role=Role.QA)
    source = StatusEvent.objects.filter(order=order).last().source.name
    notes = [note for event in json.loads(made(person, order).content)["events"] for note in event["notes"]]
    assert notes.count(f"not signed: as told by {source}") == 1
