"""A collection's record: filled in at the chair, told by machines, kept with every earlier answer, asked at the end."""

from uuid import uuid4

import pytest
from django.urls import reverse

from supplychain.collections.queries import collections_of
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person
from supplychain.transport.models import Collection
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
CHECKLIST = [
    {"code": "named", "text": "Patient named", "kind": "yes_no", "required": True, "expected": True, "who": "nurse"},
    {"code": "viability_percent", "at_least": 70},
    {"code": "kit_lot", "required": True},
]


@pytest.fixture
def world():
    world = World()
    Stage.objects.filter(flow=world.flow, code="collection").update(checklist=CHECKLIST)
    flow_plan.cache_clear()
    world.kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    yield world
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    return world.order()


def address(order) -> str:
    return reverse("order_collection", args=[order.pk, "collection"])


def checked(order, hours: float = 2, **answers) -> dict:
    row = report(order, "collection_checked", "collection", hours, payload={"answers": answers})
    return row | {"source_event_id": f"{order.pk}-{hours}-{sorted(answers)}"}


def typed(**answers) -> dict[str, str]:
    return {"token": str(uuid4()), "reason": ""} | answers


def errors(page) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in page.context["form"].errors.items()}


def test_a_nurse_fills_in_the_checklist_and_the_record_on_one_page(client, world, order):
    client.force_login(world.kari)
    page = client.get(address(order))
    assert page.status_code == 200
    assert b"Patient named: not answered" in page.content
    said = typed(named="yes", kit_lot=" L2602 ", volume_ml="212,5", preservation="fresh", kit_expires_on="2099-01-31")
    answer = client.post(address(order), said)
    assert answer.status_code == 302, errors(answer)
    event = StatusEvent.objects.get(order=order, kind="collection_checked")
    assert (event.user, event.stage, event.attempt) == (world.kari, "collection", 1)
    assert event.payload["answers"]["volume_ml"] == 212.5
    assert event.payload["answers"]["kit_lot"] == "L2602"
    assert event.payload["asked"]["named"] == "Patient named"
    row = Collection.objects.get(stage_run__order=order)
    assert (row.kit_lot, row.volume_ml, row.preservation, f"{row.kit_expires_on}") == (
        "L2602", 212.5, "fresh", "2099-01-31",
    )  # fmt: skip
    page = client.get(address(order))
    assert b"Nothing that Product small asks for stands open." in page.content
    assert b"212.5 ml: kari" in page.content
    assert client.post(address(order), said).status_code == 422  # nothing is said a second time
    assert StatusEvent.objects.filter(order=order, kind="collection_checked").count() == 1


def test_a_correction_asks_why_and_keeps_what_was_said_before(client, world, order):
    client.force_login(world.kari)
    assert client.post(address(order), typed(volume_ml="210")).status_code == 302
    again = client.post(address(order), typed(volume_ml="120"))
    assert errors(again)["volume_ml"] == ["It was answered “210 ml” before."]
    assert "reason" in errors(again)
    assert "reason" in errors(client.post(address(order), typed(volume_ml="120", reason="x")))
    assert client.post(address(order), typed(volume_ml="120", reason="Weighed again, misread.")).status_code == 302
    page = client.get(address(order)).content.decode()
    assert all(words in page for words in ("120 ml: kari", "<s>210 ml</s>", "Weighed again, misread."))
    assert errors(client.post(address(order), typed(volume_ml=""))) == {
        "volume_ml": ["An answer is corrected, not taken away."]
    }


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"kit_expires_on": "2020-01-31"}, "kit_expires_on", "expired"),
        ({"volume_ml": "0.2"}, "volume_ml", "20 to 1000 ml"),
        ({"viability_percent": "0.95"}, "viability_percent", "10 to 100 %"),
        ({"nucleated_cells_e9": "5", "cd3_cells_e9": "6"}, "cd3_cells_e9", "one of the two is wrong"),
    ],
)
def test_what_can_hardly_be_is_kept_with_a_reason_only(client, world, order, said, field, words):
    client.force_login(world.kari)
    assert words in errors(client.post(address(order), typed(**said)))[field][0]
    assert not StatusEvent.objects.filter(order=order, kind="collection_checked").exists()
    assert client.post(address(order), typed(**said, reason="Read twice, it is so.")).status_code == 302


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"viability_percent": "120"}, "viability_percent", "impossible in %"),
        ({"nucleated_cells_e9": "8500000000"}, "nucleated_cells_e9", "impossible in ×10⁹"),
        ({"volume_ml": "much"}, "volume_ml", "Enter a number"),
        ({"volume_ml": "1,200"}, "volume_ml", "1200, or 1.200"),
        ({"preservation": "warm"}, "preservation", "Fresh"),
        ({"kit_expires_on": "31.1.2027"}, "kit_expires_on", "2026-03-31"),
        ({"kit_lot": "x" * 65}, "kit_lot", "64"),
        ({}, "__all__", "Nothing was filled in"),
    ],
)
def test_what_cannot_be_says_what_to_write_and_nothing_is_kept(client, world, order, said, field, words):
    client.force_login(world.kari)
    page = client.post(address(order), typed(**said, reason="Although it cannot be."))
    assert page.status_code == 422
    assert words in errors(page)[field][0]
    assert not StatusEvent.objects.filter(order=order, kind="collection_checked").exists()


def test_who_has_no_part_in_it_reads_it_at_most(client, world, order):
    client.force_login(make_user("else", world.bergen, role=Role.SITE_COORDINATOR))
    assert client.get(address(order)).status_code == 404 == client.post(address(order), typed(named="yes")).status_code
    client.force_login(make_user("ola", world.plant))
    page = client.get(address(order))
    assert page.context["form"] is None
    assert b"is reported by" in page.content
    assert client.post(address(order), typed(named="yes")).status_code == 422
    assert client.get(reverse("order_collection", args=[order.pk, "inbound"])).status_code == 404


def completes(world, order, **payload):
    order.refresh_from_db()
    return report_by_person(
        order.pk, by=world.kari, kind="completed", stage="collection", occurred_at=at(6), seen_version=order.version,
        token=str(uuid4()), now=at(7), is_first_asked=True,
        payload={"donation_number": "=G12341765432170"} | payload,
    )  # fmt: skip


def test_a_collection_is_completed_by_a_person_only_as_its_product_wants_it_or_with_a_reason(world, order):
    record_event(report(order, "started", "collection", 1), by=world.reporter, now=at(1))
    with pytest.raises(ReportRefused, match="Why it is completed although its record is open"):
        completes(world, order)
    record_event(checked(order, named=True, kit_lot="L1", viability_percent=61), by=world.reporter, now=at(3))
    with pytest.raises(ReportRefused, match="record is open"):
        completes(world, order)
    with pytest.raises(ReportRefused):
        completes(world, order, open_reason="x")
    completes(world, order, open_reason="The physician decides to go on with these cells.")
    shown = collections_of(order, at(8))[0]
    assert shown.open_reason == "The physician decides to go on with these cells."
    assert [one.words for one in shown.points] == ["Viability: 61 %, outside the limits (at least 70 %)"]


def test_one_that_is_as_it_must_be_is_completed_without_a_question(world, order):
    record_event(report(order, "started", "collection", 1), by=world.reporter, now=at(1))
    record_event(checked(order, named=True, kit_lot="L1"), by=world.reporter, now=at(3))
    assert completes(world, order).outcome == "created"
    clock = collections_of(order, at(8))[0].clock[0]
    assert "The clock of the cells began" in clock
    assert "may wait until" in clock
    record_event(report(order, "started", "inbound", 9), by=world.reporter, now=at(9))
    (begun,) = collections_of(order, at(500))
    assert begun.wait_until is None
    assert begun.clock[0].endswith("with the end of the collection.")


def test_a_machine_is_heard_whatever_is_open_and_what_is_open_is_shown(client, world, order):
    rows = [
        report(order, "started", "collection", 1),
        checked(order, named=False),
        report(order, "completed", "collection", 6),
    ]
    assert [one.outcome for one in record_events(rows, by=world.reporter, now=at(7))] == ["created"] * 3
    client.force_login(world.kari)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "answered “No”" in page
    assert "Lot of the kit: not answered" in page


def test_answers_are_said_of_a_collection_alone(world, order):
    row = checked(order, named=True) | {"stage": "inbound"}
    assert "is no collection of small v1" in record_event(row, by=world.reporter, now=at(3)).reason
    result = record_event(checked(order, viability_percent=130), by=world.reporter, now=at(3))
    assert result.errors == {"payload.answers.viability_percent": ["130 is impossible in %: from 0 to 100."]}
    assert "payload.answers" in record_event(
        report(order, "collection_checked", "collection", 3), by=world.reporter, now=at(3)
    ).errors  # fmt: skip


def test_what_the_flow_does_not_ask_is_kept_and_shown_as_it_was_asked(world, order):
    row = checked(order, own_item="12", named=True)
    row["payload"]["asked"] = {"own_item": "Pump number"}
    record_event(row, by=world.reporter, now=at(3))
    shown = {one.code: one for one in collections_of(order, at(4))[0].items}
    assert (shown["own_item"].asked, shown["own_item"].newest.words, shown["own_item"].newest.by) == (
        "Pump number", "12", "hospital-oslo",
    )  # fmt: skip


def test_a_system_without_the_right_is_kept_and_nothing_follows(world, order):
    world.source.scopes = ["events:write", "events:transport"]
    world.source.save()
    from supplychain.orders.actions.events import Reporter

    record_event(checked(order, volume_ml=200), by=Reporter.of_source(world.source), now=at(3))
    assert not Collection.objects.filter(stage_run__order=order, volume_ml__isnull=False).exists()
    assert collections_of(order, at(4))[0].answered == []


def test_the_rows_are_the_same_after_rebuilding_from_the_events(world, order):
    rows = [report(order, "started", "collection", 1), checked(order, 3, volume_ml=200, named=True),
            checked(order, 2, volume_ml=100, kit_lot="L1")]  # fmt: skip
    record_events(rows, by=world.reporter, now=at(7))
    before = Collection.objects.filter(stage_run__order=order).values().get()
    assert (before["volume_ml"], before["kit_lot"]) == (200, "L1")
    assert rebuild_orders([order], now=at(8)) == {}
    assert Collection.objects.filter(stage_run__order=order).values().get() == before


def test_another_version_of_the_flow_leaves_the_order_with_its_own_questions(world, order):
    record_event(checked(order, named=True), by=world.reporter, now=at(3))
    newer = world.flow.__class__.objects.get(pk=world.flow.pk)
    newer.pk, newer.version, newer.is_current, newer.is_default = uuid4(), 2, False, False
    newer.save(force_insert=True)
    stage = Stage.objects.get(flow=world.flow, code="collection")
    stage.pk, stage.flow, stage.checklist = uuid4(), newer, [{**CHECKLIST[0], "text": "Another question"}]
    stage.save(force_insert=True)
    shown = collections_of(order, at(4))[0]
    assert (shown.items[0].asked, shown.flow_version) == ("Patient named", 1)


def test_the_interface_tells_a_collection_to_its_sites_alone(world, order):
    record_event(checked(order, named=True, viability_percent=61, kit_lot="l1"), by=world.reporter, now=at(3))
    body = client_of(world.source).get(f"/api/v1/orders/{order.pk}/collections/").json()
    (found,) = body["collections"]
    assert found["open_points"] == ["Viability: 61 %, outside the limits (at least 70 %)"]
    item = next(one for one in found["items"] if one["code"] == "viability_percent")
    assert (item["answers"][0]["value"], item["answers"][0]["by"], item["unit"]) == (61, "hospital-oslo", "%")
    assert client_of(world.stranger).get(f"/api/v1/orders/{order.pk}/collections/").status_code == 404
    listed = client_of(world.source).get("/api/v1/collections/?kit_lot=L1").json()["results"]
    assert [(one["coi"], one["viability_percent"]) for one in listed] == [(order.coi, 61)]
    assert client_of(world.source).get("/api/v1/collections/?kit_lot=L2").json()["results"] == []
    assert client_of(world.stranger).get("/api/v1/collections/").json()["results"] == []


def test_an_answer_belongs_to_the_attempt_in_which_it_was_given(world, order):
    rows = [
        report(order, "started", "collection", 1),
        checked(order, 2, volume_ml=200),  # its sender names no attempt
        report(order, "failed", "collection", 3),
        report(order, "started", "collection", 30, attempt=2),
        checked(order, 31, kit_lot="L2"),
    ]
    for row in rows:
        record_event(row, by=world.reporter, now=at(40))
    order.refresh_from_db()
    shown = collections_of(order, at(41))
    assert [[one.code for one in each.answered] for each in shown] == [["volume_ml"], ["kit_lot"]]


def test_the_order_links_to_it_before_anything_is_known_of_it_for_whoever_fills_it_in(client, world, order):
    link = f'<a href="{address(order)}">Fill in the record and checklist</a>'
    client.force_login(world.kari)
    assert link in client.get(reverse("order", args=[order.pk])).text
    assert address(order) not in client.get(reverse("order", args=[order.pk]), {"print": "1"}).text
    client.post(address(order), typed(kit_lot="L1"))
    page = client.get(reverse("order", args=[order.pk])).text
    assert (link in page, page.count(address(order))) == (False, 1)
    client.force_login(make_user("wim", world.oslo, role=Role.INSPECTOR))
    other = world.order(coi="CO-OTHER", patient_reference="pseudonym-2")
    assert address(other) not in client.get(reverse("order", args=[other.pk])).text
