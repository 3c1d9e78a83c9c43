"""What is traced, read in a constant number of queries; only within the orders that exist for the one who asks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.materials.models import Lot, LotUse, Material
from supplychain.materials.rules.doubts import NOT_TO_USE, USABLE, doubts_of
from supplychain.materials.rules.fitness import InHand, why_of_batch, why_unfit
from supplychain.materials.rules.tracing import (
    Links,
    Piece,
    Used,
    branches,
    in_time,
    is_given,
    lots_in,
    parts_of_lot,
    parts_of_material,
    with_infusion,
)  # fmt: skip
from supplychain.materials.statuses import MaterialDoubt, TracePart
from supplychain.orders.actions.store import as_uuid
from supplychain.orders.models import Identifier, PatientOrder, PatientOrderQuerySet
from supplychain.orders.queries import Stands, order_state
from supplychain.orders.queries.infusions import giving_now, infusions_under_way
from supplychain.orders.rules.duties import has_right, holders_of, roles_at
from supplychain.orders.statuses import DONE_STAGE_STATUSES, MaterialStatus, OrderEventKind, OrderStatus, StageStatus
from supplychain.people.models import User
from supplychain.sql import from_json, read, texts
from supplychain.transport.models import Shipment

ORDER_COLUMNS = ("id", "coi", "patient_reference", "product__name", "status", "infused_at", "flow_id")
PLACES = tuple(f"{place}_id" for place in StagePlace.values)
# Ids as text: making an object of each would take most of the time.
PIECES_SQL = """SELECT m.order_id::text, m.id::text, m.number, m.kind, m.component, m.stage, m.storage, m.volume_ml,
    m.cells, m.expires_at, m.made_at, m.status, m.status_at, m.status_reason, m.doubts::text, m.key,
    EXISTS (SELECT 1 FROM supplychain_material o WHERE o.key = m.key AND o.order_id <> m.order_id AND o.kind <> ''
        AND o.withdrawn_at IS NULL),
    m.status = %(released)s AND EXISTS (SELECT 1 FROM supplychain_patientorder p JOIN supplychain_stage s
        ON s.flow_id = p.flow_id AND s.kind = %(release)s WHERE p.id = m.order_id AND NOT EXISTS (
            SELECT 1 FROM supplychain_stagerun r WHERE r.order_id = p.id AND r.stage_id = s.id
            AND r.status = ANY(%(done)s) AND r.withdrawn_at IS NULL)),
    m.status = ANY(%(usable)s) AND EXISTS (SELECT 1 FROM supplychain_stagerun r
        JOIN supplychain_stage s ON s.id = r.stage_id JOIN supplychain_patientorder p ON p.id = r.order_id
        WHERE r.order_id = m.order_id AND r.attempt = p.attempt AND r.status = %(failed)s AND s.kind = %(test)s
        AND r.withdrawn_at IS NULL)
    FROM supplychain_material m WHERE m.order_id = ANY(%(ids)s::uuid[]) AND m.withdrawn_at IS NULL"""
OF_RELEASE = {
    "released": MaterialStatus.RELEASED.value, "release": StageKind.RELEASE.value,
    "done": [one.value for one in DONE_STAGE_STATUSES], "usable": [one.value for one in USABLE],
    "failed": StageStatus.FAILED.value, "test": StageKind.QUALITY_CONTROL.value,
}  # fmt: skip
LINKS_SQL = """SELECT child_id::text, parent_id::text FROM supplychain_materialparent
    WHERE order_id = ANY(%(ids)s::uuid[]) AND withdrawn_at IS NULL"""
USES_SQL = """SELECT u.order_id::text, u.material_id::text, u.stage, l.kind, l.product, l.number, u.expires_at,
    u.used_at FROM supplychain_lotuse u JOIN supplychain_lot l ON l.id = u.lot_id
    WHERE u.order_id = ANY(%(ids)s::uuid[]) AND u.withdrawn_at IS NULL ORDER BY u.used_at, u.id"""
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
    """One order with what of it is traced; `lots`: all its lots that have to do with the question; `is_given`: whether
    the moment of its infusion has come; `giving_since`: since when its infusion is under way."""

    id: UUID
    coi: str
    patient_reference: str
    product: str
    status: str
    infused_at: datetime | None
    is_given: bool
    giving_since: datetime | None
    pieces: tuple[TracedPiece, ...]
    lots: tuple[Used, ...]
    shipments: tuple[TracedShipment, ...]

    @property
    def status_words(self) -> str:
        """“In progress”."""
        return OrderStatus(self.status).label


def trace(rows: Sequence[tuple], question: TraceQuestion, now: datetime) -> list[TracedOrder]:
    """The traced orders of these rows (of ORDER_COLUMNS): five queries, however many orders there are."""
    ids = [row[0] for row in rows]
    pieces, links, uses = _pieces(ids), _links(ids), _uses(ids)
    shipments, giving = _shipments(ids), giving_now(ids, now)
    keys = [str(row[0]) for row in rows]
    parts = zip(rows, keys, strict=True)
    found = [_traced(row, question, pieces[key], links, uses[key], shipments[key], now) for row, key in parts]
    return [replace(one, giving_since=giving.get(one.id)) for one in found]


def _traced(
    row: tuple, question: TraceQuestion, pieces: list[Piece], links: Links, uses: list[Used],
    sent: list[TracedShipment], now: datetime,
) -> TracedOrder:  # fmt: skip
    flow, pieces = flow_plan(row[6]), with_infusion(pieces, row[5], now)
    if question.lot:
        lots = [use for use in uses if _is_asked(use, question)]
        parts = parts_of_lot(pieces, links, lots, flow.followers)
    elif question.material:
        asked = [one.id for one in pieces if one.key == lookup_key(question.material)]
        parts, lots = parts_of_material(asked, links), lots_in(asked, links, uses)
    else:
        parts, lots = dict.fromkeys((one.id for one in pieces), TracePart.OWN), uses
    numbers = {one.id: one.number for one in pieces}
    went: dict[str | None, list[str]] = defaultdict(list)
    for use in uses:
        went[use.material].append(use.words)
    shown = tuple(
        TracedPiece(
            one, parts[one.id], tuple(numbers[key] for key in links.parents.get(one.id, ())),
            tuple(dict.fromkeys(went[one.id])), doubts_of(one, row[4]),
        )
        for one in pieces if one.id in parts
    )  # fmt: skip
    return TracedOrder(*row[:6], is_given(row[5], now), None, shown, tuple(lots), tuple(sent))


def _is_asked(use: Used, question: TraceQuestion) -> bool:
    same = lookup_key(use.number) == lookup_key(question.lot)
    return same and (not question.product or use.product.casefold() == question.product.casefold())


def _pieces(order_ids: Collection[UUID]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = defaultdict(list)
    for *row, doubts, key, is_elsewhere, lacks_release, has_failed in read(
        PIECES_SQL, ids=texts(order_ids), **OF_RELEASE
    ):
        found[row[0]].append(Piece(*row, from_json(doubts), key, is_elsewhere, lacks_release, has_failed))
    for pieces in found.values():
        pieces.sort(key=in_time)
    return found


def _links(order_ids: Collection[UUID]) -> Links:
    return Links.of(read(LINKS_SQL, ids=texts(order_ids)))


def _uses(order_ids: Collection[UUID]) -> dict[str, list[Used]]:
    found: dict[str, list[Used]] = defaultdict(list)
    for row in read(USES_SQL, ids=texts(order_ids)):
        found[row[0]].append(Used(*row))
    return found


def _shipments(order_ids: Collection[UUID]) -> dict[str, list[TracedShipment]]:
    found: dict[str, list[TracedShipment]] = defaultdict(list)
    rows = Shipment.objects.filter(stage_run__order__in=order_ids).order_by("picked_up_at", "id")
    for order_id, *row in rows.values_list(*SHIPMENT_COLUMNS):
        found[str(order_id)].append(TracedShipment(*row))
    return found


@dataclass(frozen=True, slots=True)
class OrdersToHold:
    """Of some orders those whose patients wait, at most so many; `ids`: whom this person may put on hold."""

    waiting: int
    on_hold: int
    of_others: int
    ids: list[UUID]


def orders_to_hold(orders: PatientOrderQuerySet, user: User, *, most: int) -> OrdersToHold:
    """Which of them can be put on hold, the newest first; one query. `waiting` beyond `most`: there are more."""
    waiting = orders.open().exclude(pk__in=infusions_under_way().values("order")).order_by("-ordered_at", "-id")
    rows = list(waiting.values_list("pk", "held_at", *PLACES)[: most + 1])
    free = [row for row in rows[:most] if row[1] is None]
    holders, rights = holders_of(None, OrderEventKind.HELD), list(user.rights)
    may = {sites: has_right(holders, roles_at(dict(zip(StagePlace.values, sites, strict=True)), rights))
           for sites in {row[2:] for row in free}}  # fmt: skip
    ids = [row[0] for row in free if may[row[2:]]]
    return OrdersToHold(len(rows), len(rows[:most]) - len(free), len(free) - len(ids), ids)


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

    @property
    def not_to_use(self) -> list[ShownBranch]:
        """Those of which whoever has them must know at once that they are not to be used."""
        return [one for one in self.branches if NOT_TO_USE.intersection(one.doubts)]


def materials_of_order(order: PatientOrder, now: datetime) -> OrderMaterials:
    """What the order page shows; three queries."""
    lots: dict[str | None, list[Used]] = defaultdict(list)
    for use in _uses([order.pk])[str(order.pk)]:
        lots[use.material].append(use)
    pieces = with_infusion(_pieces([order.pk])[str(order.pk)], order.infused_at, now)
    shown = [
        ShownBranch(*branch, doubts_of(branch.piece, order.status), lots.get(branch.piece.id, ()))
        for branch in branches(pieces, _links([order.pk]))
    ]
    return OrderMaterials(shown, lots.get(None, ()))


def why_unfit_of(order_id: UUID, number: str, now: datetime) -> str:
    """Why the order's material or batch of this number is not to be used; empty if it may be. Three queries."""
    order = PatientOrder.objects.get(pk=order_id)
    state, key = order_state(order), lookup_key(number)
    row = Material.objects.filter(order=order, key=key, withdrawn_at=None).values_list(*InHand._fields).first()
    if row:
        return why_unfit(state, InHand(*row), now)
    batches = {run.details.get("batch_number", "") for run in state.runs.values()} - {""}
    return next((why_of_batch(state, one) for one in batches if lookup_key(one) == key), "")
