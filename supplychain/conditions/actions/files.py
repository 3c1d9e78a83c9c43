"""Loggers' files that people hand in: kept as they came, then read, and taken once nothing is open."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction

from supplychain.conditions.actions.judging import judge_loggers, locked_shipments
from supplychain.conditions.actions.partitions import make_partitions
from supplychain.conditions.actions.storing import MOST_LOGGERS, TOO_MANY, ComingReading, loggers_of, store_readings
from supplychain.conditions.models import ReadingDelivery, ReadingFilePart
from supplychain.conditions.queries import condition_of
from supplychain.conditions.rules.forms import ASKED, MOST_HEAD, FileForm, form_of
from supplychain.conditions.rules.names import logger_name
from supplychain.conditions.rules.previews import Preview, doubt_of, refusal_of, warning_of
from supplychain.conditions.rules.readings import MOST_FAULTS, Fault, Told, readings_of
from supplychain.conditions.rules.texts import FileUnreadable, lines_of
from supplychain.conditions.statuses import DeliveryStatus, ReadingOutcome
from supplychain.people.models import User
from supplychain.transport.models import Shipment

PART_BYTES = 1 << 20
MOST_BYTES = 250 << 20


class ReadingFileRefused(Exception):
    """A file that is not kept; the message says what to do."""


def receive_file(shipment: Shipment, file: BinaryIO, name: str, *, by: User, now: datetime) -> ReadingDelivery:
    """Keep the file as it came, and take its readings if it says all that must be known. Raises ReadingFileRefused.

    The same file again is the delivery that is there already.
    """
    digest, size = _digest(file)
    known = ReadingDelivery.objects.filter(shipment=shipment, sha256=digest).first()
    if known:
        return known
    try:
        delivery = _keep(shipment, file, name, digest, size, by, now)
    except IntegrityError:
        return ReadingDelivery.objects.get(shipment=shipment, sha256=digest)
    return take_file(delivery.pk, {}, is_sure=False, now=now)


def _digest(file: BinaryIO) -> tuple[str, int]:
    digest, size = sha256(), 0
    for piece in _pieces(file):
        digest.update(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise ReadingFileRefused(f"The file is larger than {MOST_BYTES >> 20} MB: export the shipment alone.")
    if not size:
        raise ReadingFileRefused("The file is empty: export it again from the logger's program.")
    return digest.hexdigest(), size


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PART_BYTES):
        yield piece


@transaction.atomic
def _keep(
    shipment: Shipment, file: BinaryIO, name: str, digest: str, size: int, by: User, now: datetime
) -> ReadingDelivery:
    delivery = ReadingDelivery.objects.create(
        shipment=shipment, user=by, received_at=now, file_name=name[:200] or "file", sha256=digest, size=size,
        status=DeliveryStatus.ASKS,
    )  # fmt: skip
    for number, piece in enumerate(_pieces(file)):
        ReadingFilePart.objects.create(delivery=delivery, number=number, content=zlib.compress(piece))
    return delivery


def pieces_of(delivery_id: UUID) -> Iterator[bytes]:
    """The file as it came, a part at a time."""
    parts = ReadingFilePart.objects.filter(delivery=delivery_id).order_by("number").values_list("number", flat=True)
    for number in parts:
        content = ReadingFilePart.objects.values_list("content", flat=True).get(delivery=delivery_id, number=number)
        yield zlib.decompress(bytes(content))


def take_file(delivery_id: UUID, answers: Mapping[str, str], *, is_sure: bool, now: datetime) -> ReadingDelivery:
    """Read a kept file with what somebody answered (rules.forms.ASKED), and take its readings unless something is open:
    a question, or a doubt about the unit of which nobody `is_sure`. A file that was taken stays as it is."""
    delivery = ReadingDelivery.objects.get(pk=delivery_id)
    if delivery.is_taken:
        return delivery
    try:
        form = _form(delivery_id).told(answers)
    except FileUnreadable as refused:
        return _left(delivery, DeliveryStatus.REFUSED, str(refused))
    delivery.zone, delivery.unit, delivery.date_order = form.zone, form.unit, form.order
    delivery.logger = logger_name(form.logger)
    delivery.understood = {"has_offsets": form.has_offsets}
    if form.asks or not delivery.logger:
        asked = form.asks or ("logger",)
        return _left(delivery, DeliveryStatus.ASKS, " ".join(ASKED[name] for name in asked)[:400])
    return _taken(delivery, form, is_sure=is_sure, now=now)


def _form(delivery_id: UUID) -> FileForm:
    return form_of([line for line, _ in islice(lines_of(pieces_of(delivery_id)), MOST_HEAD)])


def _taken(delivery: ReadingDelivery, form: FileForm, *, is_sure: bool, now: datetime) -> ReadingDelivery:
    """Read it twice: first to know what it says as a whole, then to store it, never with all of it in memory."""
    told, preview = Told(), Preview()
    for _ in preview.seen(readings_of(lines_of(pieces_of(delivery.pk)), form, told)):
        pass
    delivery.readings, delivery.faulty, delivery.behind = told.readings, told.faulty, told.behind
    delivery.is_cut, delivery.understood = told.is_cut, delivery.understood | preview.said
    delivery.faults = [fault._asdict() for fault in told.faults]
    if refusal := refusal_of(told):
        return _left(delivery, DeliveryStatus.REFUSED, refusal)
    condition = condition_of(delivery.shipment)
    if (doubt := doubt_of(preview, form.unit, condition)) and not is_sure:
        return _left(delivery, DeliveryStatus.ASKS, doubt)
    make_partitions(preview.months.values(), now=now)
    return _stored(delivery, form, now)


@transaction.atomic
def _stored(delivery: ReadingDelivery, form: FileForm, now: datetime) -> ReadingDelivery:
    (shipment,) = locked_shipments([delivery.shipment_id])
    if ReadingDelivery.objects.get(pk=delivery.pk).status == DeliveryStatus.TAKEN:
        return delivery
    known = loggers_of(shipment.pk)
    if delivery.logger not in known and len(known) >= MOST_LOGGERS:
        return _left(delivery, DeliveryStatus.REFUSED, TOO_MANY)
    warning = warning_of(delivery.faulty, delivery.faults)
    for stored in store_readings(shipment.pk, delivery.pk, _coming(delivery, form)):
        delivery.fresh += stored.fresh
        differing = [one for one in stored.others if one.outcome == ReadingOutcome.CONFLICT]
        delivery.differing += len(differing)
        room = MOST_FAULTS - len(delivery.faults)
        delivery.faults += [
            Fault(one.line, f"{one.outcome.label}: {one.known / 100:g} °C.", "")._asdict() for one in differing[:room]
        ]
    _left(delivery, DeliveryStatus.TAKEN, warning)
    if delivery.fresh:
        judge_loggers(shipment, [delivery.logger], now=now)
    return delivery


def _coming(delivery: ReadingDelivery, form: FileForm) -> Iterable[ComingReading]:
    lines = lines_of(pieces_of(delivery.pk))
    for number, reading in enumerate(readings_of(lines, form, Told())):
        yield ComingReading(number, delivery.logger, *reading)


def _left(delivery: ReadingDelivery, status: DeliveryStatus, problem: str) -> ReadingDelivery:
    delivery.status, delivery.problem = status, problem[:400]
    delivery.save()
    return delivery
