"""The live demo moves the board from outside, and never claims what has not happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from cellops.demo import writing
from cellops.demo.credentials import Credentials, read_credentials, write_credentials
from cellops.demo.facts import DemoEvent, FlowPath
from cellops.demo.flows import checked_flows
from cellops.demo.live.client import Api, CredentialsRefused, Stopped
from cellops.demo.live.theatre import Theatre
from cellops.demo.sites import COURIER, HOSPITALS, MES, SITES
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderEventKind, OrderStatus
from supplychain.rest.authentication import forget_tokens
from supplychain.systems.actions import SourceCredentials, create_source
from supplychain.systems.models import SourceSystem
from supplychain.transport.models import Shipment
from tests.cellops.demo.coarse import _coarse_past
from tests.supplychain.builders import make_site

__all__ = ["_coarse_past"]

ORDERS = 30
pytestmark = pytest.mark.slow
# The play begins a little in the past, so that its clock may run faster than ours.
AGO = timedelta(minutes=3)
PATHS = {code: FlowPath.of(flow) for code, flow in checked_flows().items()}
LIVE = StatusEvent.objects.filter(source_event_id__startswith="live-")


@pytest.fixture
def credentials(transactional_db: None, _coarse_past: None, tmp_path: Path) -> Credentials:
    """What the sources of a small demo sign in with; the play goes on from now."""
    forget_tokens()
    with transaction.atomic():
        _, made = writing.write_demo(seed=8, orders=ORDERS, now=timezone.now() - AGO)
    return kept(made, tmp_path / "sources.json")


def kept(made: list[SourceCredentials], path: Path) -> Credentials:
    """What the play reads of them."""
    write_credentials(path, made)
    return read_credentials(path)


@pytest.fixture
def sources(transactional_db: None, tmp_path: Path) -> Credentials:
    """What two sources sign in with whose sites have no past."""
    forget_tokens()
    for site in SITES:
        make_site(site.code, site.kind)
    made = [
        create_source(code=one.code, name=one.name, kind=one.kind, sites=[site.code for site in one.sites], by=None)
        for one in (HOSPITALS, COURIER)
    ]
    return kept(made, tmp_path / "sources.json")


def api_of(address: str, credentials: Credentials) -> Api:
    return Api(address, credentials, pause=lambda seconds: False)


@pytest.fixture
def api(credentials: Credentials, live_server: Any) -> Api:
    return api_of(live_server.url, credentials)


@pytest.fixture
def theatre(api: Api) -> Theatre:
    """A play of ten hours a second, ready to begin."""
    theatre = Theatre(api, PATHS, speed=600, seed=1, now=timezone.now() - AGO)
    theatre.begin(timezone.now() - AGO)
    return theatre


def play(theatre: Theatre, ticks: int) -> int:
    second = timedelta(seconds=1)
    start = theatre.heard_until
    return sum(theatre.tick(start + number * second, second) for number in range(1, ticks + 1))


def test_open_orders_go_on_and_new_ones_are_placed(theatre):
    before = dict(PatientOrder.objects.values_list("coi", "version"))
    surprised = PatientOrder.objects.exclude(surprises=[]).count()

    sent = play(theatre, 25)

    assert sent == LIVE.exclude(kind="ordered").count() > 40
    moved = [coi for coi, version in PatientOrder.objects.values_list("coi", "version") if before.get(coi) != version]
    assert len(moved) > 5
    placed = PatientOrder.objects.exclude(coi__in=before)
    assert placed.exists()
    assert LIVE.filter(order__in=placed, kind="started").exists()
    for order in placed:
        promised = order.promised_at.astimezone(ZoneInfo(order.ordering_site.time_zone))
        assert (promised.hour, promised.weekday() < 5) == (12, True)
        assert promised - order.ordered_at > timedelta(days=21)
    # The play contradicts nothing of what was said before; only what is heard of late may look odd for a while.
    assert PatientOrder.objects.exclude(surprises=[]).count() <= surprised + 2


def of_report(event: StatusEvent) -> Q:
    """The shipment of which it speaks."""
    return Q(stage_run__order=event.order, direction=event.stage, stage_run__attempt=event.attempt or 1)


def test_no_shipment_leaves_unpacked_and_all_are_packed_and_unpacked_well(theatre):
    amiss = set(Shipment.objects.exclude(packaging_faults=[]).values_list("pk", flat=True))
    play(theatre, 25)
    left = LIVE.filter(kind="started", stage__in=("inbound", "outbound"))
    assert left.exists()
    packed = Shipment.objects.filter(reduce(or_, map(of_report, left)))
    assert not packed.filter(packing={}).exists()
    assert set(packed.values_list("packing__shipper__found", flat=True)) == {"one"}
    assert packed.exclude(unpacking={}).exists()
    assert set(Shipment.objects.exclude(packaging_faults=[]).values_list("pk", flat=True)) <= amiss


def test_a_new_attempt_is_promised_what_the_forecast_can_keep_in_real_days(theatre):
    order = PatientOrder.objects.filter(status__in=OPEN_ORDER_STATUSES, predictions__isnull=False).first()
    at = timezone.now()
    again = DemoEvent(0, "", OrderEventKind.PROMISED, "", None, at, at, "", {"reason": "manufacture begins again"})

    payload = theatre._row(again, str(order.pk), timezone.now())["payload"]

    promised = datetime.fromisoformat(payload["promised_at"])
    late_end = theatre._detail(str(order.pk))["forecast"]["ready_to"]
    assert timedelta(hours=-13) < promised - datetime.fromisoformat(late_end) < timedelta(days=3)
    assert payload["reason"] == "manufacture begins again"


def test_no_report_is_ahead_of_the_clock(theatre):
    play(theatre, 20)
    for event in LIVE:
        assert event.occurred_at <= event.recorded_at


def test_an_order_ended_by_somebody_else_leaves_the_play(theatre):
    order = PatientOrder.objects.filter(status=OrderStatus.IN_PROGRESS).first()
    plant = Reporter.of_source(SourceSystem.objects.get(code=MES[order.plant.code].code))
    report = {"source_event_id": "mine", "order": str(order.pk), "kind": "cancelled"}
    record_event(report | {"occurred_at": timezone.now().isoformat()}, by=plant)

    theatre.tick(theatre.heard_until + timedelta(seconds=45), timedelta(0))
    play(theatre, 20)

    assert LIVE.filter(order=order).count() == 0


def test_a_withdrawn_token_is_renewed(sources, live_server):
    api = api_of(live_server.url, sources)
    assert api.call(HOSPITALS.code, "GET", "/api/v1/orders/").status == 200
    get_access_token_model().objects.all().delete()
    forget_tokens()
    assert api.call(HOSPITALS.code, "GET", "/api/v1/orders/").status == 200


def test_a_wrong_secret_says_what_to_do(sources, live_server):
    api = api_of(live_server.url, {COURIER.code: sources[COURIER.code] | {"client_secret": "wrong"}})
    with pytest.raises(CredentialsRefused, match="seed_demo --if-empty"):
        api.call(COURIER.code, "GET", "/api/v1/orders/")


def test_while_the_web_is_away_it_waits_longer_and_longer_until_it_is_stopped():
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 9

    api = Api("http://127.0.0.1:9", {COURIER.code: {"client_id": "a", "client_secret": "b"}}, pause)
    with pytest.raises(Stopped):
        api.call(COURIER.code, "GET", "/api/v1/orders/")
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_asked(tmp_path: Path, number: signal.Signals):
    command = [sys.executable, "manage.py", "live_demo", "--credentials", str(tmp_path / "missing.json")]
    child = subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ, text=True
    )
    _until(lambda: "There is no demo to play" in child.stderr.readline())
    child.send_signal(number)
    said, _ = child.communicate(timeout=20)
    assert (child.returncode, said.strip()) == (0, "The live demo has stopped.")


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so() and time.monotonic() < end:
        pass


def test_the_play_maps_its_own_time_to_the_real_one():
    now = datetime(2026, 5, 1, tzinfo=UTC)
    theatre = Theatre(api_of("http://127.0.0.1:9", {}), PATHS, speed=4, seed=1, now=now)
    assert theatre._real(now + timedelta(hours=168), now) == now + timedelta(minutes=42)
