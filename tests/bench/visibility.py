"""How soon a flag can be seen after its event was answered: on a usual day, and in a wave of orders that come due."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from typing import Any

from supplychain.orders.statuses import StageEventKind
from tests.bench import programs
from tests.bench.databases import connect, execute
from tests.bench.figures import Figure, Report, percentile
from tests.bench.judging import judged_rate
from tests.bench.load import post, send_at_rate
from tests.bench.posting import EVENTS
from tests.bench.stage import MANY, Stage

SECTION = "Event answered to flag visible"
EVENTS_A_SECOND, LIVE_CONNECTIONS = 50, 4
LOOK_SECONDS, PATIENCE_SECONDS = 0.01, 60
# Seconds: half of the flags, 95 of 100.
USUAL_TARGETS, WAVE_TARGETS = (0.1, 0.25), (None, 0.5)
# Of their places the pools before manufacturing and its tests keep so much, then get them back: waits jump twice.
SHARES_OF_PLACES = (0.3, 1.0)
SEEN_SQL = """SELECT order_id::text FROM batches_flag
    WHERE order_id = ANY(%s::uuid[]) AND code = 'stage_failed' AND cleared_at IS NULL"""
BACKLOG_SQL = "SELECT count(DISTINCT order_id) FROM supplychain_duemark WHERE NOT is_news"
FORECASTS_SQL = "SELECT count(*) FROM batches_lineforecast WHERE made_at >= to_timestamp(%s)"


@dataclass(slots=True)
class Watch:
    """When each order's answer came and when its flag was first seen, by the same clock; `backlog`: the most orders
    that waited for the judgement though nothing was heard of them."""

    answered: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    backlog: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def look(self, database: str) -> None:
        """Look for the flags of answered events until told to stop."""
        with closing(connect(database)) as connection, connection.cursor() as cursor:
            while not self.stopped.wait(LOOK_SECONDS):
                waited_for = [order for order in list(self.answered) if order not in self.seen]
                cursor.execute(SEEN_SQL, [waited_for])
                now = time.monotonic()
                self.seen |= {order: now for (order,) in cursor.fetchall()}

    def count(self, database: str) -> None:
        """Look twice a second how many orders a neighbour has made due."""
        with closing(connect(database)) as connection, connection.cursor() as cursor:
            while not self.stopped.wait(0.5):
                cursor.execute(BACKLOG_SQL)
                self.backlog = max(self.backlog, *cursor.fetchone())


def measure(report: Report, stage: Stage) -> None:
    """Failures at 50 events a second with worker, reviewer and beat; each raises a flag. Looked for every 10 ms."""
    report.head(f"{SECTION}: {EVENTS_A_SECOND} events a second, {stage.sizes.many:,} open orders")
    failures = _failures(stage)
    with programs.web(MANY) as port, programs.workers_and_beat(MANY):
        _say(report, "usual", _watched(stage, port, failures), USUAL_TARGETS)
        start = time.time()
        with programs.running("simulator", programs.command_of("simulator"), MANY):
            watch = load_in_a_wave(stage, port, failures)
    _say(report, "in a wave: two pools' places cut and given back, lines forecast", watch, WAVE_TARGETS)
    report.add(Figure(SECTION, "in a wave: orders due at once of which nothing was heard", watch.backlog, "orders"))
    made = execute(MANY, FORECASTS_SQL, (start,))[0][0]
    report.add(Figure(SECTION, "in a wave: lines forecast meanwhile", made, "lines"))


def load_in_a_wave(stage: Stage, port: int, failures: Iterator[dict[str, Any]] | None = None) -> Watch:
    """The load while expected waits jump; all programs run."""
    return _watched(stage, port, failures or _failures(stage), meanwhile=lambda: _jump(stage))


def _say(report: Report, name: str, watch: Watch, targets: tuple[float | None, float | None]) -> None:
    waits = [watch.seen[order] - watch.answered[order] for order in watch.answered]
    for which, share, target in zip(("half", "95 of 100"), (0.5, 0.95), targets, strict=True):
        value = median(waits) if share == 0.5 else percentile(waits, share)
        report.add(Figure(SECTION, f"{name}: {which}", value, "s", target=target, at_most=True))


def _watched(
    stage: Stage, port: int, failures: Iterator[dict[str, Any]], *, meanwhile: Callable[[], None] | None = None
) -> Watch:
    rows = list(islice(failures, stage.sizes.live_events))
    requests = [(row["order"], post(EVENTS, stage.token, row)) for row in rows]
    stage.many.do("make_due", 1)
    judged_rate(stage, 1)  # The worker has then started.
    watch = Watch()
    with _beside(lambda: watch.look(MANY), watch), _beside(lambda: watch.count(MANY), watch):
        with _beside(meanwhile or (lambda: None)):
            send_at_rate(port, requests, EVENTS_A_SECOND, LIVE_CONNECTIONS, watch.answered)
        end = time.monotonic() + PATIENCE_SECONDS
        while len(watch.seen) < len(rows) and time.monotonic() < end:
            time.sleep(0.1)
    if missing := len(rows) - len(watch.seen):
        raise RuntimeError(f"{missing} flags were not raised within {PATIENCE_SECONDS} s.")
    return watch


def _jump(stage: Stage) -> None:
    """Have the waits for the pools jump, after a quarter and after half of the load."""
    seconds = stage.sizes.live_events / EVENTS_A_SECOND
    for share in SHARES_OF_PLACES:
        time.sleep(seconds * 0.25)
        stage.many.do("move_places", share)


@contextmanager
def _beside(work: Callable[[], None], watch: Watch | None = None) -> Iterator[None]:
    """Do this in a thread meanwhile, until the watch is stopped."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        if watch:
            watch.stopped.set()
        thread.join()


def _failures(stage: Stage) -> Iterator[dict[str, Any]]:
    """A failure of the stage at work, of one order after the other."""
    moment = datetime.now(UTC)
    for journey in stage.journeys:
        if journey.left and journey.plan[journey.taken][0] == StageEventKind.COMPLETED:
            row = next(journey.fresh(1, moment))
            yield row | {"kind": StageEventKind.FAILED.value, "payload": {"reason": "bench"}}
