"""Reading orders over REST: all of one, a page of many, none of somebody else's."""

import pytest
import time_machine

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.actions.events import record_event
from tests.batches.api_rows import make_flag, make_forecast
from tests.batches.calibration.builders import predict
from tests.supplychain.api_clients import PROBLEM, client_of, session_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def journey(world, order) -> None:
    """Collected, shipped, made; the first attempt failed and a second one was begun."""
    said = [
        report(order, "started", "collection", 2, payload={"donation_number": "G123498654321"}),
        report(order, "completed", "collection", 8),
        report(order, "started", "inbound", 9, payload={"courier": "Fast", "tracking_number": "T-1"}),
        report(order, "completed", "inbound", 30),
        report(order, "started", "selection", 31, resource="Suite 1", payload={"batch_number": "B-1"}),
        report(order, "failed", "selection", 40),
        report(order, "started", "selection", 50, resource="Suite 2", attempt=2, payload={"batch_number": "B-2"}),
    ]
    assert [record_event(row, by=world.reporter, now=at(60)).outcome for row in said] == ["created"] * 7


def test_an_order_is_shown_with_all_that_is_known_of_it(world, client):
    order = world.order(coi="CO-1", hospital_order_number="H-1", promised_at=at(700))
    journey(world, order)
    make_forecast(order, at(718))
    flag = make_flag(order, severity=Severity.CRITICAL, due=None)
    make_flag(order, FlagCode.SILENT, cleared_at=at(50))
    body = client.get(f"{ORDERS}{order.pk}/").json()
    assert [body[name] for name in ("id", "coi", "coi_issuer", "patient_reference", "product", "flow")] == [
        str(order.pk), "CO-1", "oslo", "pseudonym-1", "product-small", "small",
    ]  # fmt: skip
    assert [body[name] for name in ("ordering_site", "collection_site", "infusion_site", "plant")] == [
        "oslo", "oslo", "oslo", "plant",
    ]  # fmt: skip
    assert [body[name] for name in ("status", "current_stage", "attempt", "version", "flow_version")] == [
        "in_progress", "selection", 2, 8, 1,
    ]  # fmt: skip
    assert (body["promised_at"], body["forecast_ready_at"], body["slack_hours"]) == (
        at(700).isoformat().replace("+00:00", "Z"), at(718).isoformat().replace("+00:00", "Z"), -18.0,
    )  # fmt: skip
    assert {(each["kind"], each["value"]) for each in body["identifiers"]} == {
        ("coi", "CO-1"), ("hospital_order", "H-1"), ("donation", "G123498654321"), ("tracking", "T-1"),
        ("batch", "B-1"), ("batch", "B-2"),
    }  # fmt: skip
    assert all(each["stands"] for each in body["identifiers"])
    assert [(each["id"], each["slack_hours"]) for each in body["flags"]] == [(str(flag.pk), None)]


def test_a_number_that_was_put_right_no_longer_stands(world, client):
    order = world.order()
    journey(world, order)
    right = report(order, "note", "collection", 90, payload={"donation_number": "G123417654321"})
    record_event(right, by=world.reporter, now=at(91))
    body = client.get(f"{ORDERS}{order.pk}/").json()
    numbers = {each["value"]: each["stands"] for each in body["identifiers"] if each["kind"] == "donation"}
    assert numbers == {"G123498654321": False, "G123417654321": True}


def test_the_stage_runs_of_every_attempt_are_shown_and_which_of_them_counts(world, client):
    order = world.order()
    journey(world, order)
    runs = client.get(f"{ORDERS}{order.pk}/").json()["stage_runs"]
    assert [(run["stage"], run["attempt"], run["counts"], run["status"]) for run in runs] == [
        ("collection", 1, True, "completed"),
        ("inbound", 1, True, "completed"),
        ("selection", 1, False, "failed"),
        ("harvest", 1, False, "pending"),
        ("sterility", 1, False, "pending"),
        ("release", 1, False, "pending"),
        ("infusion", 1, False, "pending"),
        ("selection", 2, True, "running"),
        ("harvest", 2, True, "pending"),
        ("sterility", 2, True, "pending"),
        ("release", 2, True, "pending"),
        ("infusion", 2, True, "pending"),
    ]
    assert (runs[2]["resource"], runs[7]["resource"], runs[7]["details"]) == (
        "Suite 1", "Suite 2", {"batch_number": "B-2"},
    )  # fmt: skip
    assert {run["stage"] for run in runs if run["may_end_after_release"]} == {"sterility"}


def test_collections_and_shipments_are_shown(world, client):
    order = world.order()
    journey(world, order)
    body = client.get(f"{ORDERS}{order.pk}/").json()
    assert [(each["donation_number"], each["status"], each["site"]) for each in body["collections"]] == [
        ("G123498654321", "completed", "oslo")
    ]
    assert [(each["direction"], each["from_site"], each["to_site"], each["courier"]) for each in body["shipments"]] == [
        ("inbound", "oslo", "plant", "Fast")
    ]


@pytest.mark.parametrize("path", ["", "events/"])
def test_another_sites_order_is_not_there(world, path):
    order = world.order()
    foreign = client_of(world.stranger).get(f"{ORDERS}{order.pk}/{path}")
    unknown = client_of(world.stranger).get(f"{ORDERS}019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11/{path}")
    assert (foreign.status_code, foreign["Content-Type"]) == (404, PROBLEM)
    assert foreign.content == unknown.content


def test_a_list_holds_the_orders_of_ones_own_sites_newest_first(world, client):
    first, second = world.order(), world.order(ordered_at=at(5))
    foreign = world.order(infusion_site="bergen", ordered_at=at(7))
    assert [row["id"] for row in client.get(ORDERS).json()["results"]] == [
        str(foreign.pk), str(second.pk), str(first.pk),
    ]  # fmt: skip
    assert [row["id"] for row in client_of(world.stranger).get(ORDERS).json()["results"]] == [str(foreign.pk)]


def test_people_see_the_orders_of_their_sites(world):
    order, other = world.order(), world.order(ordering_site="bergen")
    seen = session_of(make_user("ada", world.oslo)).get(ORDERS).json()["results"]
    assert [row["id"] for row in seen] == [str(order.pk)]
    assert session_of(make_user("ada2", world.oslo)).get(f"{ORDERS}{other.pk}/").status_code == 404


def test_a_row_of_the_list_shows_forecast_slack_and_raised_flags(world, client):
    order = world.order(promised_at=at(100))
    make_forecast(order, at(90.5))
    make_forecast(order, at(20), superseded_at=at(1))
    flag = make_flag(order)
    row = client.get(ORDERS).json()["results"][0]
    assert row["slack_hours"] == 9.5
    assert row["flags"] == [
        {"id": str(flag.pk), "code": "stage_late", "severity": "attention", "stage": "inbound", "subject": "",
         "is_settled": False}
    ]  # fmt: skip
    Flag.objects.filter(pk=flag.pk).update(harm=Harm.SETTLED)
    assert client.get(ORDERS).json()["results"][0]["flags"][0]["is_settled"] is True


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_five_queries_however_long(world, client, rows, django_assert_num_queries):
    for number in range(rows):
        order = world.order(ordered_at=at(number), promised_at=at(100))
        make_forecast(order, at(90))
        make_flag(order)
    client.get("/api/v1/pools/")
    with django_assert_num_queries(5):
        assert len(client.get(ORDERS).json()["results"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_an_order_takes_as_many_queries_whatever_it_holds(world, client, rows, django_assert_num_queries):
    order = world.order()
    journey(world, order)
    for stage in ("inbound", "selection", "harvest")[:rows]:
        make_flag(order, stage=stage)
    client.get("/api/v1/pools/")
    predict(order, superseded_at=None)
    with django_assert_num_queries(13):
        assert len(client.get(f"{ORDERS}{order.pk}/").json()["flags"]) == rows


def test_an_order_says_what_its_futures_say(world, client):
    order = world.order(promised_at=at(190))
    assert client.get(f"{ORDERS}{order.pk}/").json()["prediction"] is None
    counted = {"count": 150, "of": 500, "low": 0.262, "high": 0.342}
    evidence = {"late": counted, "wait_expires": counted | {"stage": "selection"}, "contributes": {"stage": "inbound"}}
    predict(order, 10, superseded_at=at(20))
    predict(order, 20, superseded_at=None, evidence=evidence)

    said = client.get(f"{ORDERS}{order.pk}/").json()["prediction"]

    assert said["late"] == {"share": 0.3, "low": 0.262, "high": 0.342, "stage": ""}
    assert said["wait_expires"]["stage"] == "selection"
    assert (said["made_at"], said["is_used"], said["contributes"]) == (
        "2026-03-03T04:00:00Z",
        True,
        {"stage": "inbound"},
    )


def test_an_order_says_which_permitted_waits_have_run_out(world, client):
    order = world.order(promised_at=at(190))
    for kind, stage, hours in (("started", "collection", 1), ("completed", "collection", 2), ("started", "inbound", 3)):
        record_event(report(order, kind, stage, hours), by=world.reporter)
    predict(order, 20, superseded_at=None)
    assert client.get(f"{ORDERS}{order.pk}/").json()["prediction"]["waits_over"] == []
    record_event(report(order, "completed", "inbound", 4), by=world.reporter)
    with time_machine.travel(at(4 + 47)):
        assert client.get(f"{ORDERS}{order.pk}/").json()["prediction"]["waits_over"] == []
    with time_machine.travel(at(4 + 49)):
        assert client.get(f"{ORDERS}{order.pk}/").json()["prediction"]["waits_over"] == ["selection"]


def test_an_orders_events_are_listed_as_they_came(world, client):
    order = world.order()
    person = make_user("ada", world.oslo)
    session_of(person).send("/api/v1/events/", report(order, "started", "collection", resource="Chair 1"))
    results = client.get(f"{ORDERS}{order.pk}/events/").json()["results"]
    assert [(row["position"], row["kind"], row["source"], row["person"], row["resource"]) for row in results] == [
        (1, "ordered", "hospital-oslo", "", ""),
        (2, "started", "", "ada", "Chair 1"),
    ]
    assert results[1]["hash"] == order.events.get(position=2).hash
    assert results[0]["payload"]["ordering_site"] == "oslo"


def test_an_orders_events_are_filtered(world, client):
    order = world.order()
    journey(world, order)
    path = f"{ORDERS}{order.pk}/events/"
    assert [row["position"] for row in client.get(path, {"kind": ["failed", "ordered"]}).json()["results"]] == [1, 7]
    assert [row["position"] for row in client.get(path, {"stage": "inbound"}).json()["results"]] == [4, 5]
    since = order.ordered_at.isoformat()
    assert len(client.get(path, {"recorded_after": since}).json()["results"]) == 7


def test_what_a_centre_asked_of_the_plant_stands_with_the_order(world, client):
    order = world.order(coi="CO-1")
    assert client.get(f"{ORDERS}{order.pk}/").json()["change_request"] is None
    payload = {"wish": "postpone", "cause": "date", "wanted_at": at(700).isoformat()}
    made = record_event(report(order, "change_asked", hours=5, payload=payload), by=world.reporter, now=at(6))
    for body in (client.get(f"{ORDERS}{order.pk}/").json(), client.get(ORDERS).json()["results"][0]):
        assert body["change_request"] == {
            "event": str(made.event_id), "wish": "postpone", "cause": "date", "reason": "",
            "asked_at": at(5).isoformat().replace("+00:00", "Z"),
            "wanted_at": at(700).isoformat().replace("+00:00", "Z"), "replaces": None, "outcome": None,
            "outcome_event": None, "outcome_reason": "", "outcome_at": None,
        }  # fmt: skip
