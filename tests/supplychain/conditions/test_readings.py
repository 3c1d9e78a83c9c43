"""Readings are stored once, judged when they come, and kept whatever they say."""

from decimal import Decimal

import pytest
from django.db import InternalError, connection, transaction

from supplychain.conditions.actions.files import ReadingFileRefused, answer_file
from supplychain.conditions.actions.partitions import make_partitions
from supplychain.conditions.actions.receiving import receive_readings
from supplychain.conditions.actions.storing import MOST_LOGGERS, ComingReading, within_limit
from supplychain.conditions.actions.taking import pieces_of
from supplychain.conditions.models import Excursion, LoggerReading, LoggerRecord, ReadingDelivery
from supplychain.conditions.queries import excursions_of
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.conditions.warm import WarmWorld, handed_in, inbound

HEAD = "Serial number;LT-7\nTime zone;UTC\nUnit;°C\nTime;Value\n"


@pytest.fixture
def world(db) -> WarmWorld:
    yield WarmWorld()
    flow_plan.cache_clear()


@pytest.fixture
def person(world):
    return make_user("olga", world.plant)


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'supplychain_loggerreading'::regclass"
        )
        return {row[0] for row in cursor.fetchall()}


def test_readings_are_stored_in_the_partition_of_their_month(world):
    order = world.shipped()
    world.read(order, [5, 5, 5])
    assert "supplychain_loggerreading_2026_03" in partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM supplychain_loggerreading_2026_03")
        assert cursor.fetchone() == (3,)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'supplychain_loggerreading_2026_03'")
        kinds = " ".join(row[0] for row in cursor.fetchall())
    assert "USING brin (read_at)" in kinds
    assert "UNIQUE INDEX" in kinds


def test_a_month_is_made_once_and_a_mad_clock_makes_none(world):
    for _ in range(2):
        make_partitions([at(0), at(1)], now=at(2))
    before = partitions()
    make_partitions([at(24 * 365 * 50)], now=at(2))
    assert partitions() == before


def test_the_same_readings_again_change_nothing_and_another_temperature_is_told(world):
    order = world.shipped()
    assert [one.outcome for one in world.read(order, [5, 5.5])] == ["created", "created"]
    again = world.read(order, [5, 6.5, 7])
    assert [one.outcome for one in again] == ["duplicate", "conflict", "created"]
    assert "5.5 °C" in again[1].reason
    assert sorted(LoggerReading.objects.values_list("temperature", flat=True)) == [
        Decimal("5.00"), Decimal("5.50"), Decimal("7.00"),
    ]  # fmt: skip
    assert sorted(ReadingDelivery.objects.values_list("differing", flat=True)) == [0, 1]


def test_the_database_changes_and_removes_no_reading(world):
    world.read(world.shipped(), [5])
    for change in (lambda: LoggerReading.objects.update(temperature=4), lambda: LoggerReading.objects.all().delete()):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_a_bad_row_costs_no_good_one(world):
    order = world.shipped()
    good = {"stage": "inbound", "logger": "lt-1", "read_at": at(11).isoformat(), "temperature": 41, "unit": "F"}
    rows = [
        good, good | {"stage": "harvest"}, good | {"temperature": 900}, good | {"read_at": "soon"}, "no object",
        good | {"logger": "\t"}, good | {"temperature": None}, good | {"temperature": 41.0},
    ]  # fmt: skip
    results = receive_readings(order, rows, by=world.reporter, now=at(12))
    assert [one.outcome for one in results] == ["created", *["rejected"] * 6, "duplicate"]
    assert [set(one.errors) for one in results[1:7]] == [
        {"stage"}, {"temperature"}, {"read_at"}, {""}, {"logger"}, {"temperature"},
    ]  # fmt: skip
    assert LoggerReading.objects.get().temperature == Decimal("5.00")


def test_a_warm_shipper_is_an_excursion_and_a_logger_that_disagrees_is_kept(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    world.read(order, [5, 5, 5, 5, 5, 5], logger="LT-2")
    (found,) = excursions_of([order.pk])[order.pk]
    assert (found.logger, found.worst, found.stage, found.decision) == ("LT-1", 9.0, "inbound", None)
    assert [one["words"] for one in found.broken] == ["8.1 °C or warmer for 30 minutes"]
    assert LoggerRecord.objects.get(logger="LT-2").highest == Decimal("5.00")


def test_an_excursion_that_was_before_the_pickup_goes_once_the_pickup_is_put_right(world):
    order = world.order()
    world.tell(order, ("collection", "completed", 8))
    early = report(order, "started", "inbound", 9)
    assert record_event(early, by=world.reporter, now=at(9)).outcome == "created"
    world.read(order, [12, 12, 12, 12, 12, 5, 5, 5], first=9)
    assert len(excursions_of([order.pk])[order.pk]) == 1
    wrong = {"event": str(order.events.get(kind="started").pk), "reason": "Typed wrong"}
    said = record_event(
        report(order, "withdrawn", "inbound", 10, payload=wrong),
        by=world.reporter, now=at(10),
    )  # fmt: skip
    assert said.outcome == "created", said.reason
    world.tell(order, ("inbound", "started", 10))
    assert excursions_of([order.pk]) == {}
    assert LoggerRecord.objects.get().outside == 6
    assert Excursion.everything.get().withdrawn_at is not None


def test_an_order_whose_flow_says_nothing_is_not_judged(world):
    Stage.objects.update(storage={})
    flow_plan.cache_clear()
    order = world.shipped()
    world.read(order, [40, 40])
    record = LoggerRecord.objects.get()
    assert (record.is_judged, record.count, excursions_of([order.pk])) == (False, 2, {})


def test_a_file_is_kept_as_it_came_and_taken_at_once_where_nothing_is_open(world, person):
    order = world.shipped()
    text = HEAD + "2026-03-02 18:00;5,0\n2026-03-02 18:10;5,5\nbroken\n2026-03-02 18:20;5,5\nMaximum;5,5\n"
    delivery = handed_in(order, text, person)
    assert (delivery.status, delivery.readings, delivery.fresh, delivery.faulty, delivery.behind) == (
        "taken",
        3,
        3,
        1,
        1,
    )
    assert b"".join(pieces_of(delivery.pk)).decode() == text
    assert handed_in(order, text, person).pk == delivery.pk
    assert LoggerReading.objects.count() == 3


def test_a_file_that_does_not_say_its_zone_is_kept_and_asks(world, person):
    order = world.shipped()
    delivery = handed_in(
        order, HEAD.replace("Time zone;UTC\n", "") + "2026-03-02 19:00;5\n2026-03-02 19:10;5\n", person
    )
    assert (delivery.status, LoggerReading.objects.count()) == ("asks", 0)
    assert "time zone" in delivery.problem
    delivery = answer_file(delivery.pk, {"zone": "Europe/Oslo"}, is_sure=False, now=at(31))
    assert (delivery.status, LoggerReading.objects.order_by("read_at").first().read_at) == ("taken", at(10))


def test_a_file_in_the_wrong_unit_asks_before_anything_is_judged(world, person):
    order = world.shipped()
    delivery = handed_in(order, HEAD + "2026-03-02 18:00;41\n2026-03-02 18:10;42\n", person)
    assert (delivery.status, LoggerReading.objects.count()) == ("asks", 0)
    assert "°F" in delivery.problem
    delivery = answer_file(delivery.pk, {"unit": "F"}, is_sure=False, now=at(31))
    assert (delivery.status, float(LoggerRecord.objects.get().lowest)) == ("taken", 5.0)


def test_a_file_without_readings_is_kept_and_refused(world, person):
    delivery = handed_in(world.shipped(), "Summary of trip\nMaximum;9\n", person)
    assert (delivery.status, LoggerReading.objects.count()) == ("refused", 0)
    assert "Export the list of readings" in delivery.problem


def test_an_empty_file_is_not_kept(world, person):
    order = world.shipped()
    with pytest.raises(ReadingFileRefused, match="empty"):
        handed_in(order, "", person)
    assert inbound(order).deliveries.count() == 0


def test_more_loggers_than_travel_with_a_shipment_are_refused():
    coming = [ComingReading(line, f"L{line % 30}", at(1), 500) for line in range(60)]
    taken, refused = within_limit(coming, {"L0", "OTHER"})
    assert len({one.logger for one in taken} | {"OTHER"}) == MOST_LOGGERS
    assert {one.logger for one in refused} == {f"L{number}" for number in range(MOST_LOGGERS - 1, 30)}


def test_a_file_whose_probe_broke_is_taken_and_says_so(world, person):
    rows = "".join(f"2026-03-02 18:{at:02};{5 if at < 3 else 'ERR'}\n" for at in range(0, 10))
    delivery = handed_in(world.shipped(), HEAD + rows, person)
    assert (delivery.status, delivery.readings, delivery.faulty, delivery.behind) == ("taken", 3, 7, 0)
    assert delivery.problem.startswith("7 of its lines are no reading")
    assert "line 8: “ERR” is no temperature." in delivery.problem


def test_a_line_of_a_moment_to_come_is_told_and_the_others_are_taken(world, person):
    rows = "2026-03-02 18:00;5\n2026-03-02 18:10;5\n2026-04-02 18:20;5\n"
    delivery = handed_in(world.shipped(), HEAD + rows, person)
    assert (delivery.status, delivery.readings, delivery.fresh, delivery.faulty) == ("taken", 2, 2, 1)
    assert "line 7: This moment has not come yet" in delivery.problem


TWO = (
    HEAD.replace("Unit;°C\n", "").replace("Value", "Probe °C;Ambient °F")
    + "2026-03-02 18:00;5;77\n2026-03-02 18:10;5;78\n"
)


def test_which_of_two_columns_is_the_temperature_is_asked_and_the_answer_is_kept(world, person):
    delivery = handed_in(world.shipped(), TWO, person)
    assert (delivery.status, LoggerReading.objects.count()) == ("asks", 0)
    assert (delivery.asks, delivery.understood["probes"]) == (["probe"], ["Probe °C", "Ambient °F"])
    assert "Which column is the temperature of the cells?" in delivery.problem
    delivery = answer_file(delivery.pk, {"probe": "Ambient °F"}, is_sure=True, now=at(31))
    assert (delivery.status, delivery.probe, delivery.unit) == ("taken", "Ambient °F", "F")
    assert float(LoggerRecord.objects.get().lowest) == 25.0


def test_columns_of_one_name_are_told_apart_and_the_unit_is_asked_of_the_one_that_counts(world, person):
    delivery = handed_in(world.shipped(), TWO.replace("Probe °C;Ambient °F", "Temp;Temp"), person)
    assert delivery.understood["probes"] == ["Temp (column 2)", "Temp (column 3)"]
    delivery = answer_file(delivery.pk, {"probe": "Temp (column 2)"}, is_sure=False, now=at(31))
    assert (delivery.status, delivery.asks) == ("asks", ["unit"])
    delivery = answer_file(delivery.pk, {"unit": "C"}, is_sure=False, now=at(31))
    assert (delivery.status, float(LoggerRecord.objects.get().lowest)) == ("taken", 5.0)
