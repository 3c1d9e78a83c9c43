"""What is traced, read in a constant number of queries; only within the orders that exist for the one who asks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.materials.models import Lot, LotUse, Material, MaterialParent
from supplychain.materials.rules.tracing import (
    Links,
    Piece,
    Used,
    branches,
    lots_in,
    parts_of_lot,
    parts_of_material,
    with_infusion,
)
from supplychain.materials.statuses import MaterialDoubt, TracePart
from supplychain.orders.actions.store import as_uuid
from supplychain.orders.models import Identifier, PatientOrder, PatientOrderQuerySet
from supplychain.orders.queries import Stands
from supplychain.orders.statuses import OrderStatus
from supplychain.transport.models import Shipment

ORDER_COLUMNS = ("id", "coi", "patient_reference", "product__name", "status", "infused_at", "flow_id")
PIECE_COLUMNS = (*Piece._fields[:-1], "is_elsewhere")
USE_COLUMNS = ("order_id", "lot_id", "material_id", "stage", "lot__kind", "lot__product", "lot__number", "expires_at",
               "used_at")  # fmt: skip
SHIPMENT_COLUMNS = ("stage_run__order_id", "direction", "status", "courier", "tracking_number", "shipper_number",
                    "picked_up_at", "delivered_at")  # fmt: skip


class TracedShipment(NamedTuple):
    """A shipment of a traced order."""

    direction: str
    status: str
    courier: str
    tracking_number: str
    shipper_number: str
    picked_up_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class TraceQuestion:
    """What is traced: one lot (of one `product`, or whichever has that number), one material, or one order."""

    lot: str = ""
    product: str = ""
    material: str = ""
    order: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.lot or self.material or self.order)

    def orders_among(self, orders: PatientOrderQuerySet) -> PatientOrderQuerySet:
        """Those of the orders to which all that is asked for leads."""
        if self.is_empty:
            return orders.none()
        if self.lot:
            orders = orders.filter(pk__in=LotUse.objects.filter(lot__in=self.lots()).values("order"))
        if self.material:
            orders = orders.filter(pk__in=self.materials().values("order"))
        if self.order:
            orders = orders.filter(_named(self.order))
        return orders

    def lots(self) -> QuerySet[Lot]:
        """The lots of that number."""
        lots = Lot.objects.filter(key=lookup_key(self.lot))
        return lots.filter(product__iexact=self.product) if self.product else lots

    def materials(self) -> QuerySet[Material]:
        """The materials of that number."""
        return Material.objects.filter(key=lookup_key(self.material))


def _named(order: str) -> Q:
    named = Identifier.objects.filter(Stands(), kind=IdentifierKind.COI, key=lookup_key(order)).values("order")
    order_id = as_uuid(order)
    return Q(pk__in=named) | Q(pk=order_id) if order_id else Q(pk__in=named)


@dataclass(frozen=True, slots=True)
class TracedPiece:
    """A material, what it has to do with the question, and what of it does not fit."""

    piece: Piece
    part: TracePart
    parents: tuple[str, ...]
    lots: tuple[str, ...]
    doubts: tuple[MaterialDoubt, ...]


@dataclass(frozen=True, slots=True)
class TracedOrder:
    """One order with what of it is traced; `lots`: all its lots that have to do with the question."""

    id: UUID
    coi: str
    patient_reference: str
    product: str
    status: str
    infused_at: datetime | None
    pieces: tuple[TracedPiece, ...]
    lots: tuple[Used, ...]
    shipments: tuple[TracedShipment, ...]

    @property
    def status_words(self) -> str:
        """“In progress”."""
        return OrderStatus(self.status).label


def trace(rows: Sequence[tuple], question: TraceQuestion) -> list[TracedOrder]:
    """The traced orders of these rows (of ORDER_COLUMNS): four queries, however many orders there are."""
    ids = [row[0] for row in rows]
    pieces, links, uses = _pieces(ids), _links(ids), _uses(ids)
    shipments = _shipments(ids)
    return [_traced(row, question, pieces[row[0]], links, uses[row[0]], shipments[row[0]]) for row in rows]


def _traced(
    row: tuple, question: TraceQuestion, pieces: list[Piece], links: Links, uses: list[Used], sent: list[TracedShipment]
) -> TracedOrder:
    flow, pieces = flow_plan(row[6]), with_infusion(pieces, row[5])
    if question.lot:
        lots = [use for use in uses if _is_asked(use, question)]
        parts = parts_of_lot(pieces, links, lots, flow.followers)
    elif question.material:
        asked = [one.id for one in pieces if one.key == lookup_key(question.material)]
        parts, lots = parts_of_material(asked, links), lots_in(asked, links, uses)
    else:
        parts, lots = dict.fromkeys((one.id for one in pieces), TracePart.OWN), uses
    numbers = {one.id: one.number for one in pieces}
    went: dict[UUID | None, list[str]] = defaultdict(list)
    for use in uses:
        went[use.material].append(use.words)
    shown = tuple(
        TracedPiece(
            one, parts[one.id], tuple(numbers[key] for key in links.parents.get(one.id, ())),
            tuple(dict.fromkeys(went[one.id])), doubts_of(one),
        )
        for one in pieces if one.id in parts
    )  # fmt: skip
    return TracedOrder(*row[:6], shown, tuple(lots), tuple(sent))


def _is_asked(use: Used, question: TraceQuestion) -> bool:
    same = lookup_key(use.number) == lookup_key(question.lot)
    return same and (not question.product or use.product.casefold() == question.product.casefold())


def doubts_of(piece: Piece) -> tuple[MaterialDoubt, ...]:
    """What does not fit about a material, its order alone or beside others."""
    own = tuple(map(MaterialDoubt, piece.doubts))
    return (*own, MaterialDoubt.ELSEWHERE) if piece.is_elsewhere else own


def _pieces(order_ids: Collection[UUID]) -> dict[UUID, list[Piece]]:
    other = Material.objects.filter(key=OuterRef("key")).exclude(order=OuterRef("order")).exclude(kind="")
    rows = Material.objects.filter(order__in=order_ids).annotate(is_elsewhere=Exists(other)).order_by("made_at", "key")
    found: dict[UUID, list[Piece]] = defaultdict(list)
    for row in rows.values_list(*PIECE_COLUMNS):
        found[row[0]].append(Piece(*row))
    return found


def _links(order_ids: Collection[UUID]) -> Links:
    rows = MaterialParent.objects.filter(order__in=order_ids)
    return Links.of(rows.order_by("id").values_list("child_id", "parent_id"))


def _uses(order_ids: Collection[UUID]) -> dict[UUID, list[Used]]:
    found: dict[UUID, list[Used]] = defaultdict(list)
    for row in LotUse.objects.filter(order__in=order_ids).order_by("used_at", "id").values_list(*USE_COLUMNS):
        found[row[0]].append(Used(*row))
    return found


def _shipments(order_ids: Collection[UUID]) -> dict[UUID, list[TracedShipment]]:
    found: dict[UUID, list[TracedShipment]] = defaultdict(list)
    rows = Shipment.objects.filter(stage_run__order__in=order_ids).order_by("picked_up_at", "id")
    for order_id, *row in rows.values_list(*SHIPMENT_COLUMNS):
        found[order_id].append(TracedShipment(*row))
    return found


class ShownBranch(NamedTuple):
    """One line of the tree as it is shown, with the lots that went straight into it."""

    piece: Piece
    depth: int
    is_repeated: bool
    doubts: Sequence[MaterialDoubt]
    lots: Sequence[Used]


@dataclass(frozen=True, slots=True)
class OrderMaterials:
    """The tree of one order's materials; `of_stage`: its lots of which no material was said."""

    branches: Sequence[ShownBranch]
    of_stage: Sequence[Used]


def materials_of_order(order: PatientOrder) -> OrderMaterials:
    """What the order page shows; three queries."""
    lots: dict[UUID | None, list[Used]] = defaultdict(list)
    for use in _uses([order.pk])[order.pk]:
        lots[use.material].append(use)
    pieces = with_infusion(_pieces([order.pk])[order.pk], order.infused_at)
    shown = [
        ShownBranch(*branch, doubts_of(branch.piece), lots.get(branch.piece.id, ()))
        for branch in branches(pieces, _links([order.pk]))
    ]
    return OrderMaterials(shown, lots.get(None, ()))
