"""How PostgreSQL would find the rows of a query among many."""

from typing import Any

from django.db import connection

from supplychain.orders.models import Identifier, PatientOrder


def make_many(order: PatientOrder, **fields: Any) -> None:
    """So many orders like this one that reading them all would cost more than an index."""
    columns = ("product_id", "flow_id", "ordering_site_id", "collection_site_id", "infusion_site_id", "plant_id")
    same = {name: getattr(order, name) for name in (*columns, "ordered_at")} | fields
    made = PatientOrder.objects.bulk_create(
        PatientOrder(coi=f"X{n:05}", patient_reference=f"Y{n:05}", **same) for n in range(3_000)
    )
    Identifier.objects.bulk_create(
        Identifier(order=one, kind="coi", value=one.coi, recorded_at=order.ordered_at) for one in made
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE supplychain_patientorder, supplychain_identifier")


class Explained:
    """Asks for the plan of every query, in which a whole table is read only where no index can serve.

    Of small tables PostgreSQL reads all, or not, by what it happened to learn of them from tests before this one.
    """

    def __init__(self) -> None:
        self.plans: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        with connection.connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", params)
            self.plans += [row[0] for row in cursor.fetchall()]
        return execute(sql, params, many, context)
