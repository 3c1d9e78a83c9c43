"""Orders whose cells are at hand: what is asked of the number on their bags, and the report of their collection."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.donation_numbers import donation_doubt, donation_number
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.events import MOST_REPORTS, record_events
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.naming import Catalogue, sites_of_order
from supplychain.orders.models import Identifier
from supplychain.orders.queries import Stands
from supplychain.orders.rules.duties import right_problem, roles_at
from supplychain.orders.rules.entitlements import lacked_scope
from supplychain.orders.rules.placing import OrderRequest
from supplychain.orders.rules.stored_cells import (
    OF_ANOTHER,
    collection_of_flow,
    has_stored,
    stored_problems,
    stored_report,
)
from supplychain.orders.statuses import ReportOutcome, StageEventKind
from supplychain.reasons import is_no_reason
from supplychain.sites.queries import facilities_of_site

IF_RIGHT = "If it is right all the same, say why (donation_reason)."
STORED_BEFORE = "The same patient’s cells, as on an earlier order."


def problems_of_stored(request: OrderRequest, catalogue: Catalogue, by: Reporter, now: datetime) -> dict[str, str]:
    """Why the request's stored cells are not taken, by field; no query where it names none."""
    if not has_stored(request) or (found := catalogue.flows.get((request.product, request.flow))) is None:
        return {}
    flow, sites = flow_plan(found.pk), sites_of_order(request, catalogue)
    problems = stored_problems(request, flow, now)
    plan = collection_of_flow(flow)
    if plan is None or problems:
        return problems
    kind = StageEventKind.COMPLETED
    if by.user and (problem := right_problem(plan, kind, roles_at(sites, by.rights))):
        return {"collected_at": problem}
    if by.source and (scope := lacked_scope(by.source.scopes, plan, kind)):
        return {"collected_at": f"Your system may not report collections: it needs the right {scope}."}
    return _number_problems(request, sites[plan.place])


def _number_problems(request: OrderRequest, site_id: UUID) -> dict[str, str]:
    number = donation_number(request.donation_number)
    if any(patient != request.patient_reference.lower() for patient in _patients_with(number, site_id)):
        return {"donation_number": OF_ANOTHER}
    doubt = donation_doubt(number, facilities_of_site(site_id)) if is_no_reason(request.donation_reason) else ""
    return {"donation_number": f"{doubt} {IF_RIGHT}"} if doubt else {}


def _patients_with(number: str, site_id: UUID) -> list[str]:
    """Whose orders of this collection centre bear the number."""
    bears = Identifier.objects.filter(Stands(), kind=IdentifierKind.DONATION, key=lookup_key(number))
    rows = bears.filter(order__collection_site=site_id).values_list("order__patient_reference", flat=True)
    return [patient.lower() for patient in rows]


def report_stored(
    placed: Sequence[tuple[OrderRequest, UUID, UUID, Mapping[str, UUID]]], *, by: Reporter, now: datetime
) -> None:
    """Have the collection of those orders reported that find their cells stored; of each its request, id, flow and
    sites."""
    rows = []
    for request, order_id, flow_id, sites in placed:
        plan = collection_of_flow(flow_plan(flow_id))
        if plan and request.collected_at:
            known = _patients_with(donation_number(request.donation_number), sites[plan.place])
            reason = request.donation_reason or (STORED_BEFORE if known else "")
            rows.append(stored_report(request, str(order_id), plan, reason=reason))
    for first in range(0, len(rows), MOST_REPORTS):
        for result in record_events(rows[first : first + MOST_REPORTS], by=by, now=now):
            if result.outcome != ReportOutcome.CREATED:
                raise RuntimeError(f"The collection of an order just placed was not taken: {result.refusal}")
