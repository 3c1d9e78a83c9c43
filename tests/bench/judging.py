"""The judgement: orders a second on one real Celery worker, and what a second process adds."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from statistics import median

from tests.bench import programs
from tests.bench.bulk import lists_of
from tests.bench.databases import connect
from tests.bench.figures import Figure, Report
from tests.bench.stage import MANY, Stage

SECTION = "Judgement"
ORDERS_TARGET, ADDED_TARGET = 1_000, 0.9
ROUNDS = 3
PATIENCE_SECONDS = 60
DUE_SQL = """SELECT count(*) FROM supplychain_dueorder d WHERE d.due_at <= to_timestamp(%(start)s)
    OR EXISTS (SELECT 1 FROM supplychain_duemark m
        WHERE m.order_id = d.order_id AND m.due_at <= to_timestamp(%(start)s))"""


def measure(report: Report, stage: Stage) -> None:
    """Orders a second from the wish to the last one judged, with news of each order and without."""
    report.head(f"{SECTION}: one Celery worker, {stage.sizes.many:,} open orders")
    with _at_work(stage, processes=1):
        rounds = [(_heard(stage), _woken(stage)) for _ in range(ROUNDS)]
    heard, woken = (median(rates) for rates in zip(*rounds, strict=True))
    name = "orders judged after an event of each"
    report.add(Figure(SECTION, name, heard, "orders/s", target=ORDERS_TARGET))
    name = "orders judged because time has passed"
    report.add(Figure(SECTION, name, woken, "orders/s", target=ORDERS_TARGET))
    with _at_work(stage, processes=2):
        more = median(_heard(stage, processes=2) for _ in range(ROUNDS))
    name, added = "orders judged after an event of each, by two processes", (more - heard) / heard
    report.add(Figure(SECTION, name, more, "orders/s", "the first, added by the second", added, ADDED_TARGET))


@contextmanager
def _at_work(stage: Stage, *, processes: int) -> Iterator[None]:
    with programs.worker(MANY, processes=processes):
        stage.many.do("make_due", 1)
        judged_rate(stage, 1)  # The worker has then started.
        yield


def _heard(stage: Stage, processes: int = 1) -> float:
    """Orders a second of which there was news."""
    return judged_rate(stage, _report_news(stage), processes)


def _woken(stage: Stage) -> float:
    """The same because of time alone."""
    stage.many.do("make_due", stage.sizes.judged_orders)
    return judged_rate(stage, stage.sizes.judged_orders)


def _report_news(stage: Stage) -> int:
    lists = list(islice(lists_of(stage.journeys, 1_000, 1), max(1, stage.sizes.judged_orders // 1_000)))
    stage.many.do("make_due", 0)
    stage.many.do("record_lists", lists)
    return sum(map(len, lists))


def judged_rate(stage: Stage, orders: int, processes: int = 1) -> float:
    """Orders a second, when so many are due and as many processes are asked. Raises RuntimeError when it takes long."""
    start = stage.many.do("wake", processes)
    end = time.monotonic() + PATIENCE_SECONDS
    with closing(connect(MANY)) as connection, connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(DUE_SQL, {"start": start})
            if cursor.fetchone() == (0,):
                return orders / (time.time() - start)
            time.sleep(0.05)
    raise RuntimeError(f"Orders are still due after {PATIENCE_SECONDS} s.")
