"""Events sent by several senders at once while something fails, and what must be true afterwards."""

import threading
import time
from datetime import timedelta
from typing import Any, Protocol

from django.utils import timezone

from batches.flags.models import Flag
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.systems.actions import create_source
from supplychain.systems.statuses import SourceKind
from tests.batches.flags.standing_flags import standing_flags, standing_flags_from_scratch
from tests.supplychain.builders import World, report
from tests.system import PATIENCE, wait_until


class Web(Protocol):
    """Where events are sent to."""

    def ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and decoded answer, (0, {}) if nobody answers."""

    def post(self, path: str, body: object, token: str) -> tuple[int, dict[str, Any]]:
        """The same of a REST call."""


def recent_orders(world: World, count: int) -> list[PatientOrder]:
    """Orders placed three days ago: what is said of them below raises flags of several kinds."""
    start = timezone.now() - timedelta(hours=72)
    return [world.order(ordered_at=start, promised_at=start + timedelta(hours=500)) for _ in range(count)]


def facts_of(order: PatientOrder) -> list[dict]:
    """One order's facts: late stages, a hold, a failure, waits; times relative to its start."""
    said = [
        ("confirmed", ""), ("started", "collection"), ("completed", "collection"), ("started", "inbound"),
        ("note", "inbound"), ("completed", "inbound"), ("started", "selection"), ("held", "selection"),
        ("resumed", "selection"), ("failed", "selection"), ("note", "selection"), ("held", ""), ("note", "harvest"),
        ("resumed", ""), ("note", "release"),
    ]  # fmt: skip
    return [
        report(order, kind, stage, number)
        | {"occurred_at": (order.ordered_at + timedelta(hours=4 * number + 1)).isoformat()}
        for number, (kind, stage) in enumerate(said)
    ]


def token_for(web: Web, world: World) -> str:
    """An access token of a new source system for the world's sites, by OAuth2 client credentials."""
    made = create_source(
        code="bad-luck", name="Bad luck", kind=SourceKind.SPREADSHEET, sites=["oslo", "plant"],
        scopes=["events:write"], by=None,
    )  # fmt: skip
    form = f"grant_type=client_credentials&client_id={made.client_id}&client_secret={made.client_secret}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = web.ask("POST", "/oauth/token/", form, headers)
    assert status == 200, answer
    return answer["access_token"]


class Load:
    """Threads that send every row until it is answered 2xx, as a careful hospital system does."""

    def __init__(self, web: Web, token: str, rows: list[dict], *, patience: float = PATIENCE) -> None:
        self.web, self.token, self.rows, self.patience = web, token, rows, patience
        self.answered: dict[str, str] = {}
        self.threads = [threading.Thread(target=self._send, args=(rows[part::4],)) for part in range(4)]

    def _send(self, rows: list[dict]) -> None:
        for row in rows:
            deadline = time.monotonic() + self.patience
            while time.monotonic() < deadline:
                status, answer = self.web.post("/api/v1/events/", row, self.token)
                if 200 <= status < 300:
                    self.answered[row["source_event_id"]] = answer["event"]
                    break
                time.sleep(0.2)
            time.sleep(0.02)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for thread in self.threads:
            thread.join()


def assert_nothing_lost_or_doubled(load: Load) -> None:
    """What was answered is stored, once, under its seal, and nothing else is."""
    assert len(load.answered) == len(load.rows)
    stored = dict(StatusEvent.objects.exclude(kind="ordered").values_list("source_event_id", "id"))
    assert {key: str(event_id) for key, event_id in stored.items()} == load.answered
    assert StatusEvent.objects.exclude(kind="ordered").count() == len(load.rows)
    assert list(broken_seals()) == []


def flags_are_right(orders: list[PatientOrder]) -> bool:
    """Whether every stored flag is one that a judgement from scratch raises now, and none is missing."""
    ids = [order.pk for order in orders]
    return standing_flags(ids) == standing_flags_from_scratch(ids, timezone.now())


def wait_for_right_flags(orders: list[PatientOrder], *, seconds: float = PATIENCE) -> None:
    """Wait until they are, and that there are some."""
    wait_until(lambda: flags_are_right(orders), "every flag equals a judgement from scratch", seconds=seconds)
    assert Flag.objects.filter(cleared_at__isnull=True).count() >= len(orders)
