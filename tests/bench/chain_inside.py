"""What the section of the chain has done in the process that does the work."""

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO, StringIO

from django.db import connection
from django.utils import timezone

from supplychain.conditions.actions.files import receive_file
from supplychain.conditions.actions.taking import read_file
from supplychain.conditions.models import Excursion, LoggerReading
from supplychain.materials.models import LotUse, Material
from supplychain.materials.queries import LINKS_SQL, OF_RELEASE, PIECES_SQL, USES_SQL
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User
from supplychain.sql import read, texts
from supplychain.transport.models import Shipment
from tests.bench.chain_world import LOT
from tests.bench.world import USER

BESIDE = "bench_readings"


def chain_size() -> tuple[int, int]:
    """How many orders and materials there are."""
    return PatientOrder.objects.count(), Material.objects.count()


def store_a_file(readings: int, number: int) -> tuple[float, float, float]:
    """Seconds to have the file of a logger kept, read, stored and judged, of them those of this process; and of COPY
    with the same rows. Another shipment each time."""
    shipment = _shipments()[number]
    rows = list(_readings(shipment.picked_up_at, readings))
    file = BytesIO("".join(_file_of(rows)).encode())
    reporter = Reporter.of_user(User.objects.get(username=USER))
    start, own = time.perf_counter(), time.process_time()
    delivery = receive_file(shipment, file, "bench.csv", by=reporter, now=timezone.now())
    if delivery.is_being_read:  # a large one, which a worker reads
        read_file(delivery.pk, now=timezone.now())
        delivery.refresh_from_db()
    seconds, own = time.perf_counter() - start, time.process_time() - own
    assert (delivery.is_taken, delivery.fresh) == (True, readings), delivery.problem
    assert Excursion.objects.filter(shipment=shipment).exists()
    return seconds, own, _copied(shipment, delivery.pk, rows)


def _shipments() -> list[Shipment]:
    """Those that have arrived, of the orders that went through the actions."""
    arrived = Shipment.objects.filter(delivered_at__isnull=False, stage_run__order__events__isnull=False)
    return list(arrived.distinct().select_related("stage_run__order").order_by("-delivered_at", "pk"))


def _readings(begin: datetime, count: int) -> Iterator[tuple[datetime, float]]:
    """From the hand-over on for a day or, one a second, more; for two hours too warm."""
    chance, temperature = random.Random(1), 5.0
    for place in range(count):
        second = place * max(86_400 // count, 1)
        temperature = min(7.5, max(2.5, temperature + chance.gauss(0, 0.02)))
        yield begin + timedelta(seconds=second), round(temperature + (7 if 9_000 < second < 16_200 else 0), 2)


def _file_of(rows: list[tuple[datetime, float]]) -> Iterator[str]:
    yield "Serial number;L-1\r\nDate/Time (UTC);Temperature (°C)\r\n"
    for at, temperature in rows:
        yield f"{at:%Y-%m-%d %H:%M:%S};{temperature:.2f}\r\n"


def _copied(shipment: Shipment, delivery: object, rows: list[tuple[datetime, float]]) -> float:
    """Seconds of COPY alone, into a table like that of the readings."""
    text = "".join(f"{shipment.pk}\tL-1\t{at.isoformat()}\t{said}\t{delivery}\n" for at, said in rows)
    with connection.cursor() as cursor:
        table = LoggerReading._meta.db_table
        cursor.execute(f"DROP TABLE IF EXISTS {BESIDE}; CREATE TABLE {BESIDE} (LIKE {table} INCLUDING ALL)")
        start = time.perf_counter()
        columns = "shipment_id, logger, read_at, temperature, delivery_id"
        cursor.copy_expert(f"COPY {BESIDE} ({columns}) FROM STDIN", StringIO(text))
        return time.perf_counter() - start


def orders_alike(readings: int, number: int) -> tuple[str, str]:
    """Two orders that have come equally far, without readings and with those of the file of this number."""
    shipment = _shipments()[number]
    store_a_file(readings, number)
    order = shipment.stage_run.order
    others = [one for one in _shipments() if one.stage_run.order_id != order.pk]
    alike = [one for one in others if one.stage_run.order.version == order.version]
    return str(alike[0].stage_run.order_id), str(order.pk)


def rows_of_lot() -> tuple[int, float]:
    """How many orders the lot went into, and the seconds for the rows alone that their trace is made of."""
    start = time.perf_counter()
    orders = list(LotUse.objects.filter(lot__key=LOT.lower()).values_list("order", flat=True))
    for sql in (PIECES_SQL, LINKS_SQL, USES_SQL):
        read(sql, ids=texts(orders), **OF_RELEASE)
    return len(set(orders)), time.perf_counter() - start
