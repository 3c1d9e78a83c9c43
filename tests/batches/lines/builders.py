"""Pools for tests: facts in hours from one moment, runs of places, plants with pools and orders in them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from batches.capacity.actions import create_pool
from batches.capacity.models import Pool
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.lines.models import PoolState
from batches.lines.rules.places import Occupancy, PlaceRun, Wait
from batches.lines.rules.pools import PoolFacts
from supplychain.orders.actions.events import record_events
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import StageStatus
from supplychain.sites.models import Site
from tests.supplychain.builders import World

MOMENTS = ("ready_at", "started_at", "completed_at", "failed_at", "held_at")
T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
SERVICE = 48.0


def hour(hours: float | None) -> datetime | None:
    """A moment `hours` after T0."""
    return None if hours is None else T0 + timedelta(hours=hours)


def facts(
    places: int = 2,
    held: Iterable[tuple[float, float | None]] = (),
    waits: Iterable[tuple[float, float | None]] = (),
    steps: Iterable[tuple[float, int]] | None = None,
    service: float = SERVICE,
) -> PoolFacts:
    """A pool of `places` since long ago, with places held and waits, all in hours after T0; None: still."""
    return PoolFacts(
        [(hour(start), number) for start, number in (steps if steps is not None else [(-10_000, places)])],
        [Occupancy(hour(start), hour(end), end is not None) for start, end in held],
        [Wait(hour(ready), hour(left), left is not None) for ready, left in waits],
        service,
    )


def place_run(position: int = 5, *, order: int = 1, attempt: int = 1, keeps: bool = False, **given: Any) -> PlaceRun:
    """A run of a pool; moments in hours after T0."""
    moments = {name: hour(value) for name, value in given.items() if name.endswith("_at")}
    status = given.get("status") or _status(given)
    rest = {name: moments.pop(name, None) for name in MOMENTS}
    return PlaceRun(str(order), attempt, position, keeps, status, **rest, **moments)


def _status(given: dict[str, Any]) -> str:
    for moment, status in (
        ("completed_at", StageStatus.COMPLETED),
        ("failed_at", StageStatus.FAILED),
        ("held_at", StageStatus.HELD),
        ("started_at", StageStatus.RUNNING),
        ("ready_at", StageStatus.READY),
    ):
        if given.get(moment) is not None:
            return status.value
    return StageStatus.PENDING.value


class PoolWorld(World):
    """The small world with a suite pool, and lanes, at its plant."""

    def __init__(self, suites: int = 1, lanes: int = 5) -> None:
        super().__init__()
        self.suite = self.pool("suite", "Suites", suites)
        self.lane = self.pool("qc_lane", "QC lanes", lanes)

    def pool(self, code: str, name: str, places: int, site: Site | None = None) -> Pool:
        """A pool with its places since long before T0."""
        long_ago = T0 - timedelta(days=100)
        return create_pool(
            site=site or self.plant, code=code, name=name, places=places, starts_at=long_ago, by=None, now=T0
        )

    def tell(self, order: PatientOrder, *events: tuple[str, str, float], **more: Any) -> None:
        """Report (stage, kind, hours after T0) of an order."""
        rows = [
            {
                "source_event_id": f"{order.pk}-{stage}-{kind}-{hours}-{more.get('attempt', '')}",
                "order": str(order.pk), "kind": kind, "stage": stage, "occurred_at": hour(hours).isoformat(), **more,
            }
            for stage, kind, hours in events
        ]  # fmt: skip
        outcomes = {result.outcome for result in record_events(rows, by=self.reporter, now=hour(events[-1][2]))}
        assert outcomes == {"created"}, outcomes

    def arrived(self, hours: float, **given: Any) -> PatientOrder:
        """An order whose cells wait for a suite since `hours` after T0."""
        order = self.order(ordered_at=hour(hours - 10), **given)
        self.tell(
            order,
            ("collection", "started", hours - 9), ("collection", "completed", hours - 5),
            ("inbound", "started", hours - 4), ("inbound", "completed", hours),
        )  # fmt: skip
        return order


def touched(world: PoolWorld, *codes: str, hours: float) -> None:
    """Make pools of the plant due (both, unless some are named)."""
    mark_pools_touched({(world.plant.pk, code) for code in codes or ("suite", "qc_lane")}, now=hour(hours))


def state(pool: Pool) -> PoolState:
    """What the newest review of the pool found."""
    return PoolState.objects.get(pool=pool)


def due(pool: Pool) -> datetime | None:
    """When the pool is reviewed next."""
    return state(pool).review_after


def jam(world: PoolWorld, orders: int = 4, **given: Any) -> list[PatientOrder]:
    """Orders that arrived at hour 0, of which the first has the only suite since hour 1."""
    jammed = [world.arrived(0, **given) for _ in range(orders)]
    world.tell(jammed[0], ("selection", "started", 1))
    return jammed


def impatiently(deed: Callable[[], None]) -> None:
    """Do it in a thread's own transaction; whoever holds a row that it needs makes it raise within a second."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            deed()
    finally:
        connection.close()
