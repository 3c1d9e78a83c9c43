"""Flags over REST: the most pressing first, each with its slack, acknowledged by a person and cleared by nobody."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from batches.flags.models import FlagChange
from batches.judgement.statuses import FlagCode, Remedy
from tests.batches.api_rows import make_flag
from tests.batches.flags.acknowledging import said
from tests.dashboards.builders import make_pool
from tests.supplychain.api_clients import PROBLEM, client_of
from tests.supplychain.builders import World, at, make_source

pytestmark = pytest.mark.django_db

FLAGS = "/api/v1/flags/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_a_flag_says_what_why_since_when_how_long_and_what_to_do(world, client):
    order, now = world.order(coi="CO-1"), timezone.now()
    flag = make_flag(order, due=now + timedelta(hours=5), probability=0.25)
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        row = client.get(FLAGS).json()["results"][0]
    stamp = {"since": "2026-03-02T09:00:00Z", "raised_at": "2026-03-02T10:00:00Z"}
    due = flag.due.isoformat().replace("+00:00", "Z")
    assert row == stamp | {
        "id": str(flag.pk), "order": str(order.pk), "coi": "CO-1", "product": "product-small", "code": "stage_late",
        "title": "Stage takes too long", "stage": "inbound", "subject": "", "severity": "attention", "harm": "unclear",
        "remedy": "own", "cause": None,
        "due": due, "act_by": due, "slack_hours": 3.0,
        "probability": 0.25, "why": "Runs for 30 hours, planned 24.", "next_step": "Call the courier.",
        "evidence": {"hours": 30}, "cleared_at": None, "owner": None, "acknowledged_at": None, "acknowledged_by": "",
        "comment": "", "settled_at": None, "settled_by": "",
        "decided_at": None, "decided_by": "", "work_is_left": False,
    }  # fmt: skip


def test_flags_that_hang_under_one_pool_name_it_and_are_one_cause(world, client):
    hanging = {"code": FlagCode.PROMISE_AT_RISK, "stage": "", "remedy": Remedy.LINE, "cause": "suite"}
    make_pool(world.plant, "suite", "Suites", busy=3, capacity=3, queue=9)
    orders = [world.order(promised_at=at(900 + number)) for number in range(3)]
    for order in orders[:2]:
        make_flag(order, **hanging)
    assert client.get("/api/v1/causes/").json() == {"results": []}
    make_flag(orders[2], **hanging, acknowledged_at=at(5), acknowledged_by="Ada")
    make_flag(world.order(), FlagCode.PROMISE_AT_RISK, "", remedy=Remedy.TELL)
    assert client.get("/api/v1/causes/").json()["results"] == [
        {
            "cause": "plant/suite", "plant": "plant", "pool": "suite", "pool_name": "Suites", "orders": 3,
            "first_promised_at": "2026-04-08T20:00:00Z", "unacknowledged": 2, "busy": 3, "capacity": 3, "queue": 9,
        }
    ]  # fmt: skip
    rows = client.get(f"{FLAGS}?pool=suite&plant=plant").json()["results"]
    assert [(row["remedy"], row["cause"]) for row in rows] == [("line", "plant/suite")] * 3
    assert len(client.get(f"{FLAGS}?remedy=tell").json()["results"]) == 1


def test_who_does_not_see_the_orders_sees_no_cause(world):
    hanging = {"code": FlagCode.PROMISE_AT_RISK, "stage": "", "remedy": Remedy.LINE, "cause": "suite"}
    for _ in range(3):
        make_flag(world.order(), **hanging)
    stranger = client_of(make_source("stranger-system", world.bergen))
    assert stranger.get("/api/v1/causes/").json() == {"results": []}


def test_the_worst_harm_comes_first_then_what_is_critical_then_the_latest_moment_to_act(world, client):
    order, now = world.order(), timezone.now()
    flags = [
        make_flag(order, code, str(number), severity=severity, due=now + timedelta(hours=hours) if hours else None)
        for number, (code, severity, hours) in enumerate(
            [
                (FlagCode.PROMISE_AT_RISK, "critical", -90),
                (FlagCode.HOLD_EXPIRING, "critical", 9),
                (FlagCode.STAGE_FAILED, "critical", None),
                (FlagCode.SILENT, "attention", None),
                (FlagCode.SILENT, "critical", None),
                (FlagCode.IDENTITY_SHARED, "critical", None),
                (FlagCode.HOLD_EXPIRING, "attention", 2),
            ]
        )
    ]
    assert ids(client.get(FLAGS)) == [str(flags[place].pk) for place in (5, 1, 6, 2, 4, 3, 0)]
    of_order = client.get(f"/api/v1/orders/{order.pk}/").json()["flags"]
    assert [row["id"] for row in of_order] == [str(flags[place].pk) for place in (5, 1, 6, 2, 4, 3, 0)]


def test_flags_of_other_sites_are_not_there(world):
    flag, stranger = make_flag(world.order()), client_of(world.stranger)
    assert ids(stranger.get(FLAGS)) == []
    for path, send in (
        ("", stranger.get),
        ("acknowledge/", lambda path: stranger.send(path, said(on_behalf_of="Eve"))),
    ):
        answer = send(f"{FLAGS}{flag.pk}/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_a_flag_is_shown_with_its_history(world, client):
    flag = make_flag(world.order())
    for kind, hours in (("raised", 2), ("severity_changed", 5)):
        FlagChange.objects.create(flag=flag, kind=kind, severity="critical", changed_at=at(hours), why=kind)
    body = client.get(f"{FLAGS}{flag.pk}/").json()
    assert (body["id"], [change["kind"] for change in body["changes"]]) == (
        str(flag.pk),
        ["raised", "severity_changed"],
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_one_query_however_long(world, client, rows, django_assert_num_queries):
    for number in range(rows):
        make_flag(world.order(ordered_at=at(number)))
    client.get("/api/v1/pools/")
    with django_assert_num_queries(1):
        assert len(ids(client.get(FLAGS))) == rows
