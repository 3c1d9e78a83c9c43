"""Links for drivers' telephones: made and taken back by people, used once by whoever has it."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.custody.models import HandOverLink
from supplychain.custody.queries import last_holders, plant_called
from supplychain.custody.rules.links import (
    KNOWN_ALREADY,
    LASTS,
    STATE_WORDS,
    STOPPED,
    LinkOffer,
    is_known_already,
    link_offers,
    parties,
    stage_rows,
    why_stopped,
)
from supplychain.custody.statuses import LinkEnd, LinkState
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.actions.store import LockedOrder, lock_orders
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User
from supplychain.systems.actions import USUAL_SCOPES
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind

# The system under whose name drivers report; nobody can sign in as it.
DRIVERS = "drivers-links"
# Tries in vain that are kept of one link.
MOST_REFUSED = 20


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_link(order_id: UUID, wanted: str, *, by: User, now: datetime) -> tuple[HandOverLink, str]:
    """A link for the hand-over `wanted` (LinkOffer.value), and its token, which nobody can read later. Raises Refused
    where the person may not report this themselves, it has happened or must not, or another link for it stands."""
    offer = _offer(order_id, wanted, by, now)
    own = HandOverLink.objects.filter(order=order_id, stage=offer.plan.code, attempt=offer.attempt, end=offer.end)
    if any(link.state_at(now) == LinkState.OPEN for link in own):
        raise Refused({"wanted": "A link for this hand-over stands already: take it back before you make another."})
    token = secrets.token_urlsafe(32)
    said = {"stage": offer.plan.code, "attempt": offer.attempt, "end": offer.end, "token_hash": hash_of(token)}
    link = HandOverLink.objects.create(order_id=order_id, made_by=by, made_at=now, expires_at=now + LASTS, **said)
    return link, token


def _offer(order_id: UUID, wanted: str, by: User, now: datetime) -> LinkOffer:
    reporter = Reporter.of_user(by)
    order = lock_orders([order_id], reporter.site_ids).get(order_id)
    offers = link_offers(order.flow, order.state, roles_at(order.sites, reporter.rights)) if order else []
    for offer in offers:
        if order and offer.value == wanted:
            if why := _why_stopped(order, offer.plan.code, offer.end, now):
                raise Refused({"wanted": f"Not now: {offer.words}. {why}"})
            return offer
    raise Refused({"wanted": "This hand-over has happened, cannot happen yet, or is not yours to report."})


@transaction.atomic
def revoke_link(link_id: UUID, *, by: User, now: datetime) -> None:
    """Take a link back that was not used. Raises Refused."""
    link = HandOverLink.objects.select_for_update().get(pk=link_id)
    if (state := link.state_at(now)) != LinkState.OPEN:
        raise Refused({"link": f"{state.label}: there is nothing to take back."})
    link.revoked_by, link.revoked_at = by, now
    link.save()


@transaction.atomic
def use_link(token: str, said: Mapping[str, str], *, now: datetime) -> None:
    """Record the hand-over of a link, and what its stage was not told yet. `said`: driver, other (who gives to or takes
    from the driver), seal, packaging. Raises Refused with a word for the driver."""
    link = HandOverLink.objects.select_for_update().filter(token_hash=hash_of(token)).first()
    if link is None:
        raise Refused({"link": "There is no such link."})
    if (state := link.state_at(now)) != LinkState.OPEN:
        raise Refused({"link": STATE_WORDS[state]})
    site_ids = frozenset(sites_of(PatientOrder.objects.get(pk=link.order_id)).values())
    order = lock_orders([link.order_id], site_ids)[link.order_id]
    if is_known_already(order.state, order.flow.stages[link.stage], link.attempt, link.end, now):
        raise Refused({"link": KNOWN_ALREADY.format(call=plant_called(link.order))})
    if _why_stopped(order, link.stage, link.end, now):
        raise Refused({"link": STOPPED.format(call=plant_called(link.order))})
    results = record_events([*_rows(order, link, said, now)], by=Reporter(site_ids, source=_drivers()), now=now)
    if any(one.outcome != ReportOutcome.CREATED for one in results):
        raise Refused({"link": "This could not be recorded. Call who sent you this link."})
    link.used_at, link.driver, link.event_id = now, said["driver"], results[-1].event_id
    link.save()


@transaction.atomic
def keep_refused(link_id: UUID, why: str, *, driver: str, now: datetime) -> None:
    """Keep that something was tried with a link and not recorded: a transaction of its own, for that of the attempt is
    undone. Of a link that is tried on and on the newest tries are kept."""
    link = HandOverLink.objects.select_for_update().get(pk=link_id)
    link.refused = [{"at": now.isoformat(), "driver": driver, "why": why}, *link.refused][:MOST_REFUSED]
    link.save()


def _why_stopped(order: LockedOrder, stage: str, end: str, now: datetime) -> str:
    """The same as the driver's page says (rules.links.why_stopped), of flags judged anew."""
    stops = open_stops([order.id], now=now, is_judged_anew=True).get(order.id, ()) if end == LinkEnd.PICKUP else ()
    last = last_holders([order.id], now).get(order.id)
    return why_stopped(order.flow, order.state, stops, order.flow.stages[stage], end, now, last)


def _rows(order: LockedOrder, link: HandOverLink, said: Mapping[str, str], now: datetime) -> Iterator[dict[str, Any]]:
    """What is reported: of the stage what it lacks, then the hand-over itself."""
    plan, run = order.flow.stages[link.stage], order.state.run_of(link.stage, link.attempt)
    of_all = {"order": str(order.id), "occurred_at": now.isoformat()}
    for kind in stage_rows(run, link.end):
        of_stage = {"kind": kind.value, "stage": link.stage, "attempt": link.attempt}
        yield of_all | of_stage | {"source_event_id": f"link-{link.pk}-stage", "resource": run.resource}
    giver, taker = parties(plan, link.end)
    driver, other = ("received_by", "given_by") if link.end == LinkEnd.PICKUP else ("given_by", "received_by")
    texts = {
        driver: said["driver"],
        other: said.get("other", ""),
        "courier": run.details.get("courier") or run.resource,
    }
    texts |= {name: said.get(name, "") for name in ("seal", "packaging")}
    texts["courier"] = texts["courier"][:64]
    payload = {"from": giver.value, "to": taker.value} | {name: text for name, text in texts.items() if text}
    yield of_all | {
        "kind": OrderEventKind.HANDED_OVER.value, "payload": payload, "source_event_id": f"link-{link.pk}",
        "resource": f"Driver’s link made by {link.made_by}"[:80],
    }  # fmt: skip


def _drivers() -> SourceSystem:
    """The system that speaks for drivers: made when the first link is used."""
    kind = SourceKind.COURIER
    given = {"name": "Drivers’ links", "kind": kind, "scopes": list(USUAL_SCOPES[kind])}
    return SourceSystem.objects.get_or_create(code=DRIVERS, defaults=given)[0]
