"""Eight systems send the readings of one new month at once: one partition, and every reading once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from supplychain.conditions.actions.receiving import receive_readings
from supplychain.conditions.models import LoggerReading, LoggerRecord
from supplychain.flows.queries import flow_plan
from tests.supplychain.builders import at
from tests.supplychain.conditions.warm import WarmWorld

SENDERS = 8


@pytest.mark.django_db(transaction=True)
def test_many_senders_make_one_partition_and_store_every_reading_once():
    world = WarmWorld()
    order = world.shipped()
    hour = 24 * 400  # a month of which nobody has heard
    rows = [
        {"stage": "inbound", "logger": f"LT-{each % 4}", "read_at": at(hour + each / 60).isoformat(), "temperature": 5}
        for each in range(40)
    ]

    def send(_: int) -> list[str]:
        try:
            return [one.outcome for one in receive_readings(order, rows, by=world.reporter, now=at(hour + 1))]
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(send, range(SENDERS)))
    assert sum(answer.count("created") for answer in answers) == len(rows)
    assert sum(answer.count("duplicate") for answer in answers) == len(rows) * (SENDERS - 1)
    assert LoggerReading.objects.count() == len(rows)
    assert sorted(LoggerRecord.objects.values_list("logger", "count")) == [(f"LT-{each}", 10) for each in range(4)]
    flow_plan.cache_clear()
