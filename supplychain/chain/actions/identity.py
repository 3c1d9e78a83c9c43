"""Checking an identity: what was read is kept whatever it says, and a mismatch stops the order at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from supplychain.chain.models import IdentityCheck
from supplychain.chain.queries.identity import compared
from supplychain.chain.rules.matching import Comparison
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.characters import made_storable
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import visible
from supplychain.identifiers.rules.codes import LONGEST_CODE
from supplychain.identifiers.rules.personal import NOT_KEPT, holds_key, names_person
from supplychain.moments import moment_problem
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.statuses import ACTING_ROLES

MOST_DEVICE = 200
MOST_CLIENT_ID = 100
# Characters of a mismatch that its event and flag show.
MOST_SHOWN = 80


class CheckRefused(Exception):
    """The check cannot be taken; the message says why and what to do. `field`: of what it is, by the name in REST."""

    def __init__(
        self, message: str, *, field: str = "", is_conflict: bool = False, is_missing: bool = False,
        is_forbidden: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.field, self.is_conflict, self.is_missing, self.is_forbidden = field, is_conflict, is_missing, is_forbidden


# Of a code that says who the patient is, and no number of an order.
PERSONAL_WHY = (
    "This code says who the patient is, which is not held here: scan the chain of identity or the donation number."
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A check as it was kept; `is_new`: it was not sent before."""

    check: IdentityCheck
    is_new: bool


def check_identity(
    order_id: UUID | None,
    *,
    read: str,
    by: Reporter,
    place: CheckPlace,
    client_id: str,
    now: datetime,
    stage: str = "",
    device: str = "",
    read_at: datetime | None = None,
) -> Checked:
    """Keep what was read with an order in hand (None: none was), and say what it is beside that order.

    A mismatch is an event of the order, too, under its seal, in the same transaction: the order is judged anew at
    once, and nobody goes on with it. The same `client_id` again is the same check. Raises CheckRefused for an order
    that does not exist for who asks, for a stage that its flow has not, and for an id that says something else now.
    """
    order = _order(order_id, by)
    if order and stage and stage not in flow_plan(order.flow_id).stages:
        raise CheckRefused("The order’s journey has no such stage; leave it empty, or use one of its codes.",
                           field="stage")  # fmt: skip
    if not client_id or len(client_id) > MOST_CLIENT_ID:
        raise CheckRefused(f"Give the check an id of 1 to {MOST_CLIENT_ID} characters.", field="id")
    if read_at and (problem := moment_problem(read_at)):
        raise CheckRefused(problem, field="read_at")
    check = IdentityCheck(
        order=order, stage=stage if order else "", place=place, read=_kept(read), user=by.user, source=by.source,
        device=made_storable(device)[:MOST_DEVICE], client_id=made_storable(client_id), read_at=read_at or now,
        recorded_at=now,
    )  # fmt: skip
    if known := _known(check):
        return known
    try:
        return _keep(check, compared(read, order and order.pk, by.site_ids, now), by)
    except IntegrityError:  # the same phone sent it twice at this very moment
        if known := _known(check):
            return known
        raise


def _order(order_id: UUID | None, by: Reporter) -> PatientOrder | None:
    if order_id is None:
        return None
    order = PatientOrder.objects.of_sites(by.site_ids).filter(pk=order_id).first()
    if order is None:
        raise CheckRefused("None of your sites’ orders is this one; look for it again.", is_missing=True)
    if by.user and not _acts(by, order):
        raise CheckRefused("You only read this order: somebody who works on it checks it.", is_forbidden=True)
    return order


def _acts(by: Reporter, order: PatientOrder) -> bool:
    """Whether this person does more than read at one of the order's sites: an inspector changes nothing."""
    roles = roles_at(sites_of(order), by.rights).values()
    return any(role in ACTING_ROLES for some in roles for role in some)


def _kept(read: str) -> str:
    """What was read, as far as PostgreSQL can store it: of what no code can be, its beginning; nothing of a code that
    says who the patient is."""
    return NOT_KEPT if names_person(read) else made_storable(read)[:LONGEST_CODE]


def _known(check: IdentityCheck) -> Checked | None:
    """The check that this sender made with this id before. Raises CheckRefused if it was another one."""
    known = IdentityCheck.objects.filter(user=check.user, source=check.source, client_id=check.client_id).first()
    if known is None:
        return None
    if (known.order_id, known.stage, known.read) != (check.order_id, check.stage, check.read):
        raise CheckRefused("This id was used for another check: give each its own.", field="id", is_conflict=True)
    return Checked(known, is_new=False)


@transaction.atomic
def _keep(check: IdentityCheck, found: Comparison, by: Reporter) -> Checked:
    is_nobodys = found.other is None and found.outcome in (CheckOutcome.UNKNOWN, CheckOutcome.MISMATCH)
    if check.read == NOT_KEPT and is_nobodys and (not found.kind or holds_key(found.value)):
        found = Comparison(CheckOutcome.UNKNOWN, PERSONAL_WHY)
    check.outcome, check.why = found.outcome.value, found.why[:500]
    check.read_kind, check.read_value, check.other_order_id = found.kind, found.value[:LONGEST_CODE], found.other
    check.save(force_insert=True)
    if check.order_id and found.outcome == CheckOutcome.MISMATCH:
        _record_mismatch(check, by)
    return Checked(check, is_new=True)


def _record_mismatch(check: IdentityCheck, by: Reporter) -> None:
    """The mismatch as an event of the order. It names no other order: who sees this one may not see that."""
    said = visible(check.read_value or check.read)
    payload = {
        "check": str(check.pk),
        "subject": f"{check.read_kind or 'code'}:{said}"[:MOST_SHOWN],
        "read": visible(check.read)[:MOST_SHOWN],
        "why": check.why,
        "at_stage": check.stage,
        "device": check.device,
    }
    row = {
        "source_event_id": f"identity-check-{check.pk}",
        "order": str(check.order_id),
        "kind": OrderEventKind.MISMATCH.value,
        # A phone whose clock is ahead cannot have read it later than we heard of it.
        "occurred_at": min(check.read_at, check.recorded_at).isoformat(),
        "payload": {name: text for name, text in payload.items() if text},
    }
    result = record_event(row, by=by, now=check.recorded_at)
    if result.outcome != ReportOutcome.CREATED:
        raise CheckRefused(result.refusal)
