"""What `make bench ARGS=--smoke` and a test of `make test` count in a small world: statements, locked rows and woken
orders, which are the same on any machine, never times."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.figures import Figure, Report
from tests.bench.inside import inside
from tests.bench.stage import CHAIN, MANY

SECTION, ORDERS = "Counts", 60
# Of each limit: beyond it, something has begun to cost what it did not.
LIMITS = {
    "event_statements": 7,
    "claim_statements_repeated": 0,
    "claim_locks_orders": 0,
    "claim_locks_unclaimed": 0,
    "mark_locks_orders": 0,
    "mark_locks_due": 0,
    "woken_unmoved": 0,
    "woken_in_vain": 0,
    "woken_where_futures_decide": 0,
    "limits_written_again": 0,
    "scan_statements": 18,
    "scan_statements_more": 0,
    "trace_statements_more": 0,
    # The loggers' records, temperatures that differ, and the excursion: three, however many readings there are.
    "page_statements_more": 3,
}


class Limited:
    """Counts that have limits."""

    @property
    def beyond(self) -> dict[str, int]:
        """What is beyond its limit."""
        return {name: count for name, count in asdict(self).items() if count > LIMITS.get(name, count)}


@dataclass(frozen=True)
class Counts(Limited):
    """`event_statements`: most that one `POST events/` sent. `claim_statements_repeated`: how often a claim of many
    orders sends again what it has sent, with other values. `..._locks_...`: rows in which a report or a second
    claim would find a lock while a claim or a mark is not yet committed. `woken`: orders that a pool's new wait
    made due; `woken_unmoved`: while no wait moved; `woken_in_vain`: of whom nothing else is said once they are
    judged, flags, their class and their words; `woken_where_futures_decide`: by the same wait after each line was
    forecast; `limits_written_again`: when orders are judged of which nothing changed."""

    event_statements: int
    claim_statements_repeated: int
    claim_locks_orders: int
    claim_locks_unclaimed: int
    mark_locks_orders: int
    mark_locks_due: int
    woken: int
    woken_unmoved: int
    woken_in_vain: int
    woken_where_futures_decide: int
    limits_written_again: int


@dataclass(frozen=True)
class ChainCounts(Limited):
    """`scan_statements`: most that the answer to a code took; `..._more`: with three times the orders, and of an
    order's page with readings, of its shipment and of another one, than of one without."""

    scan_statements: int
    scan_statements_more: int
    trace_statements_more: int
    page_statements_more: int


def measure(report: Report) -> int:
    """In databases of their own; the exit code of the bench."""
    report.head(f"{SECTION}: {ORDERS} open orders")
    with inside(MANY, CHAIN) as (many, chain):
        counted = (many.do("smoke_counts", ORDERS), chain.do("chain_counts"))
    for name, count in ((name, count) for counts in counted for name, count in asdict(counts).items()):
        report.add(Figure(SECTION, name.replace("_", " "), count, "", target=LIMITS.get(name), at_most=True))
    return 1 if any(counts.beyond for counts in counted) else 0


def of_another_connection(work: Any, *arguments: Any) -> Any:
    """What a connection of its own makes of it."""
    from django.db import connection

    def done() -> Any:
        try:
            return work(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def statements_of(steps: Sequence[tuple[str, float, float]]) -> int:
    """How often these steps of one request or claim asked the database."""
    return round(sum(calls for label, calls, _ in steps if label.startswith("SQL: ")))
