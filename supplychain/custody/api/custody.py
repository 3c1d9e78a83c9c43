"""`GET /api/v1/orders/{id}/custody/`: who held an order's cells; `GET /api/v1/custody/`: what is with whom now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.custody.api import examples
from supplychain.custody.models import HOLDERS, CustodyEntry
from supplychain.custody.queries import CustodyLine, custody_for, held_at, held_now
from supplychain.custody.rules.words import gap_said
from supplychain.custody.statuses import GapKind
from supplychain.orders.models import PatientOrder, takes_part_in
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint
from supplychain.rest.filters import MomentFilter
from supplychain.sentences import said_in

HolderName = Annotated[str, Meta(extra_json_schema={"enum": [value for value, _ in HOLDERS]})]


class GapFound(msgspec.Struct):
    """Why nobody can vouch for the cells at a hand-over. `is_grave`: they may have been exchanged or harmed."""

    kind: GapKind
    why: str
    is_grave: bool


class SecondPersonSaid(msgspec.Struct):
    """Who the second person of a step was, where the product asks for two. `confirmed_at` null: the reporting system
    named them, and nobody confirmed it here."""

    step: str
    reported_by: str
    second_person: str
    confirmed_at: Moment | None


class HeldBy(msgspec.Struct):
    """Somebody held the cells from `since` to `until` (null: still). `infused`, `destroyed`: nobody does any more.

    `event`: the hand-over that says so; `stage`, `attempt`, `kind`: the stage report that does; both: they agree.
    """

    holder: HolderName
    site: str
    name: str
    place: str
    since: Moment
    until: Moment | None
    given_by: str
    received_by: str
    second_person: str
    seal: str
    packaging: str
    tracking_number: str
    remark: str
    event: UUID | None
    stage: str
    attempt: int | None
    kind: str
    reported_by: str
    second_people: list[SecondPersonSaid]
    gap: GapFound | None


class CellsDecidedOn(msgspec.Struct):
    """What was decided on the cells of a cancelled order when it was closed."""

    at: Moment
    reason: str
    reported_by: str


class CustodyChain(msgspec.Struct):
    """An order's chain of custody, the first holder first. `may_wait`: until when the cells may wait, in sentences;
    `decided`: not null, the cells were decided on, and the last entry is where they were known to be."""

    order: UUID
    entries: list[HeldBy]
    may_wait: list[str]
    decided: CellsDecidedOn | None


class OrderCustody(Endpoint):
    """Who held one order's cells."""

    required_scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="get_order_custody",
        summary="An order's chain of custody",
        responses={200: CustodyChain} | OF_ONE,
        examples=examples.CHAIN,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """From the collection to the infusion or destruction; 404 unless one of your sites takes part in the order."""
        sites = ("collection_site", "plant", "infusion_site", "ordering_site")
        orders = PatientOrder.objects.of_sites(request.auth.site_ids).select_related(*sites)
        order, now = get_object_or_404(orders, pk=order_id), timezone.now()
        custody = custody_for(order, now)
        clocks = [said_in(clock, UTC, now) for clock in custody.clocks]
        decided = CellsDecidedOn(*custody.decided) if custody.decided else None
        return Response(CustodyChain(order.pk, [_held_by(line) for line in custody.lines], clocks, decided))


def _held_by(line: CustodyLine) -> HeldBy:
    one, told = line.holding, line.holding.told
    said = [getattr(told, name) if told else "" for name in ("given_by", "received_by", "second_person", "seal",
                                                             "packaging", "number", "remark")]  # fmt: skip
    gap = GapFound(one.gap.kind, said_in(line.gap, UTC), gap_said(one)["is_grave"]) if one.gap else None
    seconds = [SecondPersonSaid(*second) for second in line.checked]
    event, attempt = UUID(told.event) if told else None, one.attempt if one.stage else None
    return HeldBy(one.holder.holder, line.site.code if line.site else "", one.holder.name, one.place, one.since,
                  one.until, *said, event, one.stage, attempt, one.kind, line.reported_by, seconds, gap)  # fmt: skip


class HoldingNow(msgspec.Struct):
    """Who holds the cells of an order now, or held them at the moment asked for; `until` null: still."""

    order: UUID
    coi: str
    holder: HolderName
    site: str
    name: str
    place: str
    since: Moment
    until: Moment | None
    gap: str


class HoldingFilter(django_filters.FilterSet):
    """Whose cells, and which."""

    holder = django_filters.MultipleChoiceFilter(choices=HOLDERS[:5])
    at = MomentFilter(method="of_moment", help_text="Who held them then; left out: who holds them now.")
    site = django_filters.CharFilter("site__code", help_text="Code of the site that holds them.")
    courier = django_filters.CharFilter(
        "name", "iexact", help_text="Name of the courier, in small letters or capitals."
    )

    class Meta:
        model = CustodyEntry
        fields: tuple[str, ...] = ()

    def of_moment(self, rows: QuerySet, _: str, value: datetime) -> QuerySet:
        """Those who held them at a moment: from a hand-over on, until the next one."""
        return rows.filter(held_at(value))


class HoldingsNow(ListEndpoint):
    """Who holds which cells now."""

    required_scopes = {"GET": "orders:read"}
    queryset = CustodyEntry.objects.all()
    filterset_class = HoldingFilter
    order_by = ("-since", "-id")
    columns = ("order_id", "order__coi", "holder", "site__code", "name", "place", "since", "until", "gap", "id")

    @extend_schema(
        operation_id="list_custody",
        summary="Who holds which cells, now or at a moment",
        responses={200: HoldingNow} | OF_A_LIST,
        examples=examples.NOW,
    )
    def get(self, request: Request) -> Response:
        """The newest first: what is with a courier, at a site; without what was infused or destroyed, and without what
        was decided on when its cancelled order was closed. With `at` who
        held what at that moment, by all that is known today, also of orders that have ended."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Those of the orders of one's sites: that somebody holds still, unless a moment is asked for."""
        held = CustodyEntry.objects.filter(holder__in=[value for value, _ in HOLDERS[:5]])
        held = held if "at" in self.request.GET else held.filter(held_now(timezone.now()))
        return held.filter(takes_part_in(self.request.auth.site_ids, "order__"))

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """One entry a row."""
        return [HoldingNow(*row[:3], row[3] or "", *row[4:-1]) for row in rows]
