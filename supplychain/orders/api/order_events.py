"""What was said of an order. The order with its flags and forecast is read a floor up: batches/orders/api/orders.py."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.orders.api import examples
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import event_withdrawals
from supplychain.orders.rules.placing import Moment
from supplychain.orders.rules.withdrawals import EventWithdrawal
from supplychain.orders.statuses import EVENT_KINDS
from supplychain.rest.documentation import OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import MomentFilter, stage_filter


class WrongSaid(msgspec.Struct):
    """That somebody said of an event that it is wrong. One that matters is withdrawn once two have said so.

    `rejected_by`, `rejected_at`: who found the event right all the same, and when; empty: nobody did.
    """

    by: str
    reason: str
    said_at: Moment
    rejected_by: str = ""
    rejected_at: Moment | None = None


class RecordedEvent(msgspec.Struct):
    """One fact as it was said; `position` is its place in the order's chain, `hash` its link.

    `lacked_scope`: the right that its sender did not have; empty for those who had it.
    `withdrawn`: it was taken back, the order stands as if it had not been said; `said_wrong`: who said so, and why.
    """

    id: UUID
    position: int
    kind: Annotated[str, Meta(extra_json_schema={"enum": list(EVENT_KINDS)})]
    stage: str
    attempt: int | None
    occurred_at: Moment
    recorded_at: Moment
    source: str
    person: str
    source_event_id: str
    resource: str
    payload: dict[str, Any]
    hash: str
    lacked_scope: str
    withdrawn: bool
    said_wrong: list[WrongSaid]


class EventFilter(django_filters.FilterSet):
    """Which of an order's events."""

    kind = django_filters.MultipleChoiceFilter(choices=list(EVENT_KINDS.items()))
    stage = stage_filter()
    recorded_after = MomentFilter("recorded_at", "gt", help_text="What we have heard since.")

    class Meta:
        model = StatusEvent
        fields: tuple[str, ...] = ()


class OrderEvents(ListEndpoint):
    """The events of one order in the order in which we heard of them."""

    required_scopes = {"GET": "orders:read"}
    queryset = StatusEvent.objects.all()
    filterset_class = EventFilter
    order_by = ("position",)
    columns = (
        "id", "position", "kind", "stage", "attempt", "occurred_at", "recorded_at", "source__code", "user__username",
        "source_event_id", "resource", "payload", "hash", "lacked_scope", "user__first_name", "user__last_name",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_order_events",
        summary="An order's events",
        responses={200: RecordedEvent} | OF_A_LIST | OF_ONE,
        examples=examples.EVENT_ROWS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """Every event of the order, oldest first; 404 unless one of your sites takes part in it."""
        orders = PatientOrder.objects.of_sites(request.auth.site_ids).only("withdrawn_events")
        self.order = get_object_or_404(orders, pk=order_id)
        return super().get(request)

    def visible(self) -> QuerySet:
        """The events of the order in the address."""
        return StatusEvent.objects.filter(order=self.kwargs["order_id"])

    def bodies(self, rows: Sequence[tuple]) -> list[RecordedEvent]:
        """One fact a row."""
        against = event_withdrawals(self.order)
        return [
            RecordedEvent(*row[:7], row[7] or "", _name(row[8], *row[14:]), *row[9:14], *_against(against.get(row[0])))
            for row in rows
        ]


def _against(said: EventWithdrawal | None) -> tuple[bool, list[WrongSaid]]:
    if said is None:
        return False, []
    return said.counts, [
        WrongSaid(one.by, one.reason, one.said_at, one.rejected_by, one.rejected_at) for one in said.said
    ]


def _name(username: str | None, first_name: str | None, last_name: str | None) -> str:
    """A person as User.__str__ shows them; empty for a system."""
    return f"{first_name or ''} {last_name or ''}".strip() or username or ""
