"""The bottleneck page looks back and the ramp-up ahead: both say of which time they speak, and why they differ."""

import pytest
import time_machine
from django.urls import reverse

from batches.capacity.models import Pool
from batches.lines.models import PoolState
from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import ScenarioRun
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.dashboards.builders import browser_of

pytestmark = pytest.mark.django_db
WHY = (
    "The two look at different times: no pool was full with a queue for half of the past 7 days; in the next four "
    "weeks QC lanes: full with somebody waiting for 80 % of the time; the likely reason: orders under way "
    "and still to come reach it only then."
)


def page_of(client, name: str) -> str:
    return " ".join(client.get(reverse(name)).content.decode().split())


@pytest.mark.parametrize("pressed", [0.8, 0.1])
def test_where_they_differ_both_say_why(monkeypatch, pressed):
    monkeypatch.setattr(ramp_up_runs, "send", lambda run_id: None)
    with time_machine.travel(NOW, tick=False):
        world = RampWorld()
        PoolState.objects.create(
            pool=Pool.objects.get(code="suite"), condition="clear", capacity=2, busy=0, queue=0, arrivals=0,
            completions=0, service_hours=0, pressed_share=0, expected_wait_hours=0, window_hours=168, review_after=NOW,
        )  # fmt: skip
        (run_id,) = ramp_up_runs.start_outlooks(now=NOW)
        while ramp_up_runs.work_on_run(run_id, now=NOW, seconds=30):
            pass
        run = ScenarioRun.objects.get()
        limit = {"code": "qc_lane", "name": "QC lanes", "pressed": pressed, "sure": 0.9, "low": 0.8, "high": 0.95}
        run.result["changed"]["limit"] = limit
        run.save()
        client = browser_of(world.operations)
        back, ahead = page_of(client, "bottlenecks"), page_of(client, "ramp_ups")
        assert "Past 7 days: no bottleneck." in back
        assert "Next four weeks, simulated" in back
        assert "Past 7 days: no bottleneck." in ahead
        assert (WHY in back, WHY in ahead) == (pressed > 0.5, pressed > 0.5)
