"""Loggers' files that are kept are read: once to know what they say as a whole, once to store it.

Never with all of it in memory, a slice of time after another, and each part with how far it went in one transaction: a
worker that is killed doubles nothing, and the next one goes on where it stood.
"""

import time
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from math import inf
from uuid import UUID

from django.db import transaction
from django.db.models import F

from supplychain.conditions.actions.judging import judge_loggers, locked_shipments
from supplychain.conditions.actions.partitions import make_partitions
from supplychain.conditions.actions.storing import (
    MOST_AT_ONCE,
    MOST_LOGGERS,
    TOO_MANY,
    ComingReading,
    StoredPart,
    begin_record,
    loggers_of,
    store_readings,
)  # fmt: skip
from supplychain.conditions.models import ReadingDelivery, ReadingFilePart
from supplychain.conditions.queries import condition_of
from supplychain.conditions.rules.forms import ASKED, MOST_HEAD, FileForm, form_of
from supplychain.conditions.rules.names import logger_name
from supplychain.conditions.rules.previews import Preview, doubt_of, refusal_of, warning_of
from supplychain.conditions.rules.readings import MOST_FAULTS, Fault, LineReader, Told, readings_of
from supplychain.conditions.rules.texts import FileUnreadable, lines_of
from supplychain.conditions.statuses import DeliveryStatus, ReadingOutcome
from supplychain.leases import take

TASK = "supplychain.conditions.read_file"
# Much longer than a part takes: what is not renewed by then belongs to a worker that is no more.
LEASE = timedelta(seconds=120)
# A file whose message was lost is asked for again after this.
SILENCE = timedelta(seconds=30)
MOST_TRIES = 5
STOPPED = f"Reading it stopped {MOST_TRIES} times without coming further. The file is kept: tell the administrator."
BETWEEN_SIGNS = 2.0  # seconds between two words on how far it is
WORKED_ON = (
    "status", "problem", "place", "looked_at", "tries", "probe", "zone", "unit", "date_order", "logger", "readings",
    "fresh", "differing", "faulty", "behind", "is_cut", "faults", "understood", "lease", "leased_until",
)  # fmt: skip


class HoldLost(Exception):
    """Somebody else reads the file now: this worker was taken for dead."""


def read_file(delivery_id: UUID, *, now: datetime, seconds: float = inf) -> bool:
    """Read a kept file for about `seconds`; whether there is more to do. Does nothing where somebody else is at it."""
    delivery = _held(delivery_id, now)
    if delivery is None:
        return False
    work = _Work(delivery, now, seconds)
    try:
        work.go_on()
    except FileUnreadable as refused:
        work.leave(DeliveryStatus.REFUSED, str(refused))
    except HoldLost:
        return False
    return delivery.is_being_read


@transaction.atomic
def claim_silent_files(*, now: datetime) -> list[UUID]:
    """Files that nobody has worked on for a while: their message was lost, or their worker is no more."""
    silent = ReadingDelivery.objects.filter(status=DeliveryStatus.READING, leased_until__lte=now)
    ids = list(silent.select_for_update(skip_locked=True).values_list("pk", flat=True))
    ReadingDelivery.objects.filter(pk__in=ids).update(lease=None, leased_until=now + SILENCE)
    return ids


def pieces_of(delivery_id: UUID) -> Iterator[bytes]:
    """The file as it came, a part at a time."""
    parts = ReadingFilePart.objects.filter(delivery=delivery_id).order_by("number").values_list("number", flat=True)
    for number in parts:
        content = ReadingFilePart.objects.values_list("content", flat=True).get(delivery=delivery_id, number=number)
        yield zlib.decompress(bytes(content))


@transaction.atomic
def _held(delivery_id: UUID, now: datetime) -> ReadingDelivery | None:
    """The file, if it is to be read and free; from now on it is this worker's for LEASE."""
    rows = ReadingDelivery.objects.filter(pk=delivery_id, status=DeliveryStatus.READING)
    found = take(rows, now=now, lasts=LEASE, tries=F("tries") + 1)
    if not found:
        return None
    (delivery,) = found
    delivery.tries += 1
    if delivery.tries > MOST_TRIES:
        delivery.status, delivery.problem, delivery.place = DeliveryStatus.REFUSED, STOPPED, {}
        delivery.give_back()
        delivery.save(update_fields=WORKED_ON)
        return None
    return delivery


class _Work:
    """One worker at one file, for a slice of time."""

    def __init__(self, delivery: ReadingDelivery, now: datetime, seconds: float) -> None:
        self.delivery, self.now, self.seconds, self.lease = delivery, now, seconds, delivery.lease
        self.began = self.told_at = time.monotonic()

    def go_on(self) -> None:
        """Read on, until it is read, something is open, or the time is over."""
        delivery = self.delivery
        form = _form(delivery)
        delivery.probe, delivery.zone, delivery.unit, delivery.date_order = form.probe, form.zone, form.unit, form.order
        delivery.logger = logger_name(form.logger)
        delivery.understood |= {"has_offsets": form.has_offsets, "probes": list(form.probes)}
        if form.asks or not delivery.logger:
            asked = form.asks or ("logger",)
            self.leave(DeliveryStatus.ASKS, " ".join(ASKED[name] for name in asked))
        elif (delivery.place.get("is_seen") or self._looked(form)) and self._stored(form):
            self._judged()

    def leave(self, status: DeliveryStatus, problem: str = "") -> None:
        """End the work with what came of it."""
        delivery = self.delivery
        delivery.status, delivery.problem, delivery.place, delivery.tries = status, problem[:400], {}, 0
        delivery.give_back()
        self._keep()

    def _looked(self, form: FileForm) -> bool:
        """The first time through. Whether it may be stored; else it says what is open, or there is more to look at."""
        delivery = self.delivery
        said = delivery.place
        told, preview = Told(**said.get("told", {})), Preview.of(said.get("preview", {}))
        told.faults = [Fault(**fault) for fault in delivery.faults] if said else []
        reader = LineReader(form, said, came_at=delivery.received_at)
        readings = preview.seen(readings_of(lines_of(self._pieces(0)), reader, told))
        while sum(1 for _ in islice(readings, MOST_AT_ONCE)) == MOST_AT_ONCE:
            if self._tells():
                self._note(told)
                delivery.place = reader.place | {"told": told.counts, "preview": preview.kept}
                if not self._goes_on():
                    return False
        self._note(told)
        delivery.understood |= preview.said
        if refusal := refusal_of(told):
            self.leave(DeliveryStatus.REFUSED, refusal)
            return False
        doubt = "" if delivery.is_sure else doubt_of(preview, form.unit, condition_of(delivery.shipment))
        if doubt:
            self.leave(DeliveryStatus.ASKS, doubt)
            return False
        make_partitions(preview.months.values(), now=self.now)
        delivery.place = {"is_seen": True}
        return True

    def _note(self, told: Told) -> None:
        delivery = self.delivery
        delivery.readings, delivery.faulty, delivery.behind = told.readings, told.faulty, told.behind
        delivery.is_cut, delivery.faults = told.is_cut, [fault._asdict() for fault in told.faults]

    def _stored(self, form: FileForm) -> bool:
        """The second time through. Whether all of it is stored."""
        delivery = self.delivery
        if not self._has_room():
            return False
        reader = LineReader(form, delivery.place, came_at=delivery.received_at)
        readings = readings_of(lines_of(self._pieces(delivery.size)), reader, Told())
        numbered = (ComingReading(reader.line, delivery.logger, *one) for one in readings)
        while part := list(islice(numbered, MOST_AT_ONCE)):
            with transaction.atomic():
                (stored,) = store_readings(delivery.shipment_id, delivery.pk, part)
                self._count(stored)
                delivery.place = reader.place | {"is_seen": True}
                goes_on = self._goes_on()
            if not goes_on:
                return False
        return True

    @transaction.atomic
    def _has_room(self) -> bool:
        """Whether the shipment may have this logger: then it has from now on."""
        delivery = self.delivery
        (shipment,) = locked_shipments([delivery.shipment_id])
        known = loggers_of(shipment.pk)
        if delivery.logger not in known and len(known) >= MOST_LOGGERS:
            self.leave(DeliveryStatus.REFUSED, TOO_MANY)
            return False
        begin_record(shipment.pk, delivery.logger, now=self.now)
        return True

    def _count(self, stored: StoredPart) -> None:
        delivery = self.delivery
        differing = [one for one in stored.others if one.outcome == ReadingOutcome.CONFLICT]
        delivery.fresh += stored.fresh
        delivery.differing += len(differing)
        room = max(MOST_FAULTS - len(delivery.faults), 0)
        delivery.faults += [Fault(one.line, one.words, "")._asdict() for one in differing[:room]]

    @transaction.atomic
    def _judged(self) -> None:
        delivery = self.delivery
        (shipment,) = locked_shipments([delivery.shipment_id])
        if delivery.fresh or delivery.differing:
            judge_loggers(shipment, [delivery.logger], now=self.now)
        self.leave(DeliveryStatus.TAKEN, warning_of(delivery.faulty, delivery.faults))

    def _pieces(self, before: int) -> Iterator[bytes]:
        """The file, counted on its way; `before`: bytes that were read the first time through."""
        self.delivery.looked_at = before
        for piece in pieces_of(self.delivery.pk):
            yield piece
            self.delivery.looked_at += len(piece)

    def _tells(self) -> bool:
        moment = time.monotonic()
        return moment - self.told_at > BETWEEN_SIGNS or moment - self.began > self.seconds

    def _goes_on(self) -> bool:
        """Keep how far it is, and the hold on it. Whether there is time left; else the file is free for the next."""
        delivery, passed = self.delivery, time.monotonic() - self.began
        delivery.tries, self.told_at = 0, time.monotonic()
        delivery.leased_until = self.now + timedelta(seconds=passed) + LEASE
        if passed > self.seconds:
            delivery.lease, delivery.leased_until = None, self.now + timedelta(seconds=passed) + SILENCE
        self._keep()
        return passed <= self.seconds

    def _keep(self) -> None:
        """Raises HoldLost where the file is somebody else's."""
        delivery = self.delivery
        held = ReadingDelivery.objects.filter(pk=delivery.pk, lease=self.lease)
        if not held.update(**{name: getattr(delivery, name) for name in WORKED_ON}):
            raise HoldLost


def _form(delivery: ReadingDelivery) -> FileForm:
    """How the file is read, with what somebody answered."""
    answers = {
        "zone": delivery.zone, "unit": delivery.unit, "order": delivery.date_order, "logger": delivery.logger,
    }  # fmt: skip
    head = [line for line, _ in islice(lines_of(pieces_of(delivery.pk)), MOST_HEAD)]
    return form_of(head, delivery.probe).told(answers)
