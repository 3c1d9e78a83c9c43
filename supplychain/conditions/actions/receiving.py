"""Readings that a system sends through the interface: each is taken or told why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec import Meta

from supplychain.conditions.actions.judging import judge_loggers, locked_shipments
from supplychain.conditions.actions.partitions import make_partitions
from supplychain.conditions.actions.storing import TOO_MANY, ComingReading, loggers_of, store_readings, within_limit
from supplychain.conditions.models import ReadingDelivery
from supplychain.conditions.rules.names import LONGEST, logger_name
from supplychain.conditions.rules.readings import NOT_MEASURED_YET, PLAUSIBLE, hundredths, is_to_come
from supplychain.conditions.statuses import DeliveryStatus, ReadingOutcome
from supplychain.field_words import struct_problems
from supplychain.moments import PLAUSIBLE_YEARS, UnreadableMoment, read_moment
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.transport.models import Shipment

MOST_READINGS = 5_000


class ReadingReport(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One temperature that a logger measured in a shipment."""

    stage: Annotated[str, Meta(min_length=1, max_length=40, description="Code of the transport in the order's flow.")]
    logger: Annotated[str, Meta(min_length=1, max_length=LONGEST, description="Serial number of the logger.")]
    read_at: Annotated[datetime, Meta(tz=True, description="When, by the logger's clock; RFC 3339, with offset.")]
    temperature: Annotated[float, Meta(description="In `unit`; kept to a hundredth of a degree.")]
    unit: Annotated[str, Meta(description="C or F.", extra_json_schema={"enum": ["C", "F"]})] = "C"
    attempt: Annotated[int, Meta(ge=1, le=20, description="Manufacturing run; left out: the newest.")] | None = None


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """What became of one reading; `errors`: what is wrong with it, by field."""

    outcome: ReadingOutcome
    reason: str = ""
    errors: Mapping[str, str] | None = None


def receive_readings(
    order: PatientOrder, rows: Sequence[Mapping[str, Any]], *, by: Reporter, now: datetime
) -> list[ReadingResult]:
    """Store the readings of an order's shipments and judge them; one result a row, bad rows cost no good one.

    Raises ValueError for more than MOST_READINGS rows.
    """
    if len(rows) > MOST_READINGS:
        raise ValueError(f"Send at most {MOST_READINGS:,} readings at once; these are {len(rows):,}.")
    shipments = _shipments(order)
    results: list[ReadingResult] = []
    coming: dict[UUID, list[ComingReading]] = {}
    for line, row in enumerate(rows):
        found = _read(row, shipments, now)
        if isinstance(found, ReadingResult):
            results.append(found)
        else:
            shipment, report, temperature = found
            results.append(ReadingResult(ReadingOutcome.CREATED))
            one = ComingReading(line, logger_name(report.logger), report.read_at, temperature)
            coming.setdefault(shipment.pk, []).append(one)
    if coming:
        _store(coming, results, by, now)
    return results


def _shipments(order: PatientOrder) -> dict[tuple[str, int], Shipment]:
    """The order's shipments by stage and attempt, the newest last."""
    rows = Shipment.objects.filter(stage_run__order=order, stage_run__withdrawn_at__isnull=True)
    rows = rows.select_related("stage_run__stage").order_by("stage_run__attempt")
    return {(row.stage_run.stage.code, row.stage_run.attempt): row for row in rows}


def _read(
    row: Mapping[str, Any], shipments: Mapping[tuple[str, int], Shipment], now: datetime
) -> ReadingResult | tuple[Shipment, ReadingReport, int]:
    """The reading with its shipment and in hundredths of a degree, or why it is not taken."""
    if not isinstance(row, Mapping):
        return _refused({"": "A reading is a JSON object with stage, logger, read_at and temperature."})
    said, problems = dict(row), {}
    if isinstance(said.get("read_at"), str):
        try:
            said["read_at"] = read_moment(said["read_at"])
        except UnreadableMoment as problem:
            problems["read_at"] = f"{str(problem)[:1].upper()}{str(problem)[1:]}"
    try:
        report = msgspec.convert(said, ReadingReport)
    except msgspec.ValidationError:
        return _refused(struct_problems(said, ReadingReport, {}) | problems)
    temperature = hundredths(repr(report.temperature), report.unit) if abs(report.temperature) < 1_000 else 10**6
    found = [one for key, one in shipments.items() if key[0] == report.stage and report.attempt in (None, key[1])]
    problems |= _problems(report, temperature, now, known=bool(found))
    return _refused(problems) if problems else (found[-1], report, temperature)


def _problems(report: ReadingReport, temperature: int, now: datetime, *, known: bool) -> dict[str, str]:
    problems = {}
    if not known:
        problems["stage"] = "No shipment of this order is planned or reported for it: report the transport first."
    if not logger_name(report.logger):
        problems["logger"] = "Give the serial number as it is printed: letters, digits, blanks and . : # / ( ) + -."
    if report.unit not in ("C", "F"):
        problems["unit"] = "Use C or F."
    elif temperature not in PLAUSIBLE:
        problems["temperature"] = "This temperature cannot be: the probe is broken, or the unit is another."
    if report.read_at.year not in PLAUSIBLE_YEARS:
        problems["read_at"] = "This year cannot be: look at the logger's clock."
    elif is_to_come(report.read_at, now):
        problems["read_at"] = NOT_MEASURED_YET
    return problems


def _refused(errors: Mapping[str, str]) -> ReadingResult:
    return ReadingResult(ReadingOutcome.REJECTED, " ".join(errors.values()), errors)


def _store(
    coming: Mapping[UUID, Sequence[ComingReading]], results: list[ReadingResult], by: Reporter, now: datetime
) -> None:
    make_partitions({one.read_at for part in coming.values() for one in part}, now=now)
    with transaction.atomic():
        for shipment in locked_shipments(coming):
            part, refused = within_limit(coming[shipment.pk], loggers_of(shipment.pk))
            for one in refused:
                results[one.line] = _refused({"logger": TOO_MANY})
            if not part:
                continue
            delivery = ReadingDelivery.objects.create(
                shipment=shipment, source=by.source, user=by.user, received_at=now, status=DeliveryStatus.TAKEN,
                readings=len(part),
            )  # fmt: skip
            (stored,) = store_readings(shipment.pk, delivery.pk, part)
            for one in stored.others:
                results[one.line] = ReadingResult(one.outcome, one.words)
            delivery.fresh = stored.fresh
            delivery.differing = sum(one.outcome == ReadingOutcome.CONFLICT for one in stored.others)
            delivery.save(update_fields=["fresh", "differing"])
            if stored.is_news:
                judge_loggers(shipment, sorted({one.logger for one in part}), now=now)
