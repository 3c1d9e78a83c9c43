"""Who has the cells, on a page, on paper and over REST, for the people of the order's sites alone."""

import pytest
import time_machine
from django.test import Client

from supplychain.orders.actions.events import record_events
from supplychain.people.statuses import Role
from supplychain.transport.actions.lanes import create_lane
from tests.batches.flags.interlocked import say
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.case = order = world.order()
    said = {"from": "plant", "to": "plant", "place": "Freezer 2", "received_by": "Ann", "seal": "intact"}
    wrong = {"from": "infusion_site", "to": "courier", "courier": "<b>South</b>"}
    rows = [
        report(order, "completed", "collection", 6),
        report(order, "started", "inbound", 8, payload={"courier": "Nord"}),
        report(order, "completed", "inbound", 20),
        report(order, "handed_over", hours=22, payload=said),
        report(order, "handed_over", hours=23, payload=wrong),
    ]
    assert {one.outcome for one in record_events(rows, by=world.reporter, now=at(24))} == {"created"}
    return world


def page(world: World, *, user: str = "cora", site=None, query: str = "") -> tuple[int, str]:
    client = Client()
    client.force_login(make_user(user, site or world.oslo, role=Role.SITE_COORDINATOR))
    answer = client.get(f"/orders/{world.case.pk}/custody/{query}")
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("query", ["", "?print=1"])
def test_the_page_says_who_has_the_cells_and_what_does_not_fit(world, query):
    status, text = page(world, query=query)
    assert status == 200
    assert "Taken by Ann. Seal: intact." in text
    assert "by hospital-oslo" in text
    assert "Freezer 2" in text
    assert "Given by one who did not hold them." in text
    assert "<b>South" not in text


@pytest.mark.parametrize("query", ["", "?print=1"])
def test_cells_on_a_lane_are_expected_by_it(world, query):
    world.case = order = world.order(coi="CO-NEW", patient_reference="pseudonym-2")
    rows = [report(order, "completed", "collection", 6), report(order, "started", "inbound", 8)]
    record_events(rows, by=world.reporter, now=at(9))
    assert "by its lane" not in page(world, query=query)[1]
    create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=20, by=None)
    assert "Was expected 3 Mar 2026" in page(world, user="kim", query=query)[1]
    with time_machine.travel(at(10), tick=False):
        assert "Expected 3 Mar" in page(world, user="lou", query=query)[1]


def test_other_sites_have_no_such_order(world):
    assert page(world, user="bo", site=world.bergen)[0] == 404


def test_before_anything_was_collected_the_page_says_so(world):
    world.case = world.order(coi="CO-NEW", patient_reference="pseudonym-2")
    assert "Nobody has reported that cells were collected" in page(world)[1]


def test_rest_tells_the_chain_and_what_is_with_whom_now(world):
    client = client_of(world.source, "orders:read")
    chain = client.get(f"/api/v1/orders/{world.case.pk}/custody/").json()
    assert [one["holder"] for one in chain["entries"]] == ["collection_site", "courier", "plant", "plant", "courier"]
    assert (chain["entries"][1]["name"], chain["entries"][1]["reported_by"]) == ("Nord", "hospital-oslo")
    assert (chain["entries"][3]["received_by"], chain["entries"][3]["gap"]) == ("Ann", None)
    gap = chain["entries"][4]["gap"]
    assert (gap["kind"], gap["is_grave"]) == ("unknown_giver", True)
    assert "2 Mar" in gap["why"] or "3 Mar" in gap["why"]
    now = client.get("/api/v1/custody/", {"holder": "courier"}).json()
    assert [one["order"] for one in now["results"]] == [str(world.case.pk)]
    assert client.get("/api/v1/custody/", {"courier": "<B>south</B>"}).json()["results"]
    assert not client.get("/api/v1/custody/", {"courier": "Nord"}).json()["results"]


def test_rest_shows_other_sites_nothing(world):
    stranger = client_of(world.stranger, "orders:read")
    assert stranger.get(f"/api/v1/orders/{world.case.pk}/custody/").status_code == 404
    assert stranger.get("/api/v1/custody/").json()["results"] == []


def test_a_coordinator_reports_a_hand_over(world):
    client = Client()
    client.force_login(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))
    address = f"/orders/{world.case.pk}/report/?kind=handed_over"
    assert "Who takes them" in client.get(address).content.decode()


def test_rest_says_who_held_what_at_a_moment_and_only_of_own_sites(world):
    client, stranger = client_of(world.source, "orders:read"), client_of(world.stranger, "orders:read")
    chain = client.get(f"/api/v1/orders/{world.case.pk}/custody/").json()["entries"]
    for entry in chain:
        held = client.get("/api/v1/custody/", {"at": entry["since"]}).json()["results"]
        if entry["until"] != entry["since"]:
            assert {"order": str(world.case.pk), "until": entry["until"]}.items() <= held[0].items()
            assert (held[0]["holder"], held[0]["name"]) == (entry["holder"], entry["name"])
        assert stranger.get("/api/v1/custody/", {"at": entry["since"]}).json()["results"] == []
    assert client.get("/api/v1/custody/", {"at": "2020-01-01T00:00:00Z"}).json()["results"] == []
    assert client.get("/api/v1/custody/", {"at": "yesterday"}).status_code == 400


def test_a_hand_over_reported_for_tonight_has_moved_no_cells_yet(world):
    order = world.order(coi="CO-LATER", patient_reference="pseudonym-3")
    rows = [report(order, "completed", "collection", 6), report(order, "started", "inbound", 20)]
    record_events(rows, by=world.reporter, now=at(9))
    client = client_of(world.reporter.source, "orders:read")
    for moment, holder in ((at(9), "collection_site"), (at(20), "courier")):
        with time_machine.travel(moment):
            held = client.get("/api/v1/custody/").json()["results"]
        assert [one["holder"] for one in held if one["order"] == str(order.pk)] == [holder]


@pytest.mark.parametrize("query", ["", "?print=1"])
def test_cells_that_were_decided_on_are_with_nobody(world, query):
    world.case = order = world.order(coi="CO-OFF", patient_reference="pseudonym-2")
    rows = [report(order, "completed", "collection", 6), report(order, "cancelled", hours=8)]
    record_events(rows, by=world.reporter, now=at(9))
    text = page(world, query=query)[1]
    assert "Nobody is known" not in text
    assert "<strong>The order is cancelled</strong>" in text
    assert "Discard nothing of its cells before quality assurance of the plant has decided." in text
    client = client_of(world.reporter.source, "orders:read")
    assert str(order.pk) in {one["order"] for one in client.get("/api/v1/custody/").json()["results"]}
    quality = make_user("quynh", world.plant, role=Role.QA)
    say(order, quality, "closed", hours=30, payload={"cells": "decided"}, reason="Discarded as waste")
    text = page(world, user="kim", query=query)[1]
    assert "Discard nothing" not in text
    assert "Nobody is known to have them: they were decided on when the order was closed" in text
    assert "Discarded as waste" in text
    assert "Before that: Oslo" in text
    assert str(order.pk) not in {one["order"] for one in client.get("/api/v1/custody/").json()["results"]}
    said = client.get(f"/api/v1/orders/{order.pk}/custody/").json()
    assert said["decided"] == {"at": "2026-03-03T14:00:00Z", "reason": "Discarded as waste",
                               "reported_by": str(quality)}  # fmt: skip
