"""What a person answers of a collection: a report of its stage as any other, under the same rights."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.flows.rules.checklists import all_items
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.collections import to_explain
from supplychain.orders.rules.states import ANSWERS
from supplychain.orders.statuses import ReportOutcome, StageEventKind
from supplychain.people.models import User


@transaction.atomic
def check_collection(
    order_id: UUID, *, by: User, stage: str, answers: Mapping[str, Any], reason: str, token: str, now: datetime
) -> None:
    """Record what `by` answers of the order's collection, by code of the item. Raises Refused, by code.

    A correction, an expired kit and what can hardly be need a reason. `token` was made when the form was shown: the
    same token again changes nothing (a double click).
    """
    reporter = Reporter.of_user(by)
    order = lock_orders([order_id], reporter.site_ids).get(order_id)
    if order is None or stage not in order.flow.stages:
        raise Refused({"all": "None of your sites' orders has this collection; look for it again."})
    source_event_id, run = f"page-{token}-{order_id}", order.state.run_of(stage)
    is_known = StatusEvent.objects.filter(user=by, source_event_id=source_event_id).exists()
    if not (is_known or reason) and (found := to_explain(run, answers, now)):
        raise Refused(found | {"reason": "Say why it is right all the same; the earlier answer stays readable."})
    asked = {item.code: item.asked for item in all_items(order.flow.stages[stage].checklist) if item.code in answers}
    row = {
        "source_event_id": source_event_id, "order": str(order_id), "stage": stage, "attempt": run.attempt,
        "kind": StageEventKind.COLLECTION_CHECKED.value, "occurred_at": now.isoformat(),
        "payload": {ANSWERS: dict(answers), "asked": asked} | ({"reason": reason} if reason else {}),
    }  # fmt: skip
    result = record_event(row, by=reporter, now=now)
    if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
        errors = {
            name.removeprefix(f"payload.{ANSWERS}.").removeprefix("payload."): " ".join(texts)
            for name, texts in result.errors.items()
        }
        raise Refused(errors or {"all": result.refusal})
