"""How a label ended, as a person says it: by hand, or by scanning what they just stuck on."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.chain.actions.identity import Checked, CheckRefused, check_identity
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.labels.models import Label
from supplychain.labels.queries import label_with
from supplychain.labels.statuses import LabelStatus
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import lock_orders
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User

KINDS: Mapping[str, OrderEventKind] = {
    LabelStatus.USED: OrderEventKind.LABEL_USED,
    LabelStatus.SPOILED: OrderEventKind.LABEL_SPOILED,
    LabelStatus.DESTROYED: OrderEventKind.LABEL_DESTROYED,
}
NOT_THE_SERIAL = "This is the order’s, but no label’s own number: scan the bar code along the label’s lower edge."


@transaction.atomic
def end_label(
    order: PatientOrder, serial: str, *, by: User, end: str, reason: str = "", token: str, now: datetime
) -> Label:
    """Record how one label of the order ended. The same form sent again changes nothing. Raises Refused."""
    reporter = Reporter.of_user(by)
    lock_orders([order.pk], reporter.site_ids)
    label = label_with(order, serial)
    if label is None:
        raise Refused({"serial": "The order has no label of this number; look at it again."})
    if end not in KINDS:
        raise Refused({"end": "Choose how it ended."})
    if label.status == end:
        return label
    if label.status != LabelStatus.OPEN:
        raise Refused({"serial": f"Label {label.serial} is marked as {label.status} already."})
    row = {
        "source_event_id": f"label-end-{token}-{label.pk}",
        "order": str(order.pk),
        "kind": KINDS[end].value,
        "occurred_at": now.isoformat(),
        "payload": {"serial": label.serial} | ({"reason": reason} if reason else {}),
    }
    result = record_event(row, by=reporter, now=now)
    if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
        errors = {name.removeprefix("payload."): " ".join(texts) for name, texts in result.errors.items()}
        raise Refused(errors or {"all": result.refusal})
    return label


def scan_label(
    order: PatientOrder, read: str, *, by: User, device: str, token: UUID, now: datetime
) -> tuple[Checked, Label]:
    """A label that was stuck on is scanned: that it is this order's is checked as any code is, and kept, whatever it
    says; if it is, the label is used. Raises Refused where it is not, with what to do."""
    try:
        done = check_identity(
            order.pk, read=read, by=Reporter.of_user(by), place=CheckPlace.ORDER, client_id=f"label-{token}", now=now,
            device=device,
        )  # fmt: skip
    except CheckRefused as refusal:
        raise Refused({"read": str(refusal)}) from refusal
    if done.check.outcome != CheckOutcome.MATCH:
        raise Refused({"read": done.check.why})
    label = label_with(order, done.check.read_value)
    if label is None:
        raise Refused({"read": NOT_THE_SERIAL})
    return done, end_label(order, label.serial, by=by, end=LabelStatus.USED, token=str(token), now=now)
