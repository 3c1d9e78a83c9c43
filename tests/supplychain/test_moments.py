"""One grammar of moments and one verdict, whatever way a moment comes in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.forms import ValidationError
from django.utils import timezone

from batches.flags.forms import AcknowledgeFlagForm
from supplychain.imports.events import event_row
from supplychain.imports.orders import order_row
from supplychain.imports.rows import RowRefused
from supplychain.moments import ClocksChange, UnreadableMoment, read_moment, written
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.placing import OrderRefused, read_order_request
from supplychain.orders.rules.reading import Unreadable, read_report
from supplychain.pages.fields import MomentField
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, report

OSLO = ZoneInfo("Europe/Oslo")
HALF_PAST = datetime(2026, 3, 1, 13, 30, tzinfo=UTC)

READ = {
    "2026-03-01T14:30:00+01:00": HALF_PAST,
    "2026-03-01T13:30:00Z": HALF_PAST,
    "2026-03-01 14:30:00+01:00": HALF_PAST,
    "2026-03-01t13:30:00z": HALF_PAST,
    "2026-03-01T14:30+01:00": HALF_PAST,
    "2026-03-01T14:30:00+0100": HALF_PAST,
    "2026-03-01T14:30:00+01": HALF_PAST,
    "2026-03-01T13:30:00-00:00": HALF_PAST,
    " 2026-03-01T13:30:00Z ": HALF_PAST,
    "2026-03-01T13:30:00.3Z": HALF_PAST + timedelta(microseconds=300_000),
    "2026-03-01T13:30:00.1234567Z": HALF_PAST + timedelta(microseconds=123_457),
    "2026-03-01T13:29:59.9999999Z": HALF_PAST,
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
}
REFUSED = {
    "2026-03-01 14.30": "has a dot or comma between hours and minutes",
    "2026-03-01 14,30": "has a dot or comma between hours and minutes",
    "2026-03-01 14.30+01:00": "has a dot or comma between hours and minutes",
    "2026-03-01T14:30:00,5+01:00": "has a comma before the parts of a second",
    "46082.604": "is a number as a spreadsheet counts days (perhaps 2026-03-01 14:30",
    "46082,604": "is a number as a spreadsheet counts days (perhaps 2026-03-01 14:30",
    "46082": "is a number as a spreadsheet counts days",
    "1772371800": "is a number as programs count seconds since 1970",
    "1772371800000": "is a number as programs count milliseconds since 1970",
    "4.6082E+04": "is a number as a spreadsheet rounds it",
    "3/4/2026": "has slashes",
    "03/04/2026 14:30": "has slashes",
    "2026/03/01 14:30": "has slashes",
    "1.3.2026 14:30": "does not begin with the year",
    "01-03-2026 14:30": "does not begin with the year",
    "1-Mar-26": "has the date in words",
    "1. März 2026": "has the date in words",
    "Sun Mar 01 2026 14:30:00 GMT+0100": "has the date in words",
    "2026-03-01 2:30 PM": "has a clock of twelve hours",
    "2026-03-01": "has no time of day",
    "########": "is what a spreadsheet shows when a column is too narrow",
    "20260301T143000+0100": "has no dashes and colons",
    "2026-03-01T14:30:00 01:00": "has a blank before its offset",
    "2026-03-01T14:30\u200b+01:00": "2026-03-01T14:30‹U+200B›+01:00” has hidden characters",
    "2026-03-01\u00a014:30+01:00": "2026-03-01‹U+00A0›14:30+01:00” has hidden characters",
    "2026-03-01T24:00:00Z": "there is no such date or time; 24:00 is 00:00 of the next day",
    "2026-03-01T14.30Z": "has a dot or comma between hours and minutes",
    "2026-03-01T14:30 +01:00": "has a blank before its offset; leave it out",
    "2026-03-01T14:30:00 Z": "has a blank before its offset; leave it out",
    "2026-03-01T14:30 UTC": "has its zone in words",
    "2026-3-1 14:30Z": "has a month, day or hour of one digit",
    "2026-03-01 9:30Z": "has a month, day or hour of one digit",
    "2026-03-01T14:30\u221201:00": "has a dash before its offset that is no minus",
    "46,082.604": "is a number as a spreadsheet counts days (perhaps 2026-03-01 14:30",
    "2026-02-30T14:30:00Z": "there is no such date or time",
    "2026-03-01T14:30:60Z": "seconds go from 00 to 59",
    "2026-03-01T14:30:00+25:00": "there is no offset +25:00",
    "2026-03-01T14:30:00+23:59": "needs an offset from UTC",
    "2026-W09-7T14:30:00Z": "is a date by its week; write year, month and day",
    "2026-060T14:30:00Z": "is a date by its day of the year",
    "2026.03.01 14:05": "has dots in its date; write dashes",
    "2026-03-01 kl. 14.30": "has words beside its time of day",
    "2026-03-01 14:30 Uhr": "has words beside its time of day",
    "2026-03-01 14:30h": "has words beside its time of day",
    "01/Mar/2026:14:05 +0100": "has the date in words",
    "/Date(1772371800000)/": "is a moment as old programs of Microsoft write it",
    "#VALUE!": "is what a spreadsheet shows in place of a value",
    "46 082,604": "is a number as a spreadsheet counts days (perhaps 2026-03-01 14:30",
    "-46082": "is a number.",
    "20260301": "has no dashes and no time of day",
    "2026-03-01T14:30:00+01:00[Europe/Oslo]": "has its zone in brackets",
    "２０２６-03-01T14:30:00Z": "has digits of another script",
    "1899-12-30T00:00:00Z": "the year must lie between 2000 and 2100",
    "now": "is no moment in RFC 3339",
}
NO_OFFSET = ("2026-03-01T14:30", "2026-03-01 14:30:00", "2026-03-01T14:30:00.5")


def _rule(text: str) -> datetime:
    return read_moment(text)


def _event(text: str) -> datetime:
    return read_report(report("CO", "confirmed") | {"occurred_at": text}).occurred_at


def _payload(text: str) -> datetime:
    row = report("CO", "scheduled", "inbound") | {"payload": {"planned_pickup_at": text}}
    return datetime.fromisoformat(read_report(row).payload["planned_pickup_at"])


def _order(text: str) -> datetime | None:
    row = {"product": "p", "patient_reference": "P-1", "ordering_site": "o", "plant": "p", "promised_at": text}
    return read_order_request(row).promised_at


def _event_cell(text: str) -> datetime:
    cells = {"order": "CO", "kind": "confirmed", "occurred_at": text.strip()}
    return read_report(event_row(cells, None)).occurred_at


def _payload_cell(text: str) -> datetime:
    cells = {"order": "CO", "kind": "promised", "occurred_at": "2026-03-01T13:30Z", "promised_at": text.strip()}
    return datetime.fromisoformat(read_report(event_row(cells, None)).payload["promised_at"])


def _order_cell(text: str) -> datetime:
    cells = {"product": "p", "patient_reference": "P-1", "ordering_site": "o", "plant": "p", "ordered_at": text.strip()}
    return order_row(cells, None)["ordered_at"]


def _form(text: str) -> datetime | None:
    with timezone.override(OSLO):
        return MomentField().clean(text)


def _seen(text: str) -> datetime | None:
    form = AcknowledgeFlagForm({"comment": "seen", "seen_raised_at": text})
    if not form.is_valid():
        raise UnreadableMoment(form.errors["seen_raised_at"][0])
    return form.cleaned_data["seen_raised_at"]


WAYS: tuple[Callable[[str], Any], ...] = (
    _rule, _event, _payload, _order, _event_cell, _payload_cell, _order_cell, _form, _seen,
)  # fmt: skip
REFUSALS = (UnreadableMoment, Unreadable, OrderRefused, RowRefused)


def _verdict(way: Callable[[str], Any], text: str) -> tuple[datetime | None, str]:
    try:
        return way(text), ""
    except ValidationError as error:
        return None, error.messages[0]
    except REFUSALS as error:
        return None, str(error)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "moment"), READ.items())
def test_a_moment_is_the_same_by_every_way_in(way, text, moment):
    assert _verdict(way, text) == (moment, "")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_what_is_no_moment_is_refused_by_every_way_in_and_told_what_it_looks_like(way, text, words):
    moment, problem = _verdict(way, text)
    assert (moment, words in problem) == (None, True), problem


@pytest.mark.parametrize("way", [way for way in WAYS if way not in (_form, _seen)])
@pytest.mark.parametrize("text", NO_OFFSET)
def test_a_local_time_is_refused_where_nothing_says_its_zone(way, text):
    moment, problem = _verdict(way, text)
    assert (moment, f"“{text}” has no offset from UTC" in problem) == (None, True), problem


@pytest.mark.parametrize("text", NO_OFFSET)
def test_a_local_time_is_read_in_the_zone_of_the_form_or_import(text):
    cells = {"order": "CO", "kind": "confirmed", "occurred_at": text}
    assert _form(text) == event_row(cells, OSLO)["occurred_at"] == read_moment(f"{text}+01:00")


def test_a_time_that_the_clocks_show_twice_or_never_is_not_guessed():
    with pytest.raises(ClocksChange) as twice:
        read_moment("2026-10-25T02:30", OSLO)
    with pytest.raises(ClocksChange) as never:
        read_moment("2026-03-29T02:30", OSLO)

    assert str(twice.value) == (
        "“2026-10-25T02:30” occurs twice in Europe/Oslo; write its offset: 2026-10-25T02:30+02:00 or "
        "2026-10-25T02:30+01:00."
    )
    assert [written(one) for one in twice.value.choices] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    assert str(never.value) == (
        "“2026-03-29T02:30” does not occur in Europe/Oslo; the clocks go forward then; check the time."
    )


def test_a_number_is_no_moment_either():
    problem = "payload.planned_pickup_at: A moment is a text such as 2026-03-01T14:05:00+01:00."
    for given in (46082.604, 1772371800, True, ["2026-03-01T14:30Z"]):
        with pytest.raises(Unreadable, match=r"^payload\.planned_pickup_at: A moment is a text") as refused:
            _payload(given)  # type: ignore[arg-type]
        assert str(refused.value) == problem


@pytest.mark.django_db
class TestOverTheInterface:
    """The same verdicts where a hospital's system meets them."""

    @pytest.mark.parametrize("text", ["2026-03-01 14.30", "46082.604", "3/4/2026", "2026-03-01T14:30:00", ""])
    @pytest.mark.parametrize(
        "address",
        [
            "orders/?promised_before=", "orders/?promised_after=", "orders/?ordered_before=", "orders/?ordered_after=",
            "orders/?updated_since=", "flags/?due_before=", "bottlenecks/?from=", "bottlenecks/?to=",
            "orders/{order}/events/?recorded_after=",
        ],
    )  # fmt: skip
    def test_a_filter_refuses_what_no_body_may_say(self, address, text):
        world = World()
        order = world.order()
        answer = client_of(world.source).get(f"/api/v1/{address.format(order=order.pk)}{text}")
        assert answer.status_code == 400, answer.content

    def test_a_filter_reads_a_moment_to_the_second(self):
        world = World()
        order = world.order(ordered_at=HALF_PAST)
        client = client_of(world.source)
        found = [
            len(client.get("/api/v1/orders/", {"ordered_after": text}).json()["results"])
            for text in ("2026-03-01T14:30:00+01:00", "2026-03-01T13:30:00.001Z")
        ]
        assert (order.ordered_at, found) == (HALF_PAST, [1, 0])

    def test_a_promise_and_an_order_refuse_a_spreadsheets_time(self):
        world = World()
        order = world.order()
        client = client_of(world.source)
        body = {
            "product": "product-small", "patient_reference": "P-2", "ordering_site": "oslo", "plant": "plant",
            "promised_at": "2026-03-01 14.30",
        }  # fmt: skip
        placed = client.send("/api/v1/orders/", body)
        etag = client.get(f"/api/v1/orders/{order.pk}/").headers["ETag"]
        promise = {"promised_at": "2026-03-01 14.30"}
        changed = client.send(f"/api/v1/orders/{order.pk}/", promise, "PATCH", If_Match=etag)

        for answer in (placed, changed):
            assert answer.status_code == 422
            assert "has a dot or comma between hours and minutes" in str(answer.json()["errors"]["promised_at"])
        assert PatientOrder.objects.count() == 1

    def test_a_payloads_moment_keeps_the_offset_of_its_sender(self):
        world = World()
        order = world.order()
        row = report(order, "scheduled", "inbound", payload={"planned_pickup_at": "2026-03-03 10:00+01"})
        record_event(row, by=world.reporter)
        assert StatusEvent.objects.get(kind="scheduled").payload == {"planned_pickup_at": "2026-03-03T10:00:00+01:00"}

    def test_a_command_refuses_it_too(self):
        words = "“2026-12-01 06.00” has a dot or comma between hours and minutes"
        with pytest.raises(CommandError, match=words):
            call_command("set_capacity", "--site=plant", "--pool=suite", "--places=1", "--starts-at=2026-12-01 06.00",
                         stdout=StringIO())  # fmt: skip
