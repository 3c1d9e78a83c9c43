"""Whether what is due is done: asked by whoever watches over an installation."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from batches.forecasts.models import ForecastJob
from batches.notifications.models import Mail
from dashboards.live import health
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, make_pool
from tests.supplychain.due_orders import due_by_time

pytestmark = pytest.mark.django_db
PARTS = ("judging orders", "reviewing pools", "forecasting lines", "telling people", "sending mails")


def asked(client) -> tuple[int, str | None, dict[str, str]]:
    answer = client.get(reverse("health_of_work"))
    return answer.status_code, answer.headers.get("Retry-After"), answer.json()


def test_all_is_well_where_nothing_is_due_or_all_of_it_is_of_just_now(client):
    assert asked(client) == (200, None, dict.fromkeys(PARTS, "ok"))
    world, now = TowerWorld(), timezone.now()
    world.order()
    due_by_time(PatientOrder.objects.all(), now - timedelta(minutes=1))
    assert asked(client)[0] == 200


def test_what_waits_is_named_with_since_when(client):
    world, since = TowerWorld(), timezone.now() - timedelta(hours=1)
    world.order()
    make_pool(world.plant, "suite", "Suites", review_after=since)
    due_by_time(PatientOrder.objects.all(), since)
    ForecastJob.objects.update_or_create(line=world.plant, defaults={"forecast_after": since})
    # A mail server that is away: it is tried again in a minute, and has been for an hour.
    soon = timezone.now() + timedelta(minutes=1)
    Mail.objects.create(id=new_id(), person=world.operations, is_critical=True, created_at=since, due_at=soon)
    said = f"waits since {since.isoformat()}"
    expected = {"judging orders": said, "reviewing pools": said, "forecasting lines": said, "sending mails": said}
    assert asked(client) == (503, "5", dict.fromkeys(PARTS, "ok") | expected)


def test_reviews_that_fail_are_named_though_they_are_tried_again_in_time(client):
    world, since = TowerWorld(), timezone.now() - timedelta(hours=1)
    make_pool(world.plant, "suite", "Suites", failing_since=since, failing_why="x", review_after=timezone.now())
    assert asked(client) == (503, "5", dict.fromkeys(PARTS, "ok") | {
        "reviewing pools": f"fails since {since.isoformat()}",
    })  # fmt: skip


def test_without_the_database_nothing_is_said_of_the_work(client, monkeypatch):
    def away(now):
        raise DatabaseError

    monkeypatch.setattr(health, "parts_of_work", away)
    assert asked(client) == (503, "5", {"database": "does not answer"})
