"""The counts of tests.bench.smoke, made in the process that does the work."""

from django.db import connection, transaction
from django.utils import timezone

from batches.lines.models import PoolState
from supplychain.orders.actions.due import DUE_TABLE, claim_due, make_due_in_turns
from supplychain.orders.actions.store import ORDER_TABLE
from supplychain.orders.models import DueMark, PatientOrder, StageRun
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from tests.bench import deeds
from tests.bench.journeys import Journey
from tests.bench.posting import next_events
from tests.bench.smoke import Counts, of_another_connection, statements_of
from tests.bench.steps_inside import steps_of_claims, steps_of_requests
from tests.bench.world import MOVED_POOLS

EVENTS, FEW_CLAIMED, MANY_CLAIMED, CLAIMS = 10, 2, 8, 4


def smoke_counts(orders: int) -> Counts:
    """Make a world in the empty database and count."""
    journeys = deeds.build(orders)
    deeds.judge_all()
    event_statements = _event_statements(journeys)
    claim_locks_orders, claim_locks_unclaimed = _locks_of_a_claim()
    mark_locks_orders, mark_locks_due = _locks_of_marks()
    woken, unconcerned = _woken()
    return Counts(
        event_statements=event_statements,
        claim_statements_more=_claim_statements(MANY_CLAIMED) - _claim_statements(FEW_CLAIMED),
        claim_locks_orders=claim_locks_orders,
        claim_locks_unclaimed=claim_locks_unclaimed,
        mark_locks_orders=mark_locks_orders,
        mark_locks_due=mark_locks_due,
        woken=woken,
        woken_unconcerned=unconcerned,
    )


def _event_statements(journeys: list[Journey]) -> int:
    authorization = f"Bearer {deeds.token()}"
    rows = [row for _, row in next_events(journeys, 2 * EVENTS)]
    pairs = zip(rows[::2], rows[1::2], strict=True)  # the first loads what the second finds loaded
    return max(statements_of(steps_of_requests(pair, authorization)) for pair in pairs)


def _claim_statements(orders: int) -> int:
    """The fewest of some claims: the words of a flag may change with the minute, and that is one statement more."""
    return min(_claimed_at_once(orders) for _ in range(CLAIMS))


def _claimed_at_once(orders: int) -> int:
    deeds.make_due(orders)
    return statements_of(steps_of_claims(1, orders))


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
    """How many orders fewer places make due, and how many of them need none of these any more."""
    deeds.judge_all()
    deeds.make_due(0)
    before = _expected_waits()
    deeds.move_places(0.3)
    deeds.review_pools()
    assert _expected_waits() != before
    woken = set(DueMark.objects.filter(is_news=False).values_list("order", flat=True))
    ahead = StageRun.objects.filter(
        order__status__in=OPEN_ORDER_STATUSES, withdrawn_at=None, started_at=None, pool__in=MOVED_POOLS
    )
    return len(woken), len(woken - set(ahead.values_list("order", flat=True)))


def _expected_waits() -> list[float | None]:
    return list(PoolState.objects.order_by("pool").values_list("expected_wait_hours", flat=True))
