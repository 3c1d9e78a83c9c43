"""What a person says of a collection: reports of its stage as any other, under the same rights."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.flows.rules.checklists import all_items
from supplychain.identifiers.rules.codes import plain_number
from supplychain.identifiers.rules.donation_numbers import donation_number, donation_problem
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import LockedOrder, lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.collections import earlier_problem, is_too_old, to_explain
from supplychain.orders.rules.states import ANSWERS, COLLECTED_EARLIER
from supplychain.orders.statuses import ReportOutcome, StageEventKind
from supplychain.people.models import User
from supplychain.recording.queries import doubt_of_donation
from supplychain.sites.queries import facilities_of_site

RIGHT_ALL_THE_SAME = "If it is right all the same, say why below."


@transaction.atomic
def check_collection(
    order_id: UUID, *, by: User, stage: str, answers: Mapping[str, Any], reason: str, token: str, now: datetime
) -> None:
    """Record what `by` answers of the order's collection, by code of the item. Raises Refused, by code.

    A correction, an expired kit and what can hardly be need a reason. `token` was made when the form was shown: the
    same token again changes nothing (a double click).
    """
    reporter = Reporter.of_user(by)
    order, source_event_id = _locked(order_id, reporter, stage), f"page-{token}-{order_id}"
    run = order.state.run_of(stage)
    if not (reason or _is_known(by, source_event_id)) and (found := to_explain(run, answers, now)):
        raise Refused(found | {"reason": "Say why it is right all the same; the earlier answer stays readable."})
    asked = {item.code: item.asked for item in all_items(order.flow.stages[stage].checklist) if item.code in answers}
    payload = {ANSWERS: dict(answers), "asked": asked} | ({"reason": reason} if reason else {})
    said = {"kind": StageEventKind.COLLECTION_CHECKED.value, "occurred_at": now.isoformat(), "payload": payload}
    _record(said | _about(order, stage, source_event_id), reporter, now)


@transaction.atomic
def record_earlier_collection(
    order_id: UUID, *, by: User, stage: str, donation: str, ended_at: datetime, reason: str, token: str, now: datetime
) -> None:
    """Record that the order's cells were collected before it, frozen, and are at hand. Raises Refused, by field.

    A donation number that is none of the centre's, or another order's too, and cells older than the flow permits need
    a reason.
    """
    reporter, number = Reporter.of_user(by), donation_number(plain_number(donation))
    order, source_event_id = _locked(order_id, reporter, stage), f"page-{token}-{order_id}"
    if not _is_known(by, source_event_id) and (found := _earlier_problems(order, stage, number, ended_at, reason, now)):
        raise Refused(found)
    said = {"reason": reason, "donation_reason": reason} if reason else {}
    payload = {"donation_number": number, COLLECTED_EARLIER: True} | said
    row = {"kind": StageEventKind.COMPLETED.value, "occurred_at": ended_at.isoformat(), "payload": payload}
    _record(row | _about(order, stage, source_event_id), reporter, now)


def _locked(order_id: UUID, by: Reporter, stage: str) -> LockedOrder:
    """The order. Raises Refused where it does not exist for this person, or has no such stage."""
    order = lock_orders([order_id], by.site_ids).get(order_id)
    if order is None or stage not in order.flow.stages:
        raise Refused({"all": "None of your sites' orders has this collection; look for it again."})
    return order


def _is_known(by: User, source_event_id: str) -> bool:
    """Whether this very form was taken already."""
    return StatusEvent.objects.filter(user=by, source_event_id=source_event_id).exists()


def _about(order: LockedOrder, stage: str, source_event_id: str) -> dict[str, Any]:
    """Of what a report speaks."""
    attempt = order.state.run_of(stage).attempt
    return {"source_event_id": source_event_id, "order": str(order.id), "stage": stage, "attempt": attempt}


def _earlier_problems(
    order: LockedOrder, stage: str, number: str, ended_at: datetime, reason: str, now: datetime
) -> dict[str, str]:
    """Why an earlier collection is not taken, by field."""
    plan, run = order.flow.stages[stage], order.state.run_of(stage)
    if run.started_at or run.is_done or run.failed_at:
        return {"all": "This order’s own collection has begun: what it was is corrected on the order’s page."}
    if problem := earlier_problem(plan, ended_at, order.ordered_at):
        return {"ended_at": problem}
    if problem := donation_problem(number):
        return {"donation_number": problem}
    if reason:
        return {}
    if is_too_old(plan, ended_at, now):
        return {"ended_at": f"These cells are older than the flow of this order permits. {RIGHT_ALL_THE_SAME}"}
    site_id = order.sites[plan.place]
    doubt = doubt_of_donation(order.id, site_id, facilities_of_site(site_id), number)
    return {"donation_number": f"{doubt} {RIGHT_ALL_THE_SAME}"} if doubt else {}


def _record(row: Mapping[str, Any], by: Reporter, now: datetime) -> None:
    """Raises Refused, by field of the payload or code of the item, where it is not taken."""
    result = record_event(row, by=by, now=now)
    if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
        errors = {
            name.removeprefix(f"payload.{ANSWERS}.").removeprefix("payload."): " ".join(texts)
            for name, texts in result.errors.items()
        }
        raise Refused(errors or {"all": result.refusal})
