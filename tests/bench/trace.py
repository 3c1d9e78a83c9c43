"""`make trace`: which task ran how long, and who waited for whose lock, while reports come in and waits jump.

Tasks tell of themselves by Celery's events; waits are what PostgreSQL shows in looks LOOK_SECONDS apart.
"""

import os
import sys
import threading
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

from celery import Celery
from celery.events import EventReceiver

from tests.bench import programs, visibility
from tests.bench.databases import connect, databases
from tests.bench.figures import percentile
from tests.bench.inside import inside
from tests.bench.sizes import SMALL, with_orders
from tests.bench.stage import MANY, Stage
from tests.bench.stopwatch import statement_label

LOOK_SECONDS = 0.01
RECEIVED, STARTED, SUCCEEDED = "task-received", "task-started", "task-succeeded"
JUDGES = ("worker", "reviewer", "simulator")
WAITS_SQL = """SELECT w.pid, w.application_name, w.query, b.application_name, b.query
    FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS blocking(pid)
    JOIN pg_stat_activity b ON b.pid = blocking.pid
    WHERE w.wait_event_type = 'Lock' AND w.datname = current_database()"""


class Wait(NamedTuple):
    """Who waited with which statement for whom, whose last statement was which."""

    waiter: str
    statement: str
    holder: str
    held_by: str


@dataclass(slots=True)
class Trace:
    """`tasks`: name → seconds of each run; `queued`: name → seconds before each; `looks`: how often each wait was
    seen; `longest`: in how many looks on end by the same connection."""

    tasks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    queued: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    looks: Counter[Wait] = field(default_factory=Counter)
    longest: Counter[Wait] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def watch_locks(self, database: str) -> None:
        """Look who waits, until told to stop."""
        running: Counter[tuple[int, Wait]] = Counter()
        with closing(connect(database)) as connection, connection.cursor() as cursor:
            while not self.stopped.wait(LOOK_SECONDS):
                cursor.execute(WAITS_SQL)
                seen = {(pid, _wait(*rest)) for pid, *rest in cursor.fetchall()}
                running = Counter({one: running[one] + 1 for one in seen})
                for one, looks in running.items():
                    self.looks[one[1]] += 1
                    self.longest[one[1]] = max(self.longest[one[1]], looks)

    def listen(self, receiver: EventReceiver) -> None:
        """Keep what the workers tell, until the receiver is told to stop."""
        known: dict[str, dict[str, Any]] = defaultdict(dict)

        def told(event: dict[str, Any]) -> None:
            task = known[event["uuid"]]
            task[event["type"]] = event["timestamp"]
            task["name"] = event.get("name", task.get("name"))
            if event["type"] == STARTED and RECEIVED in task:
                self.queued[task["name"]].append(task[STARTED] - task[RECEIVED])
            if event["type"] == SUCCEEDED and task["name"]:
                self.tasks[task["name"]].append(event["runtime"])

        receiver.handlers.update(dict.fromkeys((RECEIVED, STARTED, SUCCEEDED), told))
        receiver.capture(limit=None, timeout=None, wakeup=False)

    @contextmanager
    def watching(self, database: str) -> Iterator[None]:
        """Watch tasks and locks meanwhile."""
        with Celery(broker=os.environ["REDIS_URL"]).connection_for_read() as connection:
            receiver = EventReceiver(connection, handlers={})
            threads = [threading.Thread(target=self.listen, args=(receiver,)),
                       threading.Thread(target=self.watch_locks, args=(database,))]  # fmt: skip
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self.stopped.set()
                receiver.should_stop = True
                for thread in threads:
                    thread.join()

    @property
    def reports_held_up(self) -> list[Wait]:
        """Waits of a report for the judgement."""
        return [wait for wait in self.looks if wait.waiter == "web" and wait.holder in JUDGES]

    def lines(self) -> Iterator[str]:
        """Both tables for a person, and what they come to."""
        yield f"\n{'task':<48}{'runs':>6}{'half s':>9}{'95 of 100':>11}{'longest':>9}{'queued at most s':>18}"
        for name, seconds in sorted(self.tasks.items(), key=lambda item: -sum(item[1])):
            queued = max(self.queued[name], default=0.0)
            yield (
                f"{name:<48}{len(seconds):>6}{median(seconds):>9.3f}{percentile(seconds, 0.95):>11.3f}"
                f"{max(seconds):>9.3f}{queued:>18.3f}"
            )
        yield f"\n{'who waited for whom (looks 10 ms apart)':<90}{'looks':>7}{'longest s':>11}"
        for wait, looks in self.looks.most_common():
            who = f"{wait.waiter}: {wait.statement} ← {wait.holder}: {wait.held_by}"
            yield f"{who:<90}{looks:>7}{self.longest[wait] * LOOK_SECONDS:>11.2f}"
        held_up = sum(self.looks[wait] for wait in self.reports_held_up)
        yield f"\nLooks in which a report waited for the judgement: {held_up}."


def main() -> int:
    """Make a world, trace a load on it, say what was seen; 0 unless a report waited for the judgement."""
    parser = ArgumentParser(prog="python -m tests.bench.trace", description=__doc__.partition(",")[0])
    parser.add_argument("--orders", type=int, default=2_000, help="open orders (2,000)")
    orders, trace = parser.parse_args().orders, Trace()
    with databases(MANY), inside(MANY) as (many,):
        print(f"Making {orders:,} open orders …", flush=True)
        journeys = many.do("build", orders)
        many.do("judge_all")
        stage = Stage(with_orders(SMALL, orders), programs.FOLDER.path, many, many, [], journeys, many.do("token"), "")
        with (
            programs.web(MANY) as port,
            programs.workers_and_beat(MANY, "simulator", arguments=["--task-events"]),
            trace.watching(MANY),
        ):
            visibility.load_in_a_wave(stage, port)
    print("\n".join(trace.lines()), flush=True)
    return 1 if trace.reports_held_up else 0


def _wait(waiter: str, statement: str, holder: str, held_by: str) -> Wait:
    return Wait(waiter, statement_label(statement) or statement[:40], holder, statement_label(held_by) or held_by[:40])


if __name__ == "__main__":
    sys.exit(main())
