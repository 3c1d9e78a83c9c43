"""What a person may record, and of which orders."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from supplychain.identifiers.rules.codes import spellings
from supplychain.orders.models import Identifier, PatientOrder, StageRun
from supplychain.orders.queries import RUNS_WITH_STAGE, order_state, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.people.models import User
from supplychain.recording.rules import permitted
from supplychain.recording.rules.permitted import NextStep
from supplychain.recording.rules.reports import PersonReports

MOST_FOUND = 20


def permitted_reports(
    order: PatientOrder, user: User, now: datetime, runs: Iterable[StageRun] | None = None
) -> PersonReports:
    """What `user` may record of the order now, and why not more; one query unless its runs are given."""
    state = order_state(order, runs)
    return permitted.permitted_reports(state.flow, state, roles_at(sites_of(order), user.rights), now)


def next_steps(order: PatientOrder, now: datetime, runs: Iterable[StageRun] | None = None) -> list[NextStep]:
    """What happens next and whose turn it is; one query unless the order's runs are given."""
    state = order_state(order, runs)
    return permitted.next_steps(state.flow, state, now)


def orders_to_record(user: User, order_ids: Collection[UUID]) -> list[PatientOrder]:
    """Those of the orders that exist for `user`, in the order given, with all that recording needs; two queries."""
    if not order_ids:
        return []
    related = ("product", "flow", "ordering_site", "plant")
    found = PatientOrder.objects.of_sites(user.site_ids()).filter(pk__in=order_ids).select_related(*related)
    by_id = {order.pk: order for order in found.prefetch_related(Prefetch("stage_runs", RUNS_WITH_STAGE))}
    return [by_id[order_id] for order_id in dict.fromkeys(order_ids) if order_id in by_id]


def orders_with_code(user: User, typed: str) -> list[PatientOrder]:
    """The person's orders that bear this identifier; a chain of identity leads to its one order alone. One query."""
    codes = spellings(typed)
    if not codes:
        return []
    of_user = PatientOrder.objects.of_sites(user.site_ids())
    found = list(of_user.filter(pk__in=Identifier.objects.filter(value__in=codes).values("order"))[:MOST_FOUND])
    return [order for order in found if order.coi in codes] or found
