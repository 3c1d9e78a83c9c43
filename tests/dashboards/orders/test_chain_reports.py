"""A chain report: made of the record, had again word for word, and a printed copy compared with the record."""

import json

import pgtrigger
import pypdfium2
import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, NotSupportedError
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.conditions.actions.deciding import decide_excursion
from supplychain.conditions.queries import excursions_of
from supplychain.documents.models import IssuedReport
from supplychain.documents.rules.fingerprints import fingerprint_of, printed
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.pages import papers
from supplychain.people.statuses import Role
from supplychain.transport.actions.shippers import change_shipper
from tests.dashboards.builders import browser_of, raise_flag
from tests.dashboards.orders.builders import collected
from tests.dashboards.orders.readings import text_of
from tests.supplychain.builders import at, make_user
from tests.supplychain.builders import report as report_row
from tests.supplychain.conditions.warm import WarmWorld
from tests.supplychain.transport.test_shippers import make_shipper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def made(person, order) -> IssuedReport:
    answer = browser_of(person).post(reverse("make_chain_report", args=[order.pk]), follow=True)
    assert answer.status_code == 200
    return order.issued_reports.latest("made_at", "id")


def copy_of(person, report: IssuedReport, kind: str):
    return browser_of(person).get(reverse(f"chain_report_{kind}", args=[report.order_id, report.pk]))


def words_of(pdf: bytes) -> str:
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(pages).split())


def checked(person, fingerprint: str) -> str:
    return text_of(browser_of(person).get(reverse("check_document"), {"fingerprint": fingerprint}))


def test_it_says_on_paper_what_the_record_says(world):
    order = collected(world)
    raise_flag(order, FlagCode.SILENT, why="Nothing was heard since 2026-03-02T10:00Z.")
    report = made(world.coordinator, order)
    answer = copy_of(world.coordinator, report, "pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    said = words_of(answer.content)
    assert json.loads(report.content)["flags"][0]["why"] == "Nothing was heard since 2 Mar 2026 10:00 UTC."
    for words in (
        "Chain report of order CO-1", "pseudonym-1", "G123498654321", "TRK-1", "Sealed: 5 events, all verified on",
        "Collection started", "2 Mar 2026 10:00 UTC", report.fingerprint[:4],
        "Made by coordinator on 6 Mar 2026 12:00", "page 1 of",
    ):  # fmt: skip
        assert words in said, words


def test_it_tells_who_read_what_who_held_the_cells_and_what_they_are(world):
    order = collected(world)
    bag = {"number": "BAG-1", "kind": "collection_bag", "storage": "2 to 8 °C"}
    world.say(order, "material", "", 30, payload=bag)
    world.say(
        order, "lot_used", "", 31, payload={"kind": "vector", "product": "Lenti", "lot": "LV-7", "number": "BAG-1"}
    )
    check_identity(
        order.pk, read="CO-1", by=Reporter.of_user(world.coordinator), place=CheckPlace.ORDER, client_id="1",
        now=at(40), stage="inbound",
    )  # fmt: skip
    report = made(world.coordinator, order)
    told = json.loads(report.content)
    (check,) = told["identity_checks"]
    assert (check["read"], check["outcome"]) == ("CO-1", "Match")
    name = order.stage_runs.get(stage__code="inbound").stage.name
    assert check["stage"] == name != "inbound"
    assert [one["number"] for one in told["materials"]] == ["BAG-1"]
    assert [one["lot"] for one in told["lots"]] == ["LV-7"]
    assert told["custody"][0]["holder"]
    said = words_of(copy_of(world.coordinator, report, "pdf").content)
    for words in ("Identity checks", "Chain of custody", "BAG-1", "Lenti LV-7", "Reagents and vectors"):
        assert words in said, words


def test_it_tells_who_gave_and_took_the_cells_and_what_was_seen_of_them(world):
    order = collected(world)
    seen = {"given_by": "A. Berg", "received_by": "M. Lie", "seal": "broken", "packaging": "damaged"}
    world.say(
        order, "handed_over", "", 20, payload={"from": "collection_site", "to": "courier", "remark": "Wet"} | seen
    )
    report = made(world.coordinator, order)
    words = "Given by A. Berg. Taken by M. Lie. Seal: broken. Packaging: damaged. “Wet”"
    assert words in [one["said"] for one in json.loads(report.content)["custody"]]
    said = words_of(copy_of(world.coordinator, report, "pdf").content)
    for part in ("Given by A. Berg", "Taken by M. Lie", "Seal: broken", "Packaging: damaged"):
        assert part in said, part


def test_what_is_reported_for_later_is_still_to_come_on_paper_too(world):
    order = collected(world)
    world.say(order, "completed", "inbound", 130)
    said = words_of(copy_of(world.coordinator, made(world.coordinator, order), "pdf").content)
    assert said.count("still to come") == 3  # who holds the cells until when, from when, and the delivery


def test_its_data_is_kept_word_for_word(world):
    report = made(world.coordinator, collected(world))
    said = copy_of(world.coordinator, report, "json").json()
    assert said["fingerprint"] == report.fingerprint == fingerprint_of(said["content"])
    assert json.loads(said["content"]) == said["report"]
    told = said["report"]
    assert [one["position"] for one in told["events"]] == [1, 2, 3, 4, 5]
    assert told["events"][-1]["hash"] == told["seal"]["head"]
    assert told["shipments"][0]["tracking_number"] == "TRK-1"
    again = copy_of(world.coordinator, report, "pdf")
    assert again.content == copy_of(world.coordinator, report, "pdf").content


def test_a_cancelled_orders_journey_waits_for_nothing(world):
    order = collected(world)
    world.say(order, "cancelled", hours=99, payload={"reason": "The patient died."})
    told = copy_of(world.coordinator, made(world.coordinator, order), "json").json()["report"]
    assert {one["status"] for one in told["stages"]} == {"Completed", "Broken off", "Not begun"}


def test_a_printed_copy_is_compared_with_the_record(world):
    order = collected(world)
    report = made(world.coordinator, order)
    assert "Nothing was recorded since." in checked(world.coordinator, printed(report.fingerprint))
    world.say(order, "completed", "inbound", 30)
    said = checked(world.operations, report.fingerprint[:12])
    assert "The record still holds every event of this report, unaltered 1 event was recorded since" in said
    assert "No report of an order that you may see" in checked(world.coordinator, "0" * 64)
    assert "This is no fingerprint" in checked(world.coordinator, "CO-1")


def test_an_altered_record_is_told(world):
    order = collected(world)
    report = made(world.coordinator, order)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE supplychain_statusevent SET hash = repeat('0', 64) WHERE order_id = %s AND position = 5", [order.pk]
        )
    assert "The record no longer holds the events of this report" in checked(world.coordinator, report.fingerprint)
    later = words_of(copy_of(world.coordinator, made(world.coordinator, order), "pdf").content)
    assert "The record has been altered: its seal breaks at event 5" in later
    assert "none altered" not in later


def test_its_first_page_names_the_critical_flags_and_its_flags_what_was_decided(db):
    world = WarmWorld()
    quality = make_user("quentin", world.plant, role=Role.QA)
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5], now=12)
    [one] = excursions_of([order.pk])[order.pk]
    raise_flag(
        order, FlagCode.EXCURSION, severity=Severity.CRITICAL, evidence={"excursion": str(one.id)}, cleared_at=None
    )
    first = made(quality, order)
    [title] = [flag["title"] for flag in json.loads(first.content)["flags"]]
    head = f"When this was made, 1 critical flag stood on this order: {title} · Inbound."
    assert head in words_of(copy_of(quality, first, "pdf").content)
    decide_excursion(
        one.id, by=quality, decision="use_as_is", reason="Stability data cover it", seen=one.seen, token="t", now=at(13)
    )
    order.flags.update(cleared_at=at(13))
    later = made(quality, order)
    [flag] = json.loads(later.content)["flags"]
    assert (flag["decided"]["decision"], flag["decided"]["by"]) == ("Use as is", "quentin")
    said = words_of(copy_of(quality, later, "pdf").content)
    assert said.count("Use as is, quentin, 2 Mar 2026 21:00: “Stability data cover it”") == 2
    assert "critical flag stood" not in said


def test_without_its_letters_a_pdf_is_refused_in_words(world, settings, tmp_path):
    report = made(world.coordinator, collected(world))
    settings.NODE_MODULES = tmp_path
    papers.register_fonts.cache_clear()
    said = browser_of(world.coordinator).get(
        reverse("chain_report_pdf", args=[report.order_id, report.pk]), follow=True
    )
    assert "No PDF can be made: The letters for PDF files are missing: `make assets` installs them." in text_of(said)


def test_a_strangers_site_has_no_part_in_it(world):
    order = collected(world)
    report = made(world.coordinator, order)
    stranger = browser_of(world.stranger_person)
    assert stranger.get(reverse("chain_reports", args=[order.pk])).status_code == 404
    assert stranger.post(reverse("make_chain_report", args=[order.pk])).status_code == 404
    assert [copy_of(world.stranger_person, report, kind).status_code for kind in ("pdf", "json")] == [404, 404]
    assert "No report of an order that you may see" in checked(world.stranger_person, report.fingerprint)
    other = world.order(coi="CO-2")
    wrong = reverse("chain_report_pdf", args=[other.pk, report.pk])
    assert browser_of(world.coordinator).get(wrong).status_code == 404


def test_what_was_issued_is_never_changed(world):
    report = made(world.coordinator, collected(world))
    for change in (lambda: IssuedReport.objects.update(content="{}"), lambda: report.delete()):
        with pytest.raises((InternalError, NotSupportedError)), transaction.atomic():
            change()
    assert IssuedReport.objects.get(pk=report.pk).content == report.content


def test_it_says_how_a_shipment_was_packed_and_what_is_amiss(world):
    order = collected(world)
    change_shipper(make_shipper(world.plant, "BOX-7"), reason="A broken lid, found today", by=None, is_retired=True)
    said = {"shipper_number": "BOX-7", "seal_number": "S-1", "answers": {"closed": True}, "asked": {"closed": "Closed"}}
    row = report_row(order, "shipment_packed", "inbound", 20, payload=said)
    assert record_event(row, by=world.reporter, now=at(40)).reason == ""
    report = made(world.coordinator, order)
    shipment = json.loads(report.content)["shipments"][0]
    assert shipment["packaging"][0]["what"].startswith("Packed into shipper BOX-7 (Dry shipper 10 l")
    assert shipment["packaging"][0]["checklist"] == [{"asked": "Closed", "answer": "Yes"}]
    assert [fault["code"] for fault in shipment["packaging_faults"]] == ["retired"]
    paper = words_of(copy_of(world.coordinator, report, "pdf").content)
    assert "Amiss: shipper BOX-7 is retired" in paper
    for words in ("Shipment: to the plant, ", "Asked at packing or unpacking", "Closed Yes"):
        assert words in paper, words
