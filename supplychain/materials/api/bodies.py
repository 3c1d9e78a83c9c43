"""What is sent of materials, lots and traces; the trace page's file says the same."""

from uuid import UUID

import msgspec

from supplychain.materials.queries import TracedOrder, TracedPiece
from supplychain.materials.rules.tracing import Used
from supplychain.materials.statuses import MaterialDoubt, TracePart
from supplychain.orders.rules.placing import Moment


class MaterialBody(msgspec.Struct):
    """A material; `kind` empty: it was only named so far. `status` empty: nobody said what became of it.

    `parents`: numbers of the materials that it came from; `doubts`: what of it does not fit.
    """

    order: UUID
    coi: str
    number: str
    kind: str
    component: str
    stage: str
    storage: str
    volume_ml: float | None
    cells: int | None
    expires_at: Moment | None
    made_at: Moment | None
    status: str
    status_at: Moment | None
    status_reason: str
    doubts: list[MaterialDoubt]
    parents: list[str]


class LotBody(msgspec.Struct):
    """A lot of a reagent or vector; `orders`: in how many of your sites' orders it was used.

    `expires_at`: the earliest that a report of these says; empty: none says it.
    """

    id: UUID
    kind: str
    product: str
    number: str
    orders: int
    first_used_at: Moment
    last_used_at: Moment
    expires_at: Moment | None


class TracedLot(msgspec.Struct):
    """A use of a lot; `material` empty: only the stage that used it is known."""

    kind: str
    product: str
    number: str
    material: str
    stage: str
    expires_at: Moment | None
    used_at: Moment


class TracedMaterial(msgspec.Struct):
    """A material; `part`: what it has to do with what was asked for; `lots`: those that went straight into it."""

    part: TracePart
    number: str
    kind: str
    component: str
    stage: str
    storage: str
    volume_ml: float | None
    cells: int | None
    expires_at: Moment | None
    made_at: Moment | None
    status: str
    status_at: Moment | None
    status_reason: str
    parents: list[str]
    lots: list[str]
    doubts: list[MaterialDoubt]


class TracedTransport(msgspec.Struct):
    """A shipment of the order."""

    direction: str
    status: str
    courier: str
    tracking_number: str
    shipper_number: str
    picked_up_at: Moment | None
    delivered_at: Moment | None


class TraceBody(msgspec.Struct):
    """One order to which the trace leads; `infused_at`: when its dose was given, as its stages say
    (a moment to come: it is foreseen); `infusion_started_at`: since when it is being given, if that is under way: it is
    to be stopped first."""

    order: UUID
    coi: str
    patient_reference: str
    product: str
    status: str
    infused_at: Moment | None
    infusion_started_at: Moment | None
    materials: list[TracedMaterial]
    lots: list[TracedLot]
    shipments: list[TracedTransport]


def trace_body(one: TracedOrder) -> TraceBody:
    """What is sent of a traced order."""
    numbers = {piece.piece.id: piece.piece.number for piece in one.pieces}
    return TraceBody(
        one.id,
        one.coi,
        one.patient_reference,
        one.product,
        one.status,
        one.infused_at,
        one.giving_since,
        [_material(piece) for piece in one.pieces],
        [_lot(use, numbers.get(use.material, "")) for use in one.lots],
        [TracedTransport(*shipment) for shipment in one.shipments],
    )


def _material(traced: TracedPiece) -> TracedMaterial:
    piece, beside = traced.piece, (list(traced.parents), list(traced.lots), list(traced.doubts))
    return TracedMaterial(traced.part, *piece[2:14], *beside)


def _lot(use: Used, material: str) -> TracedLot:
    return TracedLot(use.kind, use.product, use.number, material, use.stage, use.expires_at, use.used_at)
