"""What is checked before anybody is heard who finds an identity mismatch or resolves one."""

from collections.abc import Iterator

from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries.mismatches import mismatches_of, quality_among
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.mismatches import MISMATCHES, named_mismatches, resolution_problem
from supplychain.orders.rules.withdrawals import id_named
from supplychain.orders.signals import check_asked


def mismatch_problems(report: EventReport, order: LockedOrder) -> Iterator[str]:
    """Why this is no mismatch: only a check that was kept finds one."""
    check = id_named(report.payload, "check")
    told = check_asked.send(PatientOrder, check_id=check, order_id=order.id) if check else ()
    if not any(found for _, found in told):
        yield "payload.check: this order has no identity check with this id that found a mismatch; check the code."


def resolving_problems(by: Reporter, report: EventReport, order: LockedOrder) -> Iterator[str]:
    """Why a resolution is not taken: it names no mismatch that stands, or its speaker is none of the two."""
    named = named_mismatches(report.payload)
    standing = [one for one in mismatches_of([order.id]).get(order.id, ()) if one.event in named]
    if not named or len(standing) != len(named):
        yield f"payload.{MISMATCHES}: name the mismatches of this order that stand, by their events; look at it again."
        return
    people = {said.by for one in standing for said in one.resolutions} | {by.key}
    if problem := resolution_problem(standing, by.key, quality_among(people, order.sites["plant"])):
        yield f"payload.{MISMATCHES}: {problem}"
