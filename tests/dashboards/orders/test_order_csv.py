"""The order list as a file: exactly what is filtered, in its order, and nothing that a spreadsheet would run."""

import csv
from io import StringIO

import pytest
from django.urls import reverse

from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.orders.queries import export as order_export
from dashboards.orders.queries import paging as order_pages
from dashboards.orders.rules.files import HEADER
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.recording.actions import withdraw_report
from tests.dashboards.builders import browser_of, raise_flag
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def file_of(person, query: str = ""):
    response = browser_of(person).get(f"{reverse('orders_csv')}?{query}")
    text = response.getvalue().decode("utf-8-sig")
    return response, list(csv.DictReader(StringIO(text)))


def test_one_order_with_all_that_the_file_says(world):
    world.oslo.time_zone = "Europe/Oslo"
    world.oslo.save()
    order = world.order(coi="CO-1", promised_at=at(200))
    world.say(order, "started", "collection", 90)
    Forecast.objects.create(order=order, made_at=at(1), ready_at=at(212.5), slack_hours=-12.5, evidence={})
    raise_flag(order, FlagCode.SILENT)
    raise_flag(order, FlagCode.STAGE_LATE, severity=Severity.CRITICAL, acknowledged_at=at(20), acknowledged_by="X")
    response, rows = file_of(world.coordinator)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="cellops-orders-2026-03-06.csv"'
    assert rows == [
        {
            "chain_of_identity": "CO-1", "chain_of_identity_issuer": "oslo", "patient_reference": "pseudonym-1",
            "product": "product-small", "flow": "small", "ordering_site": "oslo", "collection_site": "oslo",
            "plant": "plant", "infusion_site": "oslo", "priority": "routine",
            "ordered_at": "2026-03-02T09:00:00+01:00", "status": "in_progress", "stage": "collection",
            "stage_status": "running", "stage_since": "2026-03-06T03:00:00+01:00", "attempt": "1",
            "promised_at": "2026-03-10T17:00:00+01:00", "forecast_ready_at": "2026-03-11T05:30:00+01:00",
            "forecast_ready_from": "", "forecast_ready_to": "", "forecast_basis": "usual_durations",
            "forecast_assumes": "", "late_probability": "",
            "slack_hours": "-12.5", "worst_flag": "critical", "flags": "stage_late silent",
            "flags_unacknowledged": "1", "last_event": "collection started",
            "last_event_words": "Collection started",
            "last_event_at": "2026-03-06T03:00:00+01:00", "last_recorded_at": "2026-03-06T03:00:00+01:00",
            "infused_at": "", "cancelled_at": "", "closed_at": "",
            "change_asked": "", "change_asked_at": "", "change_outcome": "",
            "hold_budget_hours": "", "hold_limit_at": "", "hold_foreseen_end_at": "",
        }
    ]  # fmt: skip


def test_a_start_that_is_still_to_come_waits_in_the_file_as_on_the_page(world):
    order = world.order(coi="CO-1")
    world.say(order, "started", "collection", 120)
    _, (row,) = file_of(world.operations, "stage=collection&run=ready")
    assert (row["stage"], row["stage_status"], row["stage_since"]) == (
        "collection",
        "ready",
        order.ordered_at.isoformat(),
    )
    assert file_of(world.operations, "stage=collection&run=running")[1] == []


def test_the_worst_severity_is_that_of_any_flag_in_the_file_and_in_the_list(world):
    order = world.order(coi="CO-1")
    raise_flag(order, FlagCode.ON_HOLD)
    raise_flag(order, FlagCode.SILENT, severity=Severity.CRITICAL)
    _, (row,) = file_of(world.operations)
    assert (row["worst_flag"], row["flags"]) == ("critical", "on_hold silent")
    text = browser_of(world.operations).get(reverse("orders")).text
    assert f'class="order-row is-critical" id="order-{order.pk}"' in text


def test_a_flag_that_was_settled_makes_no_order_critical_in_the_file_or_in_the_list(world):
    order = world.order(coi="CO-1")
    raise_flag(order, FlagCode.STAGE_FAILED, severity=Severity.CRITICAL, harm=Harm.SETTLED)
    _, (row,) = file_of(world.operations)
    assert (row["worst_flag"], row["flags"]) == ("settled", "stage_failed")
    text = browser_of(world.operations).get(reverse("orders")).text
    assert f'class="order-row is-settled" id="order-{order.pk}"' in text
    raise_flag(order, FlagCode.SILENT)
    assert file_of(world.operations)[1][0]["worst_flag"] == "attention"


def test_the_file_holds_what_the_pages_show_in_the_same_order(world, monkeypatch):
    monkeypatch.setattr(order_pages, "PAGE_SIZE", 50)
    monkeypatch.setattr(order_export, "CHUNK", 2)
    for number in range(7):
        order = world.order(coi=f"CO-{number}", promised_at=at(300 - number % 3) if number % 2 else None)
        if number % 3:
            raise_flag(order)
    for query in ("sort=promise", "sort=-promise&flags=raised", "sort=-coi&flags=none", "due=none", "q=CO-3"):
        page = browser_of(world.operations).get(f"{reverse('orders')}?{query}").context["lines"]
        _, rows = file_of(world.operations, query)
        assert [row["chain_of_identity"] for row in rows] == [line.order.coi for line in page]
        assert rows


def test_the_file_holds_orders_of_own_sites_only(world):
    world.order(coi="CO-OSLO")
    world.order_of_bergen(coi="CO-BERGEN")
    assert [row["chain_of_identity"] for row in file_of(world.stranger_person, "status=any")[1]] == ["CO-BERGEN"]


@pytest.mark.parametrize(
    ("reference", "cell"),
    [
        *((text, f"'{text}") for text in ("=1+1", "+1", "-1", "@SUM(A1)")),
        ("\t=1", "'\t'=1"),
        ("P;=1", "P;'=1"),
        ("plain", "plain"),
    ],
)
def test_formulas_are_defused(world, reference, cell):
    order = world.order()
    PatientOrder.objects.filter(pk=order.pk).update(patient_reference=reference)
    (row,) = file_of(world.operations)[1]
    assert row["patient_reference"] == cell


def test_nothing_found_is_a_file_with_a_header(world):
    response = browser_of(world.operations).get(f"{reverse('orders_csv')}?q=nothing")
    assert response.getvalue().decode("utf-8-sig") == ",".join(HEADER) + "\r\n"


def test_an_order_that_changes_meanwhile_stands_in_the_file_once(world, monkeypatch):
    monkeypatch.setattr(order_export, "CHUNK", 1)
    first, second = (world.order(coi=f"CO-{number}", promised_at=at(200 + number)) for number in (1, 2))
    response = browser_of(world.operations).get(f"{reverse('orders_csv')}?sort=promise")
    pieces = iter(response.streaming_content)
    text = next(pieces) + next(pieces)
    PatientOrder.objects.filter(pk=first.pk).update(promised_at=at(900))
    text += b"".join(pieces)
    rows = list(csv.DictReader(StringIO(text.decode("utf-8-sig"))))
    assert [row["chain_of_identity"] for row in rows] == [first.coi, second.coi]


def test_the_last_event_says_that_it_does_not_fit_or_takes_a_report_back_in_the_file_and_in_the_list(world):
    order = world.order(coi="CO-1")
    world.say(order, "completed", "collection", 20)
    world.say(order, "completed", "selection", 30)
    (row,) = file_of(world.operations)[1]
    early = "Selection completed: Selection completed before Inbound had ended"
    assert (row["last_event"], row["last_event_words"]) == ("selection completed", early)
    assert early in browser_of(world.operations).get(reverse("orders")).text
    said = StatusEvent.objects.get(order=order, stage="selection")
    withdraw_report(said.pk, by=world.operations, reason="wrong order", now=at(99))
    (row,) = file_of(world.operations)[1]
    assert row["last_event"] == "selection withdrawn"
    assert row["last_event_words"] == "Selection: report withdrawn: Selection completed was withdrawn: wrong order"
    assert row["last_event_words"] in browser_of(world.operations).get(reverse("orders")).text


def test_an_order_whose_stage_is_reported_to_end_later_stands_at_that_stage(world):
    order = world.order(coi="CO-1")
    world.say(order, "started", "collection", 90)
    world.say(order, "completed", "collection", 120)
    order.refresh_from_db()
    assert order.current_stage == "inbound"
    _, (row,) = file_of(world.operations)
    assert (row["stage"], row["stage_status"], row["stage_since"]) == ("collection", "running", at(90).isoformat())
    (line,) = browser_of(world.operations).get(reverse("orders")).context["lines"]
    assert (line.stage_name, line.since) == ("Collection", at(90))
