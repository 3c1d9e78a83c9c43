"""What few orders have: asked of many orders at once, and read only of whom it concerns."""

from dataclasses import dataclass, field
from uuid import UUID

from batches.judgement.rules.facts import CustodyGap
from supplychain.chain.statuses import CheckOutcome
from supplychain.labels.statuses import LabelStatus
from supplychain.materials.rules.fitness import LOST, DoseSaid, GivenMaterial
from supplychain.materials.statuses import MaterialDoubt
from supplychain.orders.rules.collections import OpenRecord, PointLeft
from supplychain.orders.rules.materials import DOSES
from supplychain.orders.statuses import Ending, MaterialStatus
from supplychain.sql import from_json, read
from supplychain.transport.rules.packaging import DoubtfulPackaging, PackagingFault

# Of one order each: by an index of what is rare, or, of lost doses and destroyed cells, by the order's own.
RARE_SQL = """SELECT 'unentitled', order_id::text FROM supplychain_statusevent
        WHERE order_id = ANY(%(ids)s::uuid[]) AND lacked_scope <> ''
    UNION SELECT 'gaps', order_id::text FROM supplychain_custodyentry
        WHERE order_id = ANY(%(ids)s::uuid[]) AND gap <> '' AND withdrawn_at IS NULL
    UNION SELECT 'excursions', order_id::text FROM supplychain_excursion
        WHERE order_id = ANY(%(ids)s::uuid[]) AND withdrawn_at IS NULL
    UNION SELECT 'mismatches', order_id::text FROM supplychain_identitycheck
        WHERE order_id = ANY(%(ids)s::uuid[]) AND outcome = %(mismatch)s
    UNION SELECT 'labels', order_id::text FROM supplychain_label
        WHERE order_id = ANY(%(ids)s::uuid[]) AND status = %(open)s AND withdrawn_at IS NULL
    UNION SELECT 'rejected', order_id::text FROM supplychain_material
        WHERE order_id = ANY(%(ids)s::uuid[]) AND status = ANY(%(lost)s) AND withdrawn_at IS NULL
    UNION SELECT 'given', order_id::text FROM supplychain_material
        WHERE order_id = ANY(%(ids)s::uuid[]) AND doubts ? %(no_dose)s AND withdrawn_at IS NULL
    UNION SELECT 'destroyed', order_id::text FROM supplychain_custodyentry
        WHERE order_id = ANY(%(ids)s::uuid[]) AND holder = %(destroyed)s AND withdrawn_at IS NULL
    UNION SELECT 'collections', run.order_id::text FROM supplychain_collection collection
        JOIN supplychain_stagerun run ON run.id = collection.stage_run_id
        WHERE run.order_id = ANY(%(ids)s::uuid[]) AND collection.open_points <> '[]'
            AND collection.withdrawn_at IS NULL
    UNION SELECT 'packagings', run.order_id::text FROM supplychain_shipment shipment
        JOIN supplychain_stagerun run ON run.id = shipment.stage_run_id
        WHERE run.order_id = ANY(%(ids)s::uuid[]) AND shipment.packaging_faults <> '[]'
            AND shipment.withdrawn_at IS NULL"""
DOSES_SQL = """SELECT order_id, number, made_at, status, status_at, status_reason FROM supplychain_material
    WHERE order_id = ANY(%(ids)s::uuid[]) AND kind = ANY(%(kinds)s) AND withdrawn_at IS NULL
    ORDER BY order_id, number"""
GIVEN_SQL = """SELECT order_id, number, kind, status_at FROM supplychain_material
    WHERE order_id = ANY(%(ids)s::uuid[]) AND doubts ? %(no_dose)s AND withdrawn_at IS NULL
    ORDER BY order_id, number"""
LEFT_OPEN_SQL = """SELECT run.order_id, stage.code, run.attempt, collection.ended_at,
    COALESCE(run.details ->> 'open_reason', ''), collection.open_points::text
    FROM supplychain_collection collection JOIN supplychain_stagerun run ON run.id = collection.stage_run_id
    JOIN supplychain_stage stage ON stage.id = run.stage_id
    WHERE run.order_id = ANY(%(ids)s::uuid[]) AND collection.open_points <> '[]' AND collection.withdrawn_at IS NULL
    ORDER BY run.order_id, run.attempt, stage.position"""
PACKAGINGS_SQL = """SELECT run.order_id, stage.code, run.attempt, GREATEST((shipment.packing ->> 'at')::timestamptz,
    (shipment.unpacking ->> 'at')::timestamptz), shipment.packaging_faults::text
    FROM supplychain_shipment shipment JOIN supplychain_stagerun run ON run.id = shipment.stage_run_id
    JOIN supplychain_stage stage ON stage.id = run.stage_id
    WHERE run.order_id = ANY(%(ids)s::uuid[]) AND shipment.packaging_faults <> '[]' AND shipment.withdrawn_at IS NULL
    ORDER BY run.order_id, run.attempt, stage.position"""
# Since when all cells are destroyed: the first report of it after which nobody held them.
DESTROYED_SQL = """SELECT entry.order_id, MIN(entry.since) FROM supplychain_custodyentry entry
    WHERE entry.order_id = ANY(%(ids)s::uuid[]) AND entry.withdrawn_at IS NULL AND entry.holder = %(destroyed)s
        AND NOT EXISTS (SELECT FROM supplychain_custodyentry later WHERE later.order_id = entry.order_id
            AND later.withdrawn_at IS NULL AND later.position > entry.position AND later.holder <> %(destroyed)s)
    GROUP BY entry.order_id"""
GAPS_SQL = """SELECT order_id, id, gap, since, holder, name, place, gap_said::text FROM supplychain_custodyentry
    WHERE order_id = ANY(%(ids)s::uuid[]) AND gap <> '' AND withdrawn_at IS NULL ORDER BY order_id, position"""


@dataclass(slots=True)
class Rare:
    """Ids as text of those orders that have what few have."""

    unentitled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    excursions: list[str] = field(default_factory=list)
    mismatches: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    packagings: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)


def rare_of(order_ids: list[str]) -> Rare:
    """Which of these orders have any of it; one query."""
    rare = Rare()
    statuses = {
        "open": LabelStatus.OPEN, "mismatch": CheckOutcome.MISMATCH, "destroyed": Ending.DESTROYED,
        "no_dose": MaterialDoubt.NOT_A_DOSE,
    }  # fmt: skip
    given = {name: one.value for name, one in statuses.items()}
    for what, order_id in read(RARE_SQL, ids=order_ids, lost=[one.value for one in LOST], **given):
        getattr(rare, what).append(order_id)
    return rare


def custody_gaps_of(order_ids: list[str]) -> dict[UUID, tuple[CustodyGap, ...]]:
    """The hand-overs of each of these orders (ids as text) that do not fit the one before; one query if there are."""
    found: dict[UUID, tuple[CustodyGap, ...]] = {}
    for order_id, *rest, said in read(GAPS_SQL, ids=order_ids) if order_ids else ():
        found[order_id] = (*found.get(order_id, ()), CustodyGap(*rest, from_json(said)))
    return found


def open_records_of(order_ids: list[str]) -> dict[UUID, tuple[OpenRecord, ...]]:
    """The collections of each of these orders (ids as text) that ended with open points; one query if there are."""
    found: dict[UUID, tuple[OpenRecord, ...]] = {}
    for order_id, *rest, points in read(LEFT_OPEN_SQL, ids=order_ids) if order_ids else ():
        found[order_id] = (
            *found.get(order_id, ()),
            OpenRecord(*rest, [PointLeft(*point) for point in from_json(points)]),
        )
    return found


def doubtful_packagings_of(order_ids: list[str]) -> dict[UUID, tuple[DoubtfulPackaging, ...]]:
    """The shipments of each of these orders (ids as text) with whose shipper or packaging something is amiss; one
    query if there are."""
    found: dict[UUID, tuple[DoubtfulPackaging, ...]] = {}
    for order_id, *rest, said in read(PACKAGINGS_SQL, ids=order_ids) if order_ids else ():
        faults = [PackagingFault(*fault) for fault in from_json(said)]
        found[order_id] = (*found.get(order_id, ()), DoubtfulPackaging(*rest, faults))
    return found


def given_materials_of(order_ids: list[str]) -> dict[UUID, tuple[GivenMaterial, ...]]:
    """The materials of each of these orders (ids as text) that are said to be infused and are no dose; one query if
    there are."""
    found: dict[UUID, tuple[GivenMaterial, ...]] = {}
    given = {"ids": order_ids, "no_dose": MaterialDoubt.NOT_A_DOSE.value}
    for order_id, *said in read(GIVEN_SQL, **given) if order_ids else ():
        found[order_id] = (*found.get(order_id, ()), GivenMaterial(*said))
    return found


def lost_doses_of(rejected: list[str], destroyed: list[str]) -> dict[UUID, tuple[DoseSaid, ...]]:
    """The doses of those of which some were rejected or destroyed; of those whose cells were destroyed as a whole one
    without a number. Two queries at most."""
    found = _doses_of(rejected) if rejected else {}
    given = {"ids": destroyed, "destroyed": Ending.DESTROYED.value}
    for order_id, since in read(DESTROYED_SQL, **given) if destroyed else ():
        found[order_id] = (DoseSaid("", since, MaterialStatus.DESTROYED, since, ""),)
    return found


def _doses_of(order_ids: list[str]) -> dict[UUID, tuple[DoseSaid, ...]]:
    """The doses that were recorded of these orders (ids as text); one query."""
    found: dict[UUID, tuple[DoseSaid, ...]] = {}
    for order_id, *said in read(DOSES_SQL, ids=order_ids, kinds=[kind.value for kind in DOSES]):
        found[order_id] = (*found.get(order_id, ()), DoseSaid(*said))
    return found
