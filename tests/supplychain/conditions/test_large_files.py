"""A large file is kept and read in the background: in slices, without doubling anything when a worker is killed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from supplychain.conditions.actions import files, taking
from supplychain.conditions.actions.taking import MOST_TRIES, claim_silent_files, read_file
from supplychain.conditions.models import LoggerReading, LoggerRecord, ReadingDelivery
from supplychain.flows.queries import flow_plan
from supplychain.people.statuses import Role
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import at, make_user
from tests.supplychain.conditions.warm import WarmWorld, handed_in, inbound

HEAD = "Serial number;LT-7\nTime zone;UTC\nUnit;°C\nTime;Value\n"
ROWS = "".join(f"2026-03-02 {18 + at // 60:02}:{at % 60:02};{5 + at % 3}\n" for at in range(200))
TEXT = f"{HEAD}{ROWS[:380]}broken at 20;--\n2026-03-02 18:20;--\n{ROWS[380:]}"


@pytest.fixture
def world(db, monkeypatch) -> WarmWorld:
    asked = []
    monkeypatch.setattr(files, "SMALL_BYTES", 100)
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 30)
    monkeypatch.setattr(files, "ask_worker", lambda task, row_id: asked.append((task, row_id)))
    world = WarmWorld()
    world.asked = asked
    yield world
    flow_plan.cache_clear()


@pytest.fixture
def file(world, django_capture_on_commit_callbacks) -> ReadingDelivery:
    world.shipment_of = world.shipped()
    with django_capture_on_commit_callbacks(execute=True):
        return handed_in(world.shipment_of, TEXT, make_user("olga", world.plant))


def is_whole(file: ReadingDelivery) -> None:
    file.refresh_from_db()
    assert (file.status, file.readings, file.fresh, file.faulty) == ("taken", 200, 200, 2), file.problem
    assert [one["line"] for one in file.faults] == [25, 26]
    assert (LoggerReading.objects.count(), LoggerRecord.objects.get().count) == (200, 200)


def test_the_hand_in_returns_at_once_and_a_worker_is_asked(world, file):
    assert (file.status, LoggerReading.objects.count()) == ("reading", 0)
    assert world.asked == [("supplychain.conditions.read_file", file.pk)]
    assert read_file(file.pk, now=at(30)) is False
    is_whole(file)


def test_it_is_read_in_slices_of_time_that_end_in_the_same(world, file):
    slices = 0
    while read_file(file.pk, now=at(30), seconds=0):
        slices += 1
        file.refresh_from_db()
        assert file.lease is None
        assert 0 <= file.percent <= 99
    assert slices > 10
    is_whole(file)


@pytest.mark.parametrize("parts", [0, 1, 3, 6])
def test_a_killed_worker_doubles_nothing(world, file, monkeypatch, parts):
    stored, done = taking.store_readings, []

    def until_killed(*given):
        if len(done) >= parts:
            raise MemoryError
        done.append(1)
        return stored(*given)

    monkeypatch.setattr(taking, "store_readings", until_killed)
    with pytest.raises(MemoryError):
        read_file(file.pk, now=at(30))
    assert LoggerReading.objects.count() == 30 * parts
    assert read_file(file.pk, now=at(30)) is False  # it is still held
    assert claim_silent_files(now=at(30)) == []
    monkeypatch.undo()
    later = at(30) + timedelta(minutes=3)
    assert claim_silent_files(now=later) == [file.pk]
    assert claim_silent_files(now=later) == []
    read_file(file.pk, now=later)
    is_whole(file)


def test_who_was_taken_for_dead_writes_nothing(world, file, monkeypatch):
    stored = taking.store_readings

    def while_another_takes_it(*given):
        ReadingDelivery.objects.update(lease=None)
        return stored(*given)

    monkeypatch.setattr(taking, "store_readings", while_another_takes_it)
    assert read_file(file.pk, now=at(30)) is False
    assert LoggerReading.objects.count() == 0
    monkeypatch.undo()
    read_file(file.pk, now=at(31))
    is_whole(file)


def test_a_file_at_which_every_worker_dies_is_given_up_and_may_be_handed_in_again(world, file, monkeypatch):
    def dies(*given):
        raise MemoryError

    monkeypatch.setattr(taking, "form_of", dies)
    for number in range(MOST_TRIES):
        with pytest.raises(MemoryError):
            read_file(file.pk, now=at(30 + number))
    assert read_file(file.pk, now=at(40)) is False
    file.refresh_from_db()
    assert (file.status, file.lease) == ("refused", None)
    monkeypatch.undo()
    assert handed_in(world.shipment_of, TEXT, file.user).pk == file.pk
    is_whole(file)


def test_its_page_shows_how_far_it_is_and_then_what_came_of_it(world, file):
    browser = session_of(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))
    address = reverse("reading_delivery", args=[world.shipment_of.pk, file.pk])
    ReadingDelivery.objects.update(looked_at=file.size)
    page = browser.get(address).text
    assert "Being read" in page
    assert 'value="50"' in page
    assert "every 2s" in page
    condition = browser.get(reverse("order_condition", args=[world.shipment_of.pk])).text
    assert "being read, 50 %" in condition
    assert browser.post(address, {"unit": "F"}).status_code == 409
    read_file(file.pk, now=at(30))
    page = browser.get(address).text
    assert "Readings taken" in page
    assert "Line 25:" in page
    assert "every 2s" not in page


def test_no_limit_is_said_to_hold_while_a_file_is_being_read(world, file):
    world.read(world.shipment_of, [5, 5, 5])
    page = session_of(make_user("ola", world.plant)).get(reverse("order", args=[world.shipment_of.pk])).text
    assert "No limit was reached" not in page
    assert "is not judged yet" in page


def test_a_system_hands_in_a_file_and_asks_what_became_of_it(world):
    order, client = world.shipped(), client_of(world.source)
    address = f"/api/v1/orders/{order.pk}/reading-files/"
    sent = client.generic("POST", f"{address}?stage=inbound&name=trip.csv", TEXT.encode(), content_type="text/csv")
    assert (sent.status_code, sent.json()["status"]) == (202, "reading")
    where = sent["Location"]
    assert client.get(where).json()["percent"] == 0
    assert client.send(where, {"unit": "C"}, method="PATCH").status_code == 409
    assert client_of(world.stranger).get(where).status_code == 404
    read_file(sent.json()["id"], now=at(30))
    said = client.get(where).json()
    assert (said["status"], said["fresh"], said["faulty"]) == ("taken", 200, 2)
    again = client.generic("POST", f"{address}?stage=inbound", TEXT.encode(), content_type="text/csv")
    assert (again.status_code, again.json()["id"]) == (200, said["id"])


def test_a_system_answers_what_its_file_does_not_say(world):
    order, client = world.shipped(), client_of(world.source)
    text = TEXT.replace("Time zone;UTC\n", "").encode()
    address = f"/api/v1/orders/{order.pk}/reading-files/?stage=inbound"
    sent = client.generic("POST", address, text, content_type="text/csv")
    read_file(sent.json()["id"], now=at(30))
    where = sent["Location"]
    assert (client.get(where).json()["status"], client.get(where).json()["asks"]) == ("asks", ["zone"])
    refused = client.send(where, {"zone": "Atlantis"}, method="PATCH")
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"zone"})
    assert client.send(where, {"zone": "UTC"}, method="PATCH").status_code == 202
    read_file(sent.json()["id"], now=at(30))
    assert client.get(where).json()["status"] == "taken"


def test_what_is_no_file_of_a_shipment_is_refused(world):
    order, client = world.shipped(), client_of(world.source)
    address = f"/api/v1/orders/{order.pk}/reading-files/"
    for query, body, kind, status in (
        ("?stage=harvest", b"x", "text/csv", 422), ("?stage=inbound&attempt=x", b"x", "text/csv", 422),
        ("?stage=inbound", b"{}", "application/json", 415),
        ("?stage=inbound&colour=red", b"x", "text/csv", 400),
    ):  # fmt: skip
        assert client.generic("POST", address + query, body, content_type=kind).status_code == status, query
    assert inbound(order).deliveries.count() == 0
