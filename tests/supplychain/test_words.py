"""Moments and spans are said in one way everywhere."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone

from supplychain.orders.rules.verbs import event_words_in
from supplychain.pages.days import day_words
from supplychain.sentences import day_mark, moment_mark, said_in
from supplychain.words import about_words, dates_words, moment_words, waited_words, with_verb
from tests.dashboards.centre.builders import shipped_flow

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Expansion", "Expansion is under way"),
        ("Release tests", "Release tests are under way"),
        ("Apheresis", "Apheresis is under way"),
        ("In-process", "In-process is under way"),
        ("Tests of the product", "Tests of the product are under way"),
        ("Transport to the wards", "Transport to the wards is under way"),
        ("QC lanes (second floor)", "QC lanes (second floor) are under way"),
        ("", " is under way"),
    ],
)
def test_a_verb_has_the_number_of_the_name_before_it(name, words):
    assert with_verb(name, "is under way") == words


def test_no_other_word_of_a_sentence_about_several_things_changes():
    assert with_verb("Release tests", "can start") == "Release tests can start"
    assert with_verb("Release tests", "has waited 3 h") == "Release tests have waited 3 h"


@pytest.mark.parametrize(
    ("stage", "kind", "words"),
    [
        ("", "ordered", "Order placed"),
        ("", "cancelled", "Order cancelled"),
        ("", "change_asked", "Change asked for"),
        ("", "withdrawn", "Order: a report said to be wrong"),
        ("expansion", "started", "Expansion started"),
        ("expansion", "scheduled", "Expansion booked"),
        ("disposition", "completed", "Disposition: released"),
        ("gone_stage", "started", "Gone stage started"),
        ("expansion", "note", "Expansion: note or correction"),
    ],
)
def test_a_report_is_named_so_that_it_makes_sense(stage, kind, words):
    assert event_words_in(shipped_flow("car_t_fresh").stages, stage, kind) == words


def test_a_date_has_its_year_unless_it_is_this_one_and_no_leading_zero():
    """One style: the year is left out only beside a `now` of the same year, never in what is kept or sent on."""
    moment = datetime(2026, 12, 5, 9, 5, tzinfo=UTC)
    assert moment_words(moment, OSLO) == "5 Dec 2026 10:05"
    assert moment_words(moment, OSLO, now=NOW) == "5 Dec 10:05"
    assert moment_words(moment, OSLO, now=datetime(2027, 1, 1, tzinfo=UTC)) == "5 Dec 2026 10:05"
    # Over the new year the reader's zone decides which year it is.
    assert moment_words(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), OSLO, now=NOW) == "1 Jan 2027 00:30"


def test_no_template_writes_a_date_in_a_style_of_its_own():
    folder = Path(settings.BASE_DIR) / "templates"
    styled = re.compile(r"\|(?:date|time):.[dDjlNMFbyHPTfgGhi]")
    found = {str(one.relative_to(folder)) for one in folder.rglob("*.*") if styled.search(one.read_text())}
    assert found == set()


def test_of_what_is_to_come_no_time_has_gone():
    assert (waited_words(NOW + 3 * HOUR, NOW), waited_words(NOW - 3 * HOUR, NOW)) == ("less than 1 min", "3 h")


def test_the_hour_that_occurs_twice_is_told_with_its_offset():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert [moment_words(one, OSLO) for one in (first, second, second + HOUR)] == [
        "25 Oct 2026 02:30 +02:00", "25 Oct 2026 02:30 +01:00", "25 Oct 2026 03:30",
    ]  # fmt: skip
    assert [day_words(one, first, OSLO) for one in (first, second)] == ["today 02:30 +02:00", "today 02:30 +01:00"]
    with timezone.override(OSLO):
        page = Template("{% load moments %}{{ a|short_moment }} {{ a|labelled_moment }} {{ a|day_time:a }}")
        shown = page.render(Context({"a": second}))
    assert ">25 Oct 02:30 +01:00</time> Sun 25 Oct 2026 02:30 +01:00 CET <time" in shown
    assert ">02:30 +01:00</time>" in shown


def test_so_are_the_clock_of_a_page_and_the_audit_trail():
    second = datetime(2026, 10, 25, 1, 30, 5, tzinfo=UTC)
    page = Template("{% load moments %}{{ a|clock }} {{ a|exact_moment }}")
    with timezone.override(OSLO):
        shown = [page.render(Context({"a": one})) for one in (second - HOUR, second, second + HOUR)]
    assert [re.sub("<[^>]+>", "", one) for one in shown] == [
        "02:30:05 +02:00 25 Oct 2026 02:30:05 +02:00", "02:30:05 +01:00 25 Oct 2026 02:30:05 +01:00",
        "03:30:05 25 Oct 2026 03:30:05",
    ]  # fmt: skip


def test_a_stored_sentence_says_its_moments_in_the_zone_of_the_reader():
    stored = f"Given {moment_mark(NOW)}, promised {day_mark(NOW)}, ready {day_mark(NOW, NOW + 150 * HOUR)}."
    assert stored == (
        "Given 2026-11-26T23:30Z, promised day:2026-11-26T23:30Z, "
        "ready day:2026-11-26T23:30Z/2026-12-03T05:30Z."
    )  # fmt: skip
    assert said_in(stored, OSLO, NOW) == "Given 27 Nov 2026 00:30 CET, promised 27 Nov, ready 27 Nov–3 Dec."
    assert said_in(stored, UTC, NOW) == "Given 26 Nov 2026 23:30 UTC, promised 26 Nov, ready 26 Nov–3 Dec."
    assert said_in(day_mark(NOW, NOW + 40 * HOUR), OSLO, NOW) == "27–28 Nov"
    assert said_in("Zone Z, 9999-99-99T99:99Z", OSLO) == "Zone Z, 9999-99-99T99:99Z"


@pytest.mark.parametrize("days", [0, 1, 10, 40, 400])
@pytest.mark.parametrize("now", [NOW, NOW + 365 * DAY, None])
def test_dates_in_sentences_are_said_as_on_pages(days, now):
    last = NOW + days * DAY
    assert said_in(day_mark(NOW, last), OSLO, now) == dates_words(NOW, last, now, OSLO)


def test_the_year_stands_where_it_is_another_one_and_in_what_is_kept():
    assert said_in(day_mark(NOW, NOW + 40 * DAY), OSLO, NOW) == "27 Nov–6 Jan 2027"
    assert said_in(day_mark(NOW, NOW + 3 * DAY), OSLO) == "27–30 Nov 2026"
    assert said_in(day_mark(NOW), OSLO, NOW + 365 * DAY) == "27 Nov 2026"


def test_a_reported_moment_that_is_to_come_is_told_as_such():
    page = Template("{% load moments %}{{ then|fact_moment:now }}")
    shown = [page.render(Context({"then": NOW + 2 * HOUR * days, "now": NOW})) for days in (0, 1)]
    assert "still to come" not in shown[0]
    assert '<span class="is-to-come">still to come, in 2 h</span>' in shown[1]


def test_every_page_that_shows_a_flags_sentence_says_its_moments():
    bare = [
        f"{path.name}: {sentence}"
        for path in Path(settings.BASE_DIR / "templates").rglob("*.*")
        for sentence in (
            "flag.why }}",
            "flag.next_step }}",
            "change.why }}",
            '|date:"D j M Y H:i"',
            '|date:"j M Y H:i"',
        )
        if path.parent.name != "lines" and sentence in path.read_text()
    ]
    assert bare == []


@pytest.mark.parametrize(("hours", "words"), [(47, "47 h"), (48, "2 d"), (60.1, "2 d"), (71.5, "2 d"), (96, "4 d")])
def test_in_narrow_places_a_span_is_told_in_whole_days_that_have_passed(hours, words):
    assert about_words(hours * HOUR) == words
