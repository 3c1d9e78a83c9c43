"""The order page: one order with everything that is known of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from batches.flags.models import Flag, FlagChange
from batches.flags.rules.centre_words import is_of_centre
from batches.flags.rules.harm import urgency
from batches.forecasts.models import Forecast
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.queries.ready import ready_forecasts
from dashboards.orders.queries.conflicts import conflicts_of
from dashboards.orders.queries.line import order_line
from dashboards.orders.queries.order_view import OrderView
from dashboards.orders.queries.predictions import order_outlook
from dashboards.orders.queries.settled import decisions_of
from dashboards.orders.queries.sharing import of_same_patient, sharings
from dashboards.orders.queries.steps import steps_of
from dashboards.orders.rules.events import marks_of
from supplychain.collections.queries import collections_to_record
from supplychain.conditions.queries import conditions_of
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.materials.queries import materials_of_order
from supplychain.orders.models import PatientOrder, SealCheck, StageRun, StatusEvent
from supplychain.orders.queries import Stands, counting_runs, event_withdrawals, open_stops, said_by, sites_of
from supplychain.orders.rules.duties import Roles, roles_at
from supplychain.orders.rules.interlocks import may_override
from supplychain.orders.rules.standing import is_on_hold
from supplychain.pages.viewers import Viewer
from supplychain.people.models import User
from supplychain.recording.queries import permitted_reports, withdrawable_events
from supplychain.transport.queries import arrivals_of, delays_of, packagings_of

MOST_EVENTS = 500
SITES = ("ordering_site", "collection_site", "infusion_site", "plant")


def order_of(viewer: Viewer, order_id: UUID) -> PatientOrder:
    """The order, if it exists for this person; one query. Raises PatientOrder.DoesNotExist."""
    return viewer.orders().select_related("product", "flow", *SITES).get(pk=order_id)


def _identifiers(order: PatientOrder) -> Any:
    """But for those of its materials and labels, which have a part of the page of their own."""
    named = order.identifiers.exclude(kind__in=(IdentifierKind.MATERIAL, IdentifierKind.LABEL))
    return named.annotate(stands=Stands()).order_by("kind", "recorded_at")


def _forecast(order: PatientOrder) -> Forecast | None:
    return Forecast.objects.filter(order=order, superseded_at__isnull=True).first()


def order_view(order: PatientOrder, user: User, now: datetime, *, most_events: int | None = MOST_EVENTS) -> OrderView:
    """Everything about `order`, in 22 queries; more where it has shipments (three, a fourth if nobody said when one
    arrives), the time of its cells runs (four), its centre or a second person is asked (one), its flow is new (two)."""
    runs, flags, events = list(_runs(order)), sorted(_flags(order), key=urgency), _events(order, most_events)
    names = {run.stage.code: run.stage.name for run in sorted(runs, key=lambda run: run.stage.position)}
    said, ready = order_outlook(order, runs, names, now), ready_forecasts([order.pk], now).get(order.pk)
    stops, roles = open_stops([order.pk], now=now).get(order.pk, ()), roles_at(sites_of(order), user.rights)
    return OrderView(
        order=order,
        runs=runs,
        flags=[flag for flag in flags if flag.cleared_at is None],
        past_flags=[flag for flag in flags if flag.cleared_at],
        ready=ready,
        forecast=(forecast := _forecast(order)),
        outlook=said,
        batches=list(order.batches.select_related("plant", "suite")),
        identifiers=list(_identifiers(order)),
        events=sorted(events, key=lambda event: (event.occurred_at, event.position), reverse=True),
        marks=marks_of(events, order.surprises, flow_plan(order.flow_id)),
        withdrawals=event_withdrawals(order),
        withdrawable=withdrawable_events(order, user, events),
        conflicts=conflicts_of(order),
        stage_names=names,
        **(cells := _cells(order, user, now, runs, roles)),
        line=order_line(order, runs, forecast, ready, said, now, cells["budgets"], cells["arrivals"]),
        steps=steps_of(order, flags, now, runs, stops, cells["arrivals"]),
        actions=permitted_reports(order, user, now, runs, stops=stops),
        stops=stops,
        may_settle=may_override(None, roles),
        conditions=conditions_of(order, runs),
        is_of_centre=is_of_centre(roles),
        reporter=str(user.pk),
        is_held=order.is_open and is_on_hold(order.status, [run.status for run in counting_runs(order, runs)]),
        seal_check=SealCheck.objects.filter(order=order).first(),
        now=now,
        sharings=sharings(order, flags, user),
        said_by=said_by([order]),
        decisions=decisions_of(events, flags),
    )


def _cells(order: PatientOrder, user: User, now: datetime, runs: Sequence[StageRun], roles: Roles) -> dict[str, Any]:
    """What is known and to be recorded of its cells and their ways, and the other orders of its patient."""
    budgets, to_record = hold_budgets_of([order.pk], now).get(order.pk, ()), collections_to_record(order, runs, roles)
    materials, siblings = materials_of_order(order, now), of_same_patient(order, user)
    return {"siblings": siblings, "materials": materials, "budgets": budgets, "to_record": to_record,
            "arrivals": arrivals_of(order, runs, now), "delays": delays_of(runs),
            "packagings": packagings_of(order, runs)}  # fmt: skip


def _runs(order: PatientOrder) -> Any:
    related = ("stage", "site", "collection__site", "shipment__from_site", "shipment__to_site")
    return StageRun.objects.filter(order=order).select_related(*related).order_by("stage__position", "attempt")


def _flags(order: PatientOrder) -> Any:
    history = FlagChange.objects.order_by("-changed_at", "-id")
    return Flag.objects.filter(order=order).select_related("owner").prefetch_related(Prefetch("changes", history))


def _events(order: PatientOrder, most: int | None) -> list[StatusEvent]:
    """The newest events that we heard of, in the order in which we did."""
    newest = StatusEvent.objects.filter(order=order).select_related("source", "user", "signature").order_by("-position")
    return list(reversed(newest[:most]))
