"""Loggers' files that people and systems hand in: kept as they came before anything of them is read."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction

from supplychain.asking import ask_worker
from supplychain.conditions.actions.taking import SILENCE, TASK, read_file
from supplychain.conditions.models import ReadingDelivery, ReadingFilePart
from supplychain.conditions.rules.names import logger_name
from supplychain.conditions.statuses import DeliveryStatus
from supplychain.orders.actions.events import Reporter
from supplychain.transport.models import Shipment

PART_BYTES = 1 << 20
MOST_BYTES = 250 << 20
# So much is read while its sender waits (about a second); of more the sender is told where to look.
SMALL_BYTES = 2 << 20


class ReadingFileRefused(Exception):
    """A file that is not kept; the message says what to do."""


def receive_file(shipment: Shipment, file: BinaryIO, name: str, *, by: Reporter, now: datetime) -> ReadingDelivery:
    """Keep the file as it came, and take its readings if it says all that must be known; a large one is read by a
    worker. Raises ReadingFileRefused.

    The same file again is the delivery that is there already; one that could not be read is tried anew.
    """
    digest, size = _digest(file)
    delivery = ReadingDelivery.objects.filter(shipment=shipment, sha256=digest).first()
    if delivery is None:
        try:
            delivery = _keep(shipment, file, name, digest, size, by, now)
        except IntegrityError:
            delivery = ReadingDelivery.objects.get(shipment=shipment, sha256=digest)
    return _begin(delivery, {DeliveryStatus.REFUSED}, {}, now)


def answer_file(delivery_id: UUID, answers: Mapping[str, str], *, is_sure: bool, now: datetime) -> ReadingDelivery:
    """Read a kept file with what somebody answered (rules.forms.ASKED); `is_sure`: they looked at its unit. A file of
    which nothing is asked stays as it is."""
    said: dict[str, Any] = {
        ("date_order" if name == "order" else name): text.strip() for name, text in answers.items() if text
    }
    if "logger" in said:
        said["logger"] = logger_name(said["logger"])
    said["is_sure"] = is_sure or "unit" in said
    return _begin(ReadingDelivery.objects.get(pk=delivery_id), {DeliveryStatus.ASKS}, said, now)


def _begin(delivery: ReadingDelivery, of: set[DeliveryStatus], said: Mapping, now: datetime) -> ReadingDelivery:
    """Have a file read from its beginning if it is one `of` these, or is to be read anyway."""
    anew = {"status": DeliveryStatus.READING, "place": {}, "looked_at": 0, "tries": 0, "leased_until": now + SILENCE}
    ReadingDelivery.objects.filter(pk=delivery.pk, status__in=of).update(**anew, **said)
    delivery.refresh_from_db()
    if not delivery.is_being_read:
        return delivery
    if delivery.size > SMALL_BYTES:
        transaction.on_commit(lambda: ask_worker(TASK, delivery.pk))
        return delivery
    read_file(delivery.pk, now=now)
    return ReadingDelivery.objects.get(pk=delivery.pk)


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
    shipment: Shipment, file: BinaryIO, name: str, digest: str, size: int, by: Reporter, now: datetime
) -> ReadingDelivery:
    delivery = ReadingDelivery.objects.create(
        shipment=shipment, user=by.user, source=by.source, received_at=now, file_name=name[:200] or "file",
        sha256=digest, size=size, status=DeliveryStatus.READING, leased_until=now + SILENCE,
    )  # fmt: skip
    for number, piece in enumerate(_pieces(file)):
        ReadingFilePart.objects.create(delivery=delivery, number=number, content=zlib.compress(piece, 1))
    return delivery
