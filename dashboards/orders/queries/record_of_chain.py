"""The part of an order's record that is of its cells on their way: readings, excursions, custody, labels, copies."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from supplychain.conditions.models import DifferingReading, Excursion, LoggerReading, LoggerRecord, ReadingDelivery
from supplychain.custody.models import CustodyEntry, HandOverLink
from supplychain.documents.models import IssuedReport
from supplychain.labels.models import Label
from supplychain.orders.models import PatientOrder

READ = ("shipment", "logger", "read_at", "temperature", "delivery")


def record_of_chain(order: PatientOrder, fields: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """What is kept beside stages and events, that was withdrawn included; nine queries. Temperatures in °C. `fields`:
    every stored field of a row but those to `leave` out.

    Files of loggers are named by their hash (`reading_deliveries`), chain reports by their fingerprint.
    """
    of_order = {"shipment__stage_run__order": order}
    given: list[tuple[str, Any, tuple[str, ...]]] = [
        ("reading_deliveries", ReadingDelivery.objects.filter(**of_order).order_by("received_at"), ("place", "tries")),
        ("logger_records", LoggerRecord.objects.filter(**of_order), ("points", "outside_points")),
        ("excursions", Excursion.everything.filter(order=order).order_by("started_at", "pk"), ()),
        ("custody", CustodyEntry.everything.filter(order=order).order_by("pk"), ()),
        ("labels", Label.everything.filter(order=order).order_by("pk"), ()),
        ("driver_links", HandOverLink.objects.filter(order=order).order_by("made_at"), ("token_hash",)),
        ("chain_reports", IssuedReport.objects.filter(order=order).defer("content"), ("content",)),
    ]
    found: dict[str, Any] = {name: [fields(row, leave=leave) for row in rows] for name, rows, leave in given}
    tables: dict[str, type[Model]] = {"readings": LoggerReading, "differing_readings": DifferingReading}
    for name, table in tables.items():
        found[name] = list(table.objects.filter(**of_order).order_by("read_at", "logger").values(*READ))
    return found
