"""The counts of tests.bench.smoke, made in the process that does the work."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.forecasts.actions.predictions import forecast_line
from batches.lines.models import PoolState, PoolWaitLimit
from supplychain.orders.actions.due import DUE_TABLE, claim_due, make_due_in_turns
from supplychain.orders.actions.store import ORDER_TABLE
from supplychain.orders.models import DueMark, DueOrder, PatientOrder
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from tests.bench import deeds
from tests.bench.journeys import Journey
from tests.bench.posting import next_events
from tests.bench.smoke import Counts, of_another_connection, statements_of
from tests.bench.steps_inside import steps_of_requests

SAID = ("code", "stage", "subject", "severity", "due", "why", "next_step", "harm", "remedy", "cause")
PATHS = 40
EVENTS, FEW_CLAIMED, MANY_CLAIMED = 10, 2, 8


def smoke_counts(orders: int) -> Counts:
    """Make a world in the empty database and count."""
    journeys = deeds.build(orders)
    deeds.judge_all()
    event_statements = _event_statements(journeys)
    claim_locks_orders, claim_locks_unclaimed = _locks_of_a_claim()
    mark_locks_orders, mark_locks_due = _locks_of_marks()
    deeds.judge_all()
    deeds.review_pools()  # what the reports before have moved
    deeds.judge_all()
    unmoved = len(_woken_by(deeds.review_pools))
    limits_written_again = _limits_written_again()
    woken, in_vain = _woken()
    return Counts(
        event_statements=event_statements,
        claim_statements_repeated=_claim_statements_repeated(),
        claim_locks_orders=claim_locks_orders,
        claim_locks_unclaimed=claim_locks_unclaimed,
        mark_locks_orders=mark_locks_orders,
        mark_locks_due=mark_locks_due,
        woken=woken,
        woken_unmoved=unmoved,
        woken_in_vain=in_vain,
        woken_where_futures_decide=_woken_where_futures_decide(),
        limits_written_again=limits_written_again,
    )


def _event_statements(journeys: list[Journey]) -> int:
    authorization = f"Bearer {deeds.token()}"
    rows = [row for _, row in next_events(journeys, 2 * EVENTS)]
    pairs = zip(rows[::2], rows[1::2], strict=True)  # the first loads what the second finds loaded
    return max(statements_of(steps_of_requests(pair, authorization)) for pair in pairs)


def _claim_statements_repeated() -> int:
    """How often a claim of many orders sent what it had sent before, with other values. A claim of few does not
    serve as measure: of other orders there may be something to write that takes one statement more, whatever their
    number."""
    deeds.make_due(MANY_CLAIMED)
    texts: list[str] = []
    with connection.execute_wrapper(partial(_noted, texts)):
        claimed = evaluate_due_orders(now=timezone.now(), limit=MANY_CLAIMED).claimed
    assert claimed == MANY_CLAIMED
    assert any(DUE_TABLE in text for text in texts)
    return len(texts) - len(set(texts))


def _noted(texts: list[str], execute: Any, statement: Any, parameters: Any, many: bool, context: dict) -> Any:
    texts.append(statement.decode() if isinstance(statement, bytes) else str(statement))
    return execute(statement, parameters, many, context)


@transaction.atomic
def _locks_of_a_claim() -> tuple[int, int]:
    """Locked order rows, and rows of the due table beside those that were claimed."""
    of_another_connection(deeds.make_due, FEW_CLAIMED)
    claimed = claim_due(now=timezone.now(), limit=FEW_CLAIMED)
    assert len(claimed) == FEW_CLAIMED
    return of_another_connection(_locked, ORDER_TABLE), of_another_connection(_locked, DUE_TABLE) - len(claimed)


@transaction.atomic
def _locks_of_marks() -> tuple[int, int]:
    """Locked order rows and rows of the due table, while the marks of orders are not yet committed."""
    orders = PatientOrder.objects.open().values_list("pk", flat=True)
    assert make_due_in_turns(orders, now=timezone.now()) > 0
    return of_another_connection(_locked, ORDER_TABLE), of_another_connection(_locked, DUE_TABLE)


def _locked(table: str) -> int:
    """Rows in which an update would wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        rows = cursor.fetchone()[0]
        with transaction.atomic():
            cursor.execute(f"SELECT 1 FROM {table} FOR NO KEY UPDATE SKIP LOCKED")
            return rows - cursor.rowcount


def _woken() -> tuple[int, int]:
    """How many orders fewer places make due, and of how many of them judging them says nothing else."""
    before, waits = _said(), _expected_waits()
    woken = _woken_by(lambda: (deeds.move_places(0.3), deeds.review_pools()))
    assert _expected_waits() != waits
    deeds.judge_all()
    return len(woken), len(woken - {order for order, *_ in before ^ _said()})


def _woken_where_futures_decide() -> int:
    """How many orders the places make due that come back, once the lines' futures decide about them."""
    for line in Site.objects.filter(kind=SiteKind.PLANT):
        forecast_line(line.pk, now=timezone.now(), paths=PATHS)
    _judge_again()
    waits = _expected_waits()
    woken = _woken_by(lambda: (deeds.move_places(1), deeds.review_pools()))
    assert _expected_waits() != waits
    return len(woken)


def _limits_written_again() -> int:
    """Rows of limits that are other rows after every order was judged once more; PostgreSQL writes a row anew."""
    before = _limits()
    _judge_again()
    return len(_limits() - before)


def _limits() -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, xmin::text FROM {PoolWaitLimit._meta.db_table}")
        found = set(cursor.fetchall())
    assert found
    return found


def _judge_again() -> None:
    DueOrder.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    deeds.judge_all()


def _woken_by(work: Callable[[], object]) -> set[UUID]:
    """Whom it makes due of whom nothing was heard."""
    deeds.make_due(0)
    work()
    return set(DueMark.objects.filter(is_news=False).values_list("order", flat=True))


def _said() -> set[tuple[Any, ...]]:
    return set(Flag.objects.filter(cleared_at=None).values_list("order", *SAID))


def _expected_waits() -> list[float | None]:
    return list(PoolState.objects.order_by("pool").values_list("expected_wait_hours", flat=True))
