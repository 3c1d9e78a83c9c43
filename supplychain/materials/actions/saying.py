"""What a person says of a material: a report of the order as any other, under the same rights and interlocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.audit.refusals import Refused
from supplychain.audit.signing import Proof
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.models import User


def say_of_material(
    order_id: UUID, *, by: User, kind: str, payload: Mapping[str, Any], occurred_at: datetime, token: str,
    now: datetime, proof: Proof | None = None,
) -> None:  # fmt: skip
    """Record what `by` says of a material or lot of the order. Raises Refused, by field of the payload.

    `token` was made when the form was shown: the same token again changes nothing (a double click). `proof`: with
    which `by` signs, where the product asks for it.
    """
    row = {
        "source_event_id": f"page-{token}-{order_id}", "order": str(order_id), "kind": kind,
        "occurred_at": occurred_at.isoformat(), "payload": dict(payload),
    }  # fmt: skip
    result = record_event(row, by=Reporter.of_user(by, proof), now=now)
    if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
        errors = {name.removeprefix("payload."): " ".join(texts) for name, texts in result.errors.items()}
        raise Refused(errors or {"all": result.refusal})
