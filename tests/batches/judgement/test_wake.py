"""A burst of events wakes one worker; the next event after it has begun wakes another; without Valkey beat does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from batches.flags.models import Flag
from batches.flags.tasks import evaluate_due
from batches.judgement import actions as wake
from batches.judgement.actions import forget_wish, wake_evaluation
from batches.judgement.statuses import FlagCode
from supplychain.live import CHANNEL
from supplychain.orders.actions.events import record_events
from tests.supplychain.builders import World
from tests.supplychain.due_orders import due_moment

QUEUE = "celery"


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(QUEUE, wake.WANTED)
    yield client
    client.delete(QUEUE, wake.WANTED)


def test_a_burst_of_wishes_sends_one_task(valkey):
    for _ in range(5):
        wake_evaluation()

    assert valkey.llen(QUEUE) == 1
    assert b'"batches.flags.evaluate_due"' in valkey.lrange(QUEUE, 0, 0)[0]


def test_a_wish_after_the_task_has_begun_sends_another(valkey):
    wake_evaluation()
    forget_wish()
    wake_evaluation()

    assert valkey.llen(QUEUE) == 2


def test_a_wish_whose_task_got_lost_ends_by_itself(valkey):
    wake_evaluation()

    assert 0 < valkey.pttl(wake.WANTED) <= wake.WISH_MILLISECONDS


def test_without_valkey_an_event_costs_no_error(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    wake_evaluation()
    forget_wish()

    assert [record.message.split(":")[0].split(",")[0] for record in caplog.records] == [
        "No worker was woken", "The wish to judge was not taken back",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_an_event_wakes_the_task_which_judges_and_tells_open_pages(valkey):
    world = World()
    order = world.order()
    long_ago = timezone.now() - timedelta(days=30)
    rows = [
        {"source_event_id": kind, "order": str(order.pk), "kind": kind, "stage": "collection",
         "occurred_at": long_ago.isoformat()}
        for kind in ("started", "completed")
    ]  # fmt: skip
    valkey.delete(QUEUE, wake.WANTED)
    record_events(rows, by=world.reporter)
    assert valkey.llen(QUEUE) == 1

    listener = valkey.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(CHANNEL)
    listener.get_message(timeout=1)
    evaluate_due()

    assert FlagCode.HOLD_EXPIRING in Flag.objects.filter(order=order).values_list("code", flat=True)
    assert str(order.pk).encode() in listener.get_message(timeout=5)["data"]
    assert not valkey.exists(wake.WANTED)
    assert due_moment(order) > timezone.now()
