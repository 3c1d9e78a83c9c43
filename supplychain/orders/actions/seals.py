"""Checking the seal of an order's events: each carries a hash of the one before (21 CFR 11.10(a): altered records)."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from multiprocessing import get_context
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, Q

from supplychain.orders.models import PatientOrder, SealCheck, StatusEvent
from supplychain.orders.rules.events import content_hash, seal_of
from supplychain.sql import read, texts

SEAL_TABLE = "supplychain_sealcheck"
SEAL_COLUMNS = ("order_id", "position", "head", "recheck_after", "reason")
# Orders whose chains are read in one statement.
READ_AT_ONCE = 500
CHAINS_SQL = """SELECT order_id::text, position, attempt, kind, stage, occurred_at, resource, payload::text, id::text,
    source_id::text, user_id::text, source_event_id, recorded_at, lacked_scope, content_hash, hash
    FROM supplychain_statusevent WHERE order_id = ANY(%(orders)s::uuid[]) ORDER BY order_id, position"""
# The whole chain of every order is verified again at least this often.
RECHECKED_EVERY = timedelta(hours=24)
# Orders of which nothing was heard for longer wait for their next check of the whole chain.
NEWS_WITHIN = timedelta(days=3)


class _ChainedEvent(NamedTuple):
    """What of a StatusEvent its seal covers, as the database has it. Ids are texts, which hash as ids do, and
    `payload_text` is the payload's JSON: making objects of them would take most of the time."""

    order_id: str
    position: int
    attempt: int | None
    kind: str
    stage: str
    occurred_at: datetime
    resource: str
    payload_text: str
    pk: str
    source_id: str | None
    user_id: str | None
    source_event_id: str
    recorded_at: datetime
    lacked_scope: str
    content_hash: str
    hash: str

    @property
    def payload(self) -> dict[str, Any]:
        """The payload, read as Django reads it."""
        return {} if self.payload_text == "{}" else json.loads(self.payload_text)


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """The first event of an order that does not fit; `event_id` None: the newest event is missing."""

    order_id: UUID
    coi: str
    position: int
    event_id: UUID | None
    reason: str


def broken_seals(order_ids: Iterable[UUID] | None = None, *, processes: int = 1) -> Iterator[BrokenSeal]:
    """The first event that does not fit, of every order (of all, or of `order_ids`) whose seal is broken.

    `processes`: so many share the orders out, each with a connection of its own: not in a transaction. Raises
    BrokenProcessPool when one of them is killed: what was not checked then is not proven.
    """
    ids = list(order_ids) if order_ids is not None else list(PatientOrder.objects.values_list("pk", flat=True))
    ids.sort()
    parts = [ids[start : start + READ_AT_ONCE] for start in range(0, len(ids), READ_AT_ONCE)]
    if processes <= 1 or len(parts) <= 1:
        yield from chain.from_iterable(map(_broken_among, parts))
        return
    connections.close_all()  # Two processes must not speak on one connection.
    with ProcessPoolExecutor(min(processes, len(parts)), get_context("fork")) as pool:
        yield from chain.from_iterable(pool.map(_broken_among, parts))


def usable_processes() -> int:
    """How many processes there are processors for; one where processes cannot be forked safely."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _broken_among(order_ids: Sequence[UUID]) -> list[BrokenSeal]:
    orders = list(PatientOrder.objects.filter(pk__in=order_ids).order_by("id").only("coi", "version", "seal"))
    sound = _sound_chains(orders)
    found = (_first_broken_seal(order) for order in orders if order.pk not in sound)
    return [broken for broken in found if broken]


def _sound_chains(orders: Sequence[PatientOrder]) -> set[UUID]:
    """The orders of which every event fits, read together in one statement: a quick answer for the many.

    What is wrong with another one, unless an event just came in, `_first_broken_seal` says.
    """
    events = map(_ChainedEvent._make, read(CHAINS_SQL, orders=texts(order.pk for order in orders)))
    ends = {order_id: _end_of_chain(of_order) for order_id, of_order in groupby(events, key=attrgetter("order_id"))}
    return {order.pk for order in orders if ends.get(str(order.pk), (0, "")) == (order.version, order.seal)}


def _end_of_chain(events: Iterable[_ChainedEvent]) -> tuple[int, str] | None:
    """How many events there are and the hash of the last; None: one of them does not fit."""
    number, previous = 0, ""
    for number, event in enumerate(events, start=1):
        if _problem(event, number, previous):
            return None
        previous = event.hash
    return number, previous


def request_seal_check(order_id: UUID, *, now: datetime) -> None:
    """Have the whole chain of the order verified at the next occasion."""
    check, is_new = SealCheck.objects.get_or_create(order_id=order_id, defaults={"recheck_after": now})
    if not is_new and check.recheck_after > now:
        check.recheck_after = now
        check.save(update_fields=["recheck_after"])


def orders_with_unchecked_events(*, now: datetime, limit: int) -> list[UUID]:
    """Orders of which something was heard lately that is not verified yet, longest ago first."""
    behind = Q(seal_check__isnull=True) | Q(seal_check__position__lt=F("version"), seal_check__broken_at__isnull=True)
    recent = PatientOrder.objects.filter(behind, last_recorded_at__gte=now - NEWS_WITHIN)
    return list(recent.order_by("last_recorded_at", "id").values_list("pk", flat=True)[:limit])


def orders_to_recheck(*, now: datetime, limit: int) -> list[UUID]:
    """Orders whose whole chain is due to be verified again, longest due first."""
    due = SealCheck.objects.filter(recheck_after__lte=now).order_by("recheck_after")
    return list(due.values_list("order_id", flat=True)[:limit])


def check_seal(order_id: UUID, *, whole: bool, now: datetime) -> SealCheck:
    """Verify the order's events, all of them (`whole`) or those after the verified head, and keep what came of it.

    Nothing is locked while events are hashed: whoever asks for a check meanwhile need not wait.
    """
    known, _ = SealCheck.objects.get_or_create(order_id=order_id, defaults={"recheck_after": now + RECHECKED_EVERY})
    if known.broken_at and not whole:
        return known
    order = PatientOrder.objects.only("coi", "version", "seal").get(pk=order_id)
    broken = _first_broken_seal(order) if whole else _first_broken_seal(order, known.position, known.head)
    return _keep_check(order, broken, whole=whole, now=now)


@transaction.atomic
def _keep_check(order: PatientOrder, broken: BrokenSeal | None, *, whole: bool, now: datetime) -> SealCheck:
    check = SealCheck.objects.select_for_update(no_key=True).get(order=order.pk)
    if check.broken_at and not whole:
        return check  # found by a check of the whole chain meanwhile
    check.checked_at, check.broken_at, check.broken_event, check.reason = now, None, None, ""
    if broken:
        check.broken_at, check.broken_event, check.reason = broken.position, broken.event_id, broken.reason
    else:
        check.position, check.head = order.version, order.seal
    if whole:
        check.recheck_after = now + RECHECKED_EVERY
    check.save()
    return check


def _first_broken_seal(order: PatientOrder, position: int = 0, previous: str = "") -> BrokenSeal | None:
    """The first event after `position`, whose hash is `previous`, that does not fit."""
    events = StatusEvent.objects.filter(order=order, position__gt=position).order_by("position")
    for event in events.iterator(chunk_size=200):
        position += 1
        if reason := _problem(event, position, previous):
            return BrokenSeal(order.pk, order.coi, position, event.pk, reason)
        previous = event.hash
    if (order.version, order.seal) != (position, previous):
        seen = order.version
        order.refresh_from_db(fields=["version", "seal"])
        if order.version != seen:
            return _first_broken_seal(order)  # an event came in between
        reason = f"the order counts {order.version} events, the seal ends after {position}"
        return BrokenSeal(order.pk, order.coi, position + 1, None, reason)
    return None


def _problem(event: StatusEvent | _ChainedEvent, position: int, previous: str) -> str:
    if event.position != position:
        return f"event {position} is missing"
    content = content_hash(
        event.order_id,
        attempt=event.attempt,
        kind=event.kind,
        stage=event.stage,
        occurred_at=event.occurred_at,
        resource=event.resource,
        payload=event.payload,
    )
    if content != event.content_hash:
        return "what was said has been altered"
    link = seal_of(
        previous,
        event_id=event.pk,
        reporter=str(event.source_id or event.user_id),
        source_event_id=event.source_event_id,
        recorded_at=event.recorded_at,
        content=content,
        lacked_scope=event.lacked_scope,
    )
    return "" if link == event.hash else "who said it, when we heard it or its place has been altered"
