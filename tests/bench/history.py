"""Years of ended orders: a few months' worth goes its whole way through the actions, the years before are its copies.

What counts for a page is how many rows there are and how they lie in time, and those are as the actions write them;
the chains of the copies are not, and nobody verifies them within a day.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from batches.calibration.actions import score_predictions
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.forecasts.models import Prediction
from batches.outcomes.actions import refresh_outcomes
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.systems.models import SourceSystem
from tests.bench.journeys import Journey, chunks, happenings
from tests.bench.world import SOURCE, place, shipped_plan

ORDERS, DAYS, A_YEAR = 200, 40.5, 9  # so many orders within so many days, nine times a year: 1,800 a year
FIRST_NUMBER = 500_000  # of patients and donations: none of the open orders has one of these
CLAIM = 300
SAID_ON_DAYS = (1, 4, 8, 12, 16, 20)
# Queues, what is read anew from the rest, and what every order has of its own by a trigger.
NOT_COPIED = {"batches_pendingflip", "batches_notification", "batches_orderoutcome", "supplychain_changenotice",
              "supplychain_duemark", "supplychain_dueorder"}  # fmt: skip
# What tells an order from all others, where it is text: a part of a file has a number that counts.
NAMES = {"coi", "patient_reference", "source_event_id", "value", "likeness", "number", "key", "tracking_number",
         "donation_number"}  # fmt: skip
CHOSEN_SQL = "CREATE TEMP TABLE chosen ON COMMIT DROP AS SELECT unnest(%s::uuid[]) AS id"
IN_A_DAY = {"recheck_after"}  # when the chains of the copies are verified


def build_past() -> list[str]:
    """Ended orders of the last forty days, beside those that are open; their ids."""
    chance = random.Random(1)
    reporter = Reporter.of_source(SourceSystem.objects.get(code=SOURCE))
    journeys = _journeys(reporter, chance)
    first = [row for journey in journeys for row in journey.past(journey.left // 2)]
    _report(iter(first), reporter)
    _judge()  # half-way, long ago: flags that the rest of the journey clears, as in life
    _report((row for journey in journeys for row in _rest(journey)), reporter)
    _judge()
    order_ids = [journey.order_id for journey in journeys]
    _foretell(order_ids, chance)
    return order_ids


def copy_past(order_ids: list[str], years: int) -> int:
    """The years before, as copies of these orders; how many orders that makes."""
    copies = years * A_YEAR + 1  # what looks back 400 days shall find as much in one year as in ten
    copy_orders(order_ids, copies)
    while refresh_outcomes():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return copies * ORDERS


def _journeys(reporter: Reporter, chance: random.Random) -> list[Journey]:
    now, flow = timezone.now(), shipped_plan()
    plan = happenings(flow)
    newest = now - timedelta(hours=plan[-1][2] + 1)
    moments = [newest - timedelta(days=chance.random() * DAYS) for _ in range(ORDERS)]
    return place(range(FIRST_NUMBER, FIRST_NUMBER + ORDERS), moments, flow, plan, reporter, now, chance)


def _rest(journey: Journey) -> Iterator[dict[str, Any]]:
    rows = list(journey.past(journey.left))
    closed = {"source_event_id": f"{journey.order_id}-closed", "order": journey.order_id,
              "kind": OrderEventKind.CLOSED.value, "occurred_at": rows[-1]["occurred_at"]}  # fmt: skip
    yield from (*rows, closed)


def _report(rows: Iterator[dict[str, Any]], reporter: Reporter) -> None:
    for some in chunks(rows):
        results = record_events(some, by=reporter)
        assert all(result.outcome == ReportOutcome.CREATED for result in results), results[0]


def _judge() -> None:
    while evaluate_due_orders(now=timezone.now(), limit=CLAIM).claimed:
        pass


def _foretell(order_ids: list[str], chance: random.Random) -> None:
    """What a line's forecast might have said of each order over its time, and what came of it."""
    rows = []
    for order in PatientOrder.objects.filter(pk__in=order_ids):
        moments = [order.ordered_at + timedelta(days=day) for day in SAID_ON_DAYS]
        for made_at, until in zip(moments, [*moments[1:], None], strict=True):
            ready = order.promised_at + timedelta(hours=chance.gauss(0, 40))
            width, late = timedelta(hours=60), chance.random()
            rows.append(Prediction(
                order=order, line_id=order.plant_id, made_at=made_at, superseded_at=until, model="bench", paths=500,
                promised_at=order.promised_at, ready_low=ready - width, ready_median=ready, ready_high=ready + width,
                p_late=late, p_late_simulated=late, p_wait_expires=0.05, p_no_dose=0.1, baseline_ready_at=ready,
            ))  # fmt: skip
    Prediction.objects.bulk_create(rows)
    while score_predictions(now=timezone.now()):
        pass


def copy_orders(order_ids: list[str], copies: int) -> None:
    """The orders with all that hangs on them `copies - 1` times more, each DAYS before the last."""
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CHOSEN_SQL, [order_ids])
        for model in tables:
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER USER')
            cursor.execute(copy_sql(model, tables), {"copies": copies - 1, "span": timedelta(days=DAYS)})
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ENABLE TRIGGER USER')


def _tables() -> list[type[models.Model]]:
    """Orders and all that belongs to them, each after what it belongs to."""
    found: list[type[models.Model]] = [PatientOrder]
    for _ in range(3):  # so deep do they hang
        for model in apps.get_models():
            if model not in found and model._meta.db_table not in NOT_COPIED and _owners(model, found):
                found.append(model)
    return found


def _owners(model: type[models.Model], tables: Sequence[type[models.Model]]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.related_model in tables]


def copy_sql(model: type[models.Model], tables: Sequence[type[models.Model]]) -> str:
    """The rows of this table that belong to the chosen orders, `copies` times more, each `span` before the last."""
    fields = [field for field in model._meta.concrete_fields if not field.generated
              and not isinstance(field, models.BigAutoField)]  # fmt: skip
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, tables) for field in fields)
    return (f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {values} FROM "{model._meta.db_table}" r,'
            f" generate_series(1, %(copies)s) AS n WHERE {_belongs(model, tables, 'r')}")  # fmt: skip


def _belongs(model: type[models.Model], tables: Sequence[type[models.Model]], name: str) -> str:
    """Whether a row belongs to one of the chosen orders."""
    if model is PatientOrder:
        return f"{name}.id IN (SELECT id FROM chosen)"
    owner = next(field for field in _owners(model, tables) if field.related_model is not model)
    if owner.related_model is PatientOrder:
        return f'{name}."{owner.column}" IN (SELECT id FROM chosen)'
    table, above = owner.related_model._meta.db_table, f"{name}_"
    inner = _belongs(owner.related_model, tables, above)
    return f'{name}."{owner.column}" IN (SELECT {above}.id FROM "{table}" {above} WHERE {inner})'


def _value(field: Any, tables: Sequence[type[models.Model]]) -> str:
    column = f'r."{field.column}"'
    if field.related_model in tables or (field.primary_key and isinstance(field, models.UUIDField)):
        return _copied_id(column)
    if isinstance(field, models.DateTimeField):
        return "now() + interval '1 day'" if field.name in IN_A_DAY else f"{column} - n * %(span)s"
    if field.name in NAMES and isinstance(field, (models.CharField, models.TextField)):
        return f"CASE WHEN {column} = '' THEN '' ELSE {column} || '-' || n END"
    return column


def _copied_id(column: str) -> str:
    """The id as it would have been given then: it begins with its moment (UUIDv7), by which indexes are filled."""
    text = f"replace({column}::text, '-', '')"
    milliseconds = f"(('x' || left({text}, 12))::bit(48)::bigint - n * (EXTRACT(EPOCH FROM %(span)s) * 1000)::bigint)"
    return f"(lpad(to_hex({milliseconds}), 12, '0') || substr({text}, 13))::uuid"
