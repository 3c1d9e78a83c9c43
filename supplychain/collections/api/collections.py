"""`GET /api/v1/orders/{id}/collections/`: an order's collections with every answer; `GET /api/v1/collections/`: those
of your sites, such as all that used one lot of kits."""

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.collections.api import examples
from supplychain.collections.queries import ShownAnswer, ShownCollection, ShownItem, collections_of
from supplychain.flows.rules.checklists import KNOWN, PRESERVATION
from supplychain.orders.models import PatientOrder, takes_part_in
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint
from supplychain.sentences import said_in
from supplychain.transport.models import Collection
from supplychain.transport.statuses import CollectionStatus


class GivenAnswer(msgspec.Struct):
    """One answer: its value, in words, who gave it and when, and why it was given another time."""

    value: bool | float | str
    words: str
    by: str
    at: Moment
    asked: str
    reason: str


class AnsweredItem(msgspec.Struct):
    """One item of a collection's record or checklist, its answers the one that counts last. `open`: what is not as the
    product wants it; `limits`: of its number; `is_required` false also of what the flow does not ask."""

    code: str
    text: str
    unit: str
    limits: str
    is_required: bool
    answers: list[GivenAnswer]
    open: str


class CollectionRecord(msgspec.Struct):
    """A collection. `waits_until`: when its cells must be on at the latest, null once they are; `frozen_until`: to when
    frozen cells of it may be used; `open_reason`: why it was reported completed although something was open."""

    stage: str
    attempt: int
    flow_version: int
    status: str
    donation_number: str
    started_at: Moment | None
    ended_at: Moment | None
    waits_until: Moment | None
    frozen_until: Moment | None
    clock: list[str]
    items: list[AnsweredItem]
    open_points: list[str]
    open_reason: str


class OrderCollectionList(msgspec.Struct):
    """The collections of an order, attempt by attempt."""

    order: UUID
    collections: list[CollectionRecord]


class OrderCollections(Endpoint):
    """The collections of one order."""

    required_scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="get_order_collections",
        summary="An order's collections",
        responses={200: OrderCollectionList} | OF_ONE,
        examples=examples.OF_ORDER,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """With all that was answered of them; 404 unless one of your sites takes part in the order.

        Answers are sent as events of the kind `collection_checked`.
        """
        orders = PatientOrder.objects.of_sites(request.auth.site_ids)
        order, now = get_object_or_404(orders, pk=order_id), timezone.now()
        found = [_record(one, order) for one in collections_of(order, now)]
        return Response(OrderCollectionList(order.pk, found))


def _record(one: ShownCollection, order: PatientOrder) -> CollectionRecord:
    run = one.run
    return CollectionRecord(
        stage=run.stage,
        attempt=run.attempt,
        flow_version=one.flow_version,
        status=run.status,
        donation_number=run.details.get("donation_number", ""),
        started_at=run.started_at,
        ended_at=run.completed_at or run.failed_at,
        waits_until=one.wait_until,
        frozen_until=one.frozen_until,
        clock=[said_in(sentence, UTC) for sentence in one.clock],
        items=[_item(item) for item in one.items],
        open_points=[point.words for point in one.points],
        open_reason=one.open_reason,
    )


def _item(one: ShownItem) -> AnsweredItem:
    item = one.item
    asks = (item.unit, item.limits, item.is_required) if item else ("", "", False)
    return AnsweredItem(one.code, one.asked, *asks, [_answer(each) for each in one.answers],
                        one.point.why if one.point else "")  # fmt: skip


def _answer(one: ShownAnswer) -> GivenAnswer:
    return GivenAnswer(one.given.value, one.words, one.by, one.given.at, one.given.asked, one.given.reason)


class ToldCollection(msgspec.Struct):
    """A collection with its record; numbers of cells in ×10⁹; null and empty: not said."""

    order: UUID
    coi: str
    attempt: int
    site: str
    status: str
    donation_number: str
    started_at: Moment | None
    ended_at: Moment | None
    kit_number: str
    kit_lot: str
    kit_expires_on: date | None
    anticoagulant: str
    volume_ml: float | None
    nucleated_cells_e9: float | None
    cd3_cells_e9: float | None
    viability_percent: float | None
    haematocrit_percent: float | None
    preservation: str


class CollectionFilter(django_filters.FilterSet):
    """Which collections."""

    status = django_filters.MultipleChoiceFilter(choices=CollectionStatus.choices)
    preservation = django_filters.ChoiceFilter(choices=KNOWN[PRESERVATION].choices)
    site = django_filters.CharFilter("site__code", help_text="Code of the site that collected.")
    kit_lot = django_filters.CharFilter(method="filter_kit_lot", help_text="Lot of the kit, in full.")

    class Meta:
        model = Collection
        fields: tuple[str, ...] = ()

    def filter_kit_lot(self, collections: QuerySet, name: str, value: str) -> QuerySet:
        """Those that used a kit of this lot, whichever capitals it was typed in."""
        return collections.exclude(kit_lot="").annotate(lot_key=Upper("kit_lot")).filter(lot_key=value.strip().upper())


class Collections(ListEndpoint):
    """Collections of your sites' orders."""

    required_scopes = {"GET": "orders:read"}
    queryset = Collection.objects.all()
    filterset_class = CollectionFilter
    order_by = ("id",)
    columns = (
        "stage_run__order", "stage_run__order__coi", "stage_run__attempt", "site__code", "status", "donation_number",
        "started_at", "ended_at", "kit_number", "kit_lot", "kit_expires_on", "anticoagulant", "volume_ml",
        "nucleated_cells_e9", "cd3_cells_e9", "viability_percent", "haematocrit_percent", "preservation", "id",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_collections",
        summary="Collections",
        responses={200: ToldCollection} | OF_A_LIST,
        examples=examples.COLLECTIONS,
    )
    def get(self, request: Request) -> Response:
        """The collections of the orders in which one of your sites takes part, those first told of first."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Collections of your sites' orders."""
        return Collection.objects.filter(takes_part_in(self.request.auth.site_ids, "stage_run__order__"))

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """One collection a row."""
        return [ToldCollection(*row[:-1]) for row in rows]
