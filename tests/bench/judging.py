"""The judgement: orders a second on one real Celery worker, and how soon a flag can be seen."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from typing import Any

from supplychain.orders.statuses import StageEventKind
from tests.bench import programs
from tests.bench.bulk import lists_of
from tests.bench.databases import connect
from tests.bench.figures import Figure, Report, percentile
from tests.bench.load import post, send_at_rate
from tests.bench.posting import EVENTS
from tests.bench.stage import MANY, Stage

SECTION = "Judgement"
ORDERS_TARGET, VISIBLE_TARGET = 1_000, 1.0
EVENTS_A_SECOND, LIVE_CONNECTIONS = 50, 4
ROUNDS = 3
LOOK_SECONDS, PATIENCE_SECONDS = 0.01, 60
DUE_SQL = """SELECT count(*) FROM supplychain_dueorder d WHERE d.due_at <= to_timestamp(%(start)s)
    OR EXISTS (SELECT 1 FROM supplychain_duemark m
        WHERE m.order_id = d.order_id AND m.due_at <= to_timestamp(%(start)s))"""
SEEN_SQL = """SELECT order_id::text FROM batches_flag
    WHERE order_id = ANY(%s::uuid[]) AND code = 'stage_failed' AND cleared_at IS NULL"""


def measure_rate(report: Report, stage: Stage) -> None:
    """Orders a second from the wish to the last one judged, with news of each order and without."""
    report.head(f"{SECTION}: one Celery worker, {stage.sizes.many:,} open orders")
    with_news, without = [], []
    with programs.one_worker(MANY):
        stage.many.do("make_due", 1)
        _judged_rate(stage, 1)  # The worker has then started.
        for _ in range(ROUNDS):
            with_news.append(_judged_rate(stage, _report_news(stage)))
            stage.many.do("make_due", stage.sizes.judged_orders)
            without.append(_judged_rate(stage, stage.sizes.judged_orders))
    name = "orders judged after an event of each"
    report.add(Figure(SECTION, name, median(with_news), "orders/s", target=ORDERS_TARGET))
    name = "orders judged because time has passed"
    report.add(Figure(SECTION, name, median(without), "orders/s", target=ORDERS_TARGET))


def _report_news(stage: Stage) -> int:
    lists = list(islice(lists_of(stage.journeys, 1_000, 1), stage.sizes.judged_orders // 1_000))
    stage.many.do("make_due", 0)
    stage.many.do("record_lists", lists)
    return sum(map(len, lists))


def _judged_rate(stage: Stage, orders: int) -> float:
    start = stage.many.do("wake")
    end = time.monotonic() + PATIENCE_SECONDS
    with closing(connect(MANY)) as connection, connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(DUE_SQL, {"start": start})
            if cursor.fetchone() == (0,):
                return orders / (time.time() - start)
            time.sleep(0.05)
    raise RuntimeError(f"Orders are still due after {PATIENCE_SECONDS} s.")


@dataclass(slots=True)
class Watch:
    """When each order's answer came and when its flag was first seen, by the same clock."""

    answered: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def look(self, database: str) -> None:
        """Look for the flags of answered events until told to stop."""
        with closing(connect(database)) as connection, connection.cursor() as cursor:
            while not self.stopped.wait(LOOK_SECONDS):
                waited_for = [order for order in list(self.answered) if order not in self.seen]
                cursor.execute(SEEN_SQL, [waited_for])
                now = time.monotonic()
                self.seen |= {order: now for (order,) in cursor.fetchall()}


def measure_visibility(report: Report, stage: Stage, *, port: int) -> None:
    """Failures at 50 events a second with worker and beat; each raises a flag. Looked for every 10 ms."""
    rows = list(islice(_failures(stage), stage.sizes.live_events))
    requests = [(row["order"], post(EVENTS, stage.token, row)) for row in rows]
    watch = Watch()
    with programs.workers_and_beat(MANY), _looking(watch, MANY):
        stage.many.do("make_due", 1)
        _judged_rate(stage, 1)
        send_at_rate(port, requests, EVENTS_A_SECOND, LIVE_CONNECTIONS, watch.answered)
        end = time.monotonic() + PATIENCE_SECONDS
        while len(watch.seen) < len(rows) and time.monotonic() < end:
            time.sleep(0.1)
    missing = len(rows) - len(watch.seen)
    if missing:
        raise RuntimeError(f"{missing} flags were not raised within {PATIENCE_SECONDS} s.")
    waits = [watch.seen[order] - watch.answered[order] for order in watch.answered]
    name = f"event answered to flag visible, {EVENTS_A_SECOND} events a second"
    report.add(Figure(SECTION, f"{name}: half", median(waits), "s"))
    report.add(Figure(SECTION, f"{name}: 95 of 100", percentile(waits, 0.95), "s", target=VISIBLE_TARGET, at_most=True))


@contextmanager
def _looking(watch: Watch, database: str) -> Iterator[None]:
    thread = threading.Thread(target=watch.look, args=(database,))
    thread.start()
    try:
        yield
    finally:
        watch.stopped.set()
        thread.join()


def _failures(stage: Stage) -> Iterator[dict[str, Any]]:
    """A failure of the stage at work, of one order after the other."""
    moment = datetime.now(UTC)
    for journey in stage.journeys:
        if journey.left and journey.plan[journey.taken][0] == StageEventKind.COMPLETED:
            row = next(journey.fresh(1, moment))
            yield row | {"kind": StageEventKind.FAILED.value, "payload": {"reason": "bench"}}
