"""A world of the patient's chain: many orders with ten materials each, one vector lot in every twentieth of them.

A hundred orders go through the actions; the rest are their copies with what is looked up when a code is read or a lot
is traced. Their events are not copied: nobody judges them.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from supplychain.materials.models import LotUse, Material, MaterialParent
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.models import Identifier, PatientOrder, StageRun
from supplychain.orders.statuses import ReportOutcome
from supplychain.systems.actions import CHECK
from supplychain.systems.models import SourceSystem
from supplychain.transport.models import Shipment
from tests.bench.history import CHOSEN_SQL, copy_sql
from tests.bench.journeys import chunks
from tests.bench.world import SOURCE, build_world

ORDERS, MATERIALS = 100, 10
LOT, LOT_EVERY = "VEC-7001", 20
# Ten years of them.
STEP = timedelta(days=3.65)
TABLES = (PatientOrder, Identifier, StageRun, Shipment, Material, MaterialParent, LotUse)
# Of the stages what is read with a number; what was made of what and the use of lots where the lot is traced.
ALONE = {StageRun: "r.details <> '{}'"}
TRACED = {MaterialParent, LotUse}

REFERENCES_SQL = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)"""
INDEXES_SQL = """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisunique"""

USES = LotUse._meta.db_table


def build_chain() -> None:
    """The orders that the others are copies of, in the empty database."""
    world = build_world(ORDERS)
    source = SourceSystem.objects.get(code=SOURCE)
    source.scopes = [*source.scopes, CHECK]
    source.save()
    orders = [journey.order_id for journey in world.journeys]
    for rows in chunks(_of_materials(orders, world.made_at)):
        results = record_events(rows, by=Reporter.of_source(source))
        assert all(result.outcome == ReportOutcome.CREATED for result in results), results


def _of_materials(orders: Sequence[str], now: datetime) -> Iterator[dict[str, Any]]:
    """A bag, what was made of it, and the dose that came of all that; into every twentieth went the lot."""
    for place, order in enumerate(orders):
        numbers = [f"MAT-{place:03}-{number}" for number in range(MATERIALS)]
        bag, *between, dose = numbers
        yield _event(order, bag, "material", {"number": bag, "kind": "collection_bag"}, now)
        for number in between:
            yield _event(order, number, "material", {"number": number, "kind": "intermediate", "parents": [bag]}, now)
        yield _event(order, dose, "material", {"number": dose, "kind": "final_bag", "parents": between}, now)
        if place % LOT_EVERY == 0:
            used = {"lot": LOT, "product": "Vector", "kind": "vector", "number": between[0]}
            yield _event(order, f"{dose}-lot", "lot_used", used, now)


def _event(order: str, name: str, kind: str, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {"source_event_id": f"{order}-{name}", "order": order, "kind": kind, "occurred_at": now.isoformat(),
            "payload": payload}  # fmt: skip


def copy_chain(copies: int) -> None:
    """As many orders as there are, `copies` times."""
    ids = [str(one) for one in PatientOrder.objects.values_list("pk", flat=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CHOSEN_SQL, [ids])
        with _bare(cursor):
            for model in TABLES:
                traced = f"r.order_id IN (SELECT order_id FROM {USES})" if model in TRACED else "true"
                sql = f"{copy_sql(model, TABLES)} AND {ALONE.get(model, traced)}"
                cursor.execute(sql, {"copies": copies - 1, "span": STEP})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _bare(cursor: Any) -> Iterator[None]:
    """The tables meanwhile without triggers, references and indexes: made for each of millions of rows they take
    minutes, made once for all some seconds."""
    tables = [model._meta.db_table for model in TABLES]
    cursor.execute(REFERENCES_SQL, [tables])
    references = cursor.fetchall()
    cursor.execute(INDEXES_SQL, [tables])
    indexes = cursor.fetchall()
    drop = [f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for table, name, _ in references]
    drop += [f'DROP INDEX "{name}"' for name, _ in indexes]
    cursor.execute("; ".join([*(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), *drop]))
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    made = [definition for _, definition in indexes]
    made += [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {words}' for table, name, words in references]
    cursor.execute("; ".join([*made, *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables)]))


def codes_to_read(count: int) -> dict[str, list[tuple[str, str]]]:
    """By what a check answers, orders and what is read with each in hand. A mismatch is told of orders with events."""
    chance = random.Random(1)
    own = list(Material.objects.filter(key__startswith="mat-", key__regex=r"^mat-\d+-\d$").values_list("key", "order"))
    some = [_anywhere(chance.choice(own)[0], chance) for _ in range(count)]
    others = [order for _, order in chance.choices(own, k=count)]
    return {
        "match": [(str(order), number) for number, order in some],
        "mismatch": [(str(order), number) for order, (number, of) in zip(others, some, strict=True) if of != order],
        "unknown": [(str(order), f"NONE-{place}") for place, (_, order) in enumerate(some)],
    }


def _anywhere(key: str, chance: random.Random) -> tuple[str, UUID]:
    """A material that was copied from this one, with its order; itself where there is no copy."""
    last = PatientOrder.objects.count() // ORDERS - 1
    wanted = f"{key}-{chance.randint(1, last)}" if last else key
    return Material.objects.values_list("number", "order").get(key=wanted)
