"""What loggers say that does not agree is kept, shown and asked of quality assurance; the worse value counts."""

import pytest

from batches.flags.models import Flag
from batches.flags.rules.stops import doubt_of
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.conditions.actions.deciding import decide_excursion
from supplychain.conditions.models import DifferingReading, Excursion, LoggerReading, LoggerRecord
from supplychain.conditions.queries import excursions_of
from supplychain.conditions.rules.agreement import BUCKET, MeanOfLogger, TwoTemperatures, disagreements
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.storage import read_storage
from supplychain.people.statuses import Role
from tests.batches.judging import evaluate, make_due
from tests.supplychain.api_clients import session_of
from tests.supplychain.builders import at, make_user
from tests.supplychain.conditions.test_judging import COLD
from tests.supplychain.conditions.warm import WarmWorld, handed_in

CONDITION = read_storage(COLD)
HEAD = "Serial number;LT-1\nTime zone;UTC\nUnit;°C\nTime;Value\n"


@pytest.fixture
def world(db) -> WarmWorld:
    world = WarmWorld()
    world.qa = make_user("quentin", world.plant, role=Role.QA)
    yield world
    flow_plan.cache_clear()


def means(logger: str, *temperatures: int | None, first: int = 0) -> list[MeanOfLogger]:
    return [
        MeanOfLogger((first + number) * BUCKET, logger, one)
        for number, one in enumerate(temperatures)
        if one is not None
    ]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ((500, 500, 500, 500), (800, 800, 800, 800), ["loggers A and B were up to 3 °C apart"]),
        ((500, 500, 500, 500), (790, 790, 790, 790), []),
        ((500, 500, 500, 500), (900, 900, 500, 900), []),
        ((500, None, None, 500), (900, 900, 900, 900), ["loggers A and B were up to 4 °C apart"]),
        ((500, 500, 500), (900, 1000, 900), ["loggers A and B were up to 5 °C apart"]),
    ],
)
def test_two_loggers_disagree_where_they_are_too_far_apart_for_too_long(one, other, found):
    said = disagreements(means("A", *one) + means("B", *other), [], CONDITION)
    assert [each.words for each in said] == found


def test_rounding_is_no_second_temperature():
    doubles = [("A", 60, 500, 504), ("B", 60, 500, 650), ("B", 0, 500, 490)]
    (said,) = disagreements([], [TwoTemperatures(*one) for one in doubles], CONDITION)
    assert said.words == "logger B has two temperatures at 2 moments, up to 1.5 °C apart; the worse one counts"


def test_of_two_temperatures_at_one_moment_both_are_kept_and_the_worse_one_counts(world):
    order = world.shipped()
    world.read(order, [5] * 6)
    again = [one.outcome for one in world.read(order, [5, 9, 9, 9, 9, 5])]
    assert again == ["duplicate", *["conflict"] * 4, "duplicate"]
    assert (LoggerReading.objects.count(), DifferingReading.objects.count()) == (6, 4)
    (found,) = excursions_of([order.pk])[order.pk]
    assert (found.logger, [one["words"] for one in found.broken]) == ("LT-1", ["8.1 °C or warmer for 30 minutes"])
    record = LoggerRecord.objects.get()
    assert (float(record.lowest), float(record.highest)) == (5, 9)
    assert sorted({point[1] for point in record.points}) == [5, 9]
    world.read(order, [5, 9, 9, 9, 9, 5])
    assert DifferingReading.objects.count() == 4


def test_the_colder_one_counts_where_it_is_the_worse(world):
    order = world.shipped()
    world.read(order, [5] * 6)
    world.read(order, [5, -3, -3, -3, -3, 5])
    assert any("colder" in part["words"] for one in excursions_of([order.pk])[order.pk] for part in one.broken)


def test_the_same_in_two_files_is_told_with_its_lines(world):
    order = world.shipped()
    handed_in(order, f"{HEAD}2026-03-02 18:00;5,0\n2026-03-02 18:10;5,0\n", world.qa)
    second = handed_in(order, f"{HEAD}2026-03-02 18:00;5,0\n2026-03-02 18:10;6,0\n", world.qa)
    assert (second.status, second.fresh, second.differing) == ("taken", 0, 1)
    (found,) = excursions_of([order.pk])[order.pk]
    assert found.words == "logger LT-1 has two temperatures at 1 moment, up to 1 °C apart; the worse one counts"
    assert [one["line"] for one in second.faults] == [6]
    page = session_of(world.qa).get(f"/orders/{order.pk}/condition/").text
    assert "one logger has two temperatures at a moment" in page
    assert "do not agree" not in page
    make_due([order], 20)
    evaluate(20)
    flag = Flag.objects.get(order=order, code=FlagCode.EXCURSION)
    assert "one logger has two temperatures at a moment" in flag.why
    assert "loggers" not in f"{flag.why} {flag.subject}"
    assert "1 reading with another temperature than was known" in page
    assert "5 °C and 6 °C" in page


def test_loggers_that_disagree_raise_a_flag_that_keeps_nobody_back_and_goes_with_the_decision(world):
    order = world.shipped()
    world.read(order, [3] * 7)
    world.read(order, [7] * 7, logger="LT-2")
    make_due([order], 31)
    evaluate(31)
    flag = Flag.objects.get(order=order, code=FlagCode.EXCURSION)
    assert (flag.severity, flag.subject, flag.harm) == (Severity.ATTENTION, "loggers disagree", Harm.UNCLEAR)
    assert "the loggers do not agree" in flag.why
    assert "loggers LT-1 and LT-2 were up to 4 °C apart" in flag.why
    assert doubt_of(flag.code, flag.severity, flag.evidence) == ""
    browser = session_of(world.qa)
    page = browser.get(f"/orders/{order.pk}/condition/").text
    assert "the loggers do not agree" in page
    assert "No limit was reached" in browser.get(f"/orders/{order.pk}/").text
    excursion = Excursion.objects.get()
    assert "The loggers do not agree: decide" in browser.get(f"/orders/{order.pk}/excursions/{excursion.pk}/").text
    decide_excursion(
        excursion.pk, by=world.qa, decision="use_as_is", reason="LT-1 lay in the ice", seen=excursion.digest, token="t",
        now=at(32),
    )  # fmt: skip
    assert order.events.last().payload["words"].startswith("Use as is. The loggers do not agree: loggers LT-1 and LT-2")
    make_due([order], 33)
    evaluate(33)
    assert not Flag.objects.filter(order=order, code=FlagCode.EXCURSION, cleared_at=None).exists()
