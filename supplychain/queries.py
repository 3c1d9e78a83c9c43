"""Readings of the supply chain, named for who asks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import Prefetch

from supplychain.models import Flow, Identifier, PatientOrder, Site, Stage, StageRun, User
from supplychain.rules import permitted
from supplychain.rules.codes import spellings
from supplychain.rules.duties import roles_at
from supplychain.rules.order_states import OrderState, RunState
from supplychain.rules.permitted import NextStep
from supplychain.rules.plans import FlowPlan, StagePlan, in_board_order
from supplychain.rules.reports import PersonReports
from supplychain.statuses import Role, SiteKind, StagePlace

MOST_FOUND = 20
RUN_FIELDS = ("status", "ready_at", "started_at", "completed_at", "failed_at", "held_at", "planned_start_at",
              "planned_end_at", "resource", "details")  # fmt: skip
RUNS_WITH_STAGE = StageRun.objects.select_related("stage")


@cache
def flow_plan(flow_id: UUID) -> FlowPlan:
    """The flow as the rules see it. Kept for the life of the process: a loaded flow never changes."""
    flow = Flow.objects.get(pk=flow_id)
    return FlowPlan(
        id=flow.pk,
        code=flow.code,
        version=flow.version,
        restart_stage=flow.restart_stage,
        stages=in_board_order(_stage_plan(stage) for stage in flow.stages.all()),
    )


def _stage_plan(stage: Stage) -> StagePlan:
    return StagePlan(
        id=stage.pk,
        code=stage.code,
        name=stage.name,
        kind=stage.kind,
        position=stage.position,
        after=tuple(stage.after),
        planned_hours=stage.planned_hours,
        worst_hours=stage.worst_hours,
        longest_wait_hours=stage.longest_wait_hours,
        pool=stage.pool,
        keeps_pool=stage.keeps_pool,
        place=stage.place,
        direction=stage.direction,
        may_end_after_release=stage.may_end_after_release,
    )


def order_state(order: PatientOrder, runs: Iterable[StageRun] | None = None) -> OrderState:
    """Where the order stands, as the rules read it; one query unless its runs (with their stage) are given."""
    rows = order.stage_runs.select_related("stage") if runs is None else runs
    moments = (order.promised_at, order.confirmed_at, order.held_at, order.cancelled_at, order.closed_at)
    state = OrderState(flow_plan(order.flow_id), order.attempt, *moments, last_occurred_at=order.last_occurred_at)
    for row in rows:
        key = (row.attempt, row.stage.code)
        state.runs[key] = RunState(*key, **{name: getattr(row, name) for name in RUN_FIELDS})
    return state


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


def sites_of(order: PatientOrder) -> dict[str, UUID]:
    """Ids of the order's sites by place."""
    return {place.value: getattr(order, f"{place.value}_id") for place in StagePlace}


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


@dataclass(frozen=True, slots=True)
class OrderOptions:
    """What a person may order, and where: journeys (current flows), centres and plants.

    `coordinated`: codes of the centres that they coordinate; `made`: of the plants at which they are in operations.
    """

    flows: list[Flow]
    ordering_sites: list[Site]
    other_sites: list[Site]
    plants: list[Site]
    coordinated: frozenset[str]
    made: frozenset[str]

    @property
    def may_order(self) -> bool:
        """Whether there is anything at all that they may order."""
        return bool(self.coordinated or self.made)

    @property
    def sites(self) -> dict[str, Site]:
        """All sites that can be named, by code."""
        return {site.code: site for site in (*self.ordering_sites, *self.other_sites, *self.plants)}

    def permits(self, ordering_site: str, plant: str) -> bool:
        """Whether they may order for this centre from this plant."""
        return ordering_site in self.coordinated or plant in self.made


def order_options(user: User) -> OrderOptions:
    """What `user` may order; two queries besides their memberships. A coordinator chooses among the own centres;
    others' names are offered only where cells may be collected for many."""
    coordinated, operated = set(user.site_ids(Role.SITE_COORDINATOR)), set(user.site_ids(Role.OPERATIONS))
    sites = list(Site.objects.filter(is_active=True))
    plants = [site for site in sites if site.kind == SiteKind.PLANT]
    centres = [site for site in sites if site.kind != SiteKind.PLANT]
    made = frozenset(site.code for site in plants if site.pk in operated)
    own = [site for site in centres if site.pk in coordinated]
    belongs = set(user.site_ids())
    shared = [site for site in centres if site.pk in belongs or site.kind == SiteKind.COLLECTION_CENTRE]
    flows = Flow.objects.filter(is_current=True, product__is_active=True).select_related("product")
    return OrderOptions(
        flows=sorted(flows, key=lambda flow: (flow.product.name, not flow.is_default, flow.name)),
        ordering_sites=centres if made else own,
        other_sites=centres if made else shared,
        plants=plants if own else [site for site in plants if site.code in made],
        coordinated=frozenset(site.code for site in own),
        made=made,
    )


def usual_plant(user: User, flow: Flow) -> Site | None:
    """The plant from which the person's centres had this journey last; one query."""
    orders = PatientOrder.objects.of_sites(user.site_ids()).filter(flow__product=flow.product_id, flow__code=flow.code)
    newest = orders.select_related("plant").order_by("-ordered_at", "-pk").first()
    return newest.plant if newest else None


def open_orders_of_patient(user: User, patient_reference: str, ordering_site: str) -> list[PatientOrder]:
    """The patient's open orders at this centre, as far as they exist for `user`; one query."""
    of_user = PatientOrder.objects.of_sites(user.site_ids()).open().select_related("product")
    return list(of_user.filter(patient_reference__iexact=patient_reference, ordering_site__code=ordering_site)[:5])
