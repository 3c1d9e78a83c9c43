"""Printing labels: each is a fact of its order before it is paper, and none is printed a second time unseen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.label_serials import new_serial
from supplychain.labels.models import Label
from supplychain.labels.queries import labelled, layouts, printed_before
from supplychain.labels.rules.layouts import LabelLayout
from supplychain.labels.rules.saying import is_over
from supplychain.labels.rules.texts import Labelled, coded, lines_of, short_lines
from supplychain.orders.actions.events import Reporter, ReportResult, record_events
from supplychain.orders.actions.store import LockedOrder, lock_orders
from supplychain.orders.models import Identifier, PatientOrder, StatusEvent
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User

MOST_COPIES = 10
PRINTED_ALREADY = (
    "These labels were printed already, and stand below. If they did not come out of the printer, mark them as "
    "destroyed, then print again with the reason."
)


@dataclass(frozen=True, slots=True)
class WantedLabels:
    """What somebody wants to print. `number` empty: labels of the order; `token`: of the form, so that a double click
    prints once; `reason`: why again, where this was printed before for the step; `override`: why although a critical
    flag puts the identity in doubt."""

    number: str
    stage: str
    layout: str
    copies: int
    token: str
    reason: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """What is drawn of one label. `serial` empty: it has no bar code, and `code` is its serial number."""

    lines: Sequence[str]
    code: str
    serial: str


# Makes the PDF of labels of a size: the page kit's, which stands above.
Draw = Callable[[Sequence[NewLabel], LabelLayout], bytes]


@transaction.atomic
def print_labels(order_id: UUID, wanted: WantedLabels, *, by: User, draw: Draw, now: datetime) -> bytes:
    """Record the labels as printed by this person, and give the file to print. Raises Refused, and what `draw` raises:
    then nothing was recorded. The file is given once: who needs it again prints the labels again, with a reason."""
    reporter = Reporter.of_user(by)
    locked = lock_orders([order_id], reporter.site_ids).get(order_id)
    order = PatientOrder.objects.select_related("product").filter(pk=order_id).first()
    if locked is None or order is None:
        raise Refused({"all": "None of your sites’ orders is this one; look for it again."})
    if StatusEvent.objects.filter(user=by, source_event_id=_event_id(wanted, 1)).exists():
        raise Refused({"all": PRINTED_ALREADY})
    layout, before = layouts().get(wanted.layout), printed_before(order_id, wanted.number, wanted.stage)
    what = labelled(order, wanted.number)
    _check(wanted, layout, locked, before, is_known=what is not None)
    serials = new_serials(wanted.copies, now)
    file = draw([_new(what, serial, layout, is_reprint=bool(before)) for serial in serials], layout)
    rows = [
        _row(wanted, place, serial, locked, layout, before, now) for place, serial in enumerate(serials, start=1)
    ]  # fmt: skip
    _raise_if_refused(record_events(rows, by=reporter, now=now))
    return file


def _new(what: Labelled, serial: str, layout: LabelLayout, *, is_reprint: bool) -> NewLabel:
    """A label of this number. A small one has one code alone: the number by which it is accounted for, and found."""
    if layout.is_small:
        return NewLabel(short_lines(what, serial, is_reprint=is_reprint), serial, "")
    return NewLabel(lines_of(what, is_reprint=is_reprint), coded(what, serial), serial)


def _check(
    wanted: WantedLabels, layout: LabelLayout | None, order: LockedOrder, before: Sequence[Label], *, is_known: bool
) -> None:
    """Raises Refused."""
    problems = {
        "number": "" if is_known else "The order has no such material; look at it again.",
        "layout": "" if layout else "There is no such size; choose another.",
        "copies": "" if 1 <= wanted.copies <= MOST_COPIES else f"Print 1 to {MOST_COPIES} labels at a time.",
        "stage": "This step has ended: choose the one that the label is for."
        if is_over(order.state, wanted.stage)
        else "",
        "reason": again_problem(before) if not wanted.reason else "",
    }
    if found := {name: text for name, text in problems.items() if text}:
        raise Refused(found)


def again_problem(before: Sequence[Label]) -> str:
    """Why a reason is needed to print this; empty: it was not printed before."""
    if not before:
        return ""
    number = f" ({before[0].serial}, {len(before)} in all)" if before[1:] else f" ({before[0].serial})"
    return f"This label was printed before for this step{number}: say why it is printed again. Each must end."


def new_serials(number: int, now: datetime) -> list[str]:
    """So many serial numbers that no label has."""
    found: set[str] = set()
    while len(found) < number:
        drawn = {new_serial(now) for _ in range(number - len(found))}
        keys = {lookup_key(one): one for one in drawn}
        taken = set(Identifier.objects.filter(key__in=keys).values_list("key", flat=True))
        found |= {serial for key, serial in keys.items() if key not in taken}
    return sorted(found)


def _row(
    wanted: WantedLabels, place: int, serial: str, order: LockedOrder, layout: LabelLayout, before: Sequence[Label],
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    payload = {
        "serial": serial,
        "number": wanted.number,
        "stage": wanted.stage,
        "layout": layout.name,
        "printer": layout.printer,
        "replaces": before[0].serial if before else "",
        "reason": wanted.reason if before else "",
        OVERRIDE: wanted.override,
    }
    return {
        "source_event_id": _event_id(wanted, place),
        "order": str(order.id),
        "kind": OrderEventKind.LABEL_PRINTED.value,
        "occurred_at": now.isoformat(),
        "payload": {name: text for name, text in payload.items() if text}
        | {"attempt": order.state.run_of(wanted.stage).attempt},
    }


def _event_id(wanted: WantedLabels, place: int) -> str:
    return f"label-{wanted.token}-{place}"


def _raise_if_refused(results: Sequence[ReportResult]) -> None:
    for result in results:
        if result.outcome != ReportOutcome.CREATED:
            errors = {name.removeprefix("payload."): " ".join(texts) for name, texts in result.errors.items()}
            raise Refused(errors or {"all": result.refusal})
