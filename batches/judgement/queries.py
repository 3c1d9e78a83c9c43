"""Readings for the judgement: a constant number of statements however many orders are judged."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from batches.judgement.rules.doubts import StandingDoubt
from batches.judgement.rules.facts import (
    FEWEST_RUNS_FOR_MEDIAN,
    CustodyGap,
    DonationNumber,
    OrderFacts,
    OrderRow,
    RunFacts,
    SharedIdentifier,
    Surroundings,
    UnentitledReport,
    Usual,
    order_facts,
)
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.statuses import PLACES, FlagCode
from supplychain.conditions.rules.excursions import ExcursionFacts
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.identifiers.rules.donation_numbers import is_donation_doubted
from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS, IdentifierKind
from supplychain.labels.rules.reconciling import OpenLabel
from supplychain.materials.rules.fitness import DoseSaid, GivenMaterial
from supplychain.orders.queries import stands_sql
from supplychain.orders.rules.collections import OpenRecord
from supplychain.orders.rules.mismatches import Mismatch
from supplychain.orders.rules.states import DETAILS
from supplychain.orders.statuses import OrderEventKind, OrderStatus, StageEventKind, StageStatus
from supplychain.sql import from_json, read, texts
from supplychain.systems.statuses import ReportScope
from supplychain.transport.queries import lanes_of_plants
from supplychain.transport.rules.lanes import Lanes
from supplychain.transport.rules.packaging import DoubtfulPackaging

ORDERS_SQL = """SELECT id::text, flow_id::text, product_id::text,
    ordering_site_id::text, collection_site_id::text, infusion_site_id::text, plant_id::text,
    status, attempt, ordered_at, promised_at, held_at, last_recorded_at, surprises::text,
    CASE status WHEN %(cancelled)s THEN cancelled_at WHEN %(closed)s THEN closed_at END,
    CASE status WHEN %(closed)s THEN (SELECT min(e.recorded_at) FROM supplychain_statusevent e
        WHERE e.order_id = supplychain_patientorder.id AND e.stage = '' AND e.kind = %(said_closed)s
        AND e.lacked_scope = '' AND NOT supplychain_patientorder.withdrawn_events ? e.id::text) END,
    plant_id, (SELECT f.evidence -> 'left_out' ->> supplychain_patientorder.id::text
        FROM batches_lineforecast f WHERE f.line_id = supplychain_patientorder.plant_id), change_request::text,
    CASE WHEN held_at IS NOT NULL THEN (SELECT e.payload ->> 'reason' FROM supplychain_statusevent e
        WHERE e.order_id = supplychain_patientorder.id AND e.stage = '' AND e.kind = %(said_held)s
        AND e.occurred_at = held_at AND NOT supplychain_patientorder.withdrawn_events ? e.id::text
        ORDER BY e.position LIMIT 1) END,
    supplychain_patientorder.xmin::text, confirmed_at IS NOT NULL, closed_at IS NOT NULL
    FROM supplychain_patientorder WHERE id = ANY(%(ids)s::uuid[])"""
WRITTEN_SQL = "SELECT id, xmin::text FROM supplychain_patientorder WHERE id = ANY(%(ids)s::uuid[])"
ENDS = {
    "cancelled": OrderStatus.CANCELLED.value,
    "closed": OrderStatus.CLOSED.value,
    "said_closed": OrderEventKind.CLOSED.value,
    "said_held": OrderEventKind.HELD.value,
}
FAILURES = {
    "failed": StageStatus.FAILED.value,
    "said_failed": StageEventKind.FAILED.value,
    "said_held": StageEventKind.HELD.value,
    "held": StageStatus.HELD.value,
    "test": StageKind.QUALITY_CONTROL.value,
    "flagged": FlagCode.STAGE_FAILED.value,
    "settled": OrderEventKind.SETTLED.value,
    "withdrawn": OrderEventKind.WITHDRAWN.value,
}
# Of a decision s about an order: somebody said that it is wrong. That counts once two have; but until they agree the
# flag stands as if nothing were decided.
SAID_WRONG_SQL = """EXISTS (SELECT 1 FROM supplychain_statusevent w WHERE w.order_id = s.order_id AND w.stage = ''
    AND w.kind = %(withdrawn)s AND w.payload ->> 'event' = s.id::text)"""
# Of a failed test: its flag, as it was raised for this failure, was settled, and the dose is not out. That decides that
# it is repeated (flags/rules/choices.py).
TO_REPEAT_SQL = f"""EXISTS (SELECT 1 FROM batches_flag f JOIN supplychain_statusevent s ON s.order_id = f.order_id
    AND s.stage = '' AND s.kind = %(settled)s AND s.payload ->> 'flag' = f.id::text
    WHERE f.order_id = r.order_id AND f.code = %(flagged)s AND f.stage = sc.code AND f.cleared_at IS NULL
    AND NOT f.evidence ?| ARRAY['dose', 'tested_again_at']
    AND s.recorded_at >= f.raised_at AND s.recorded_at >= r.failed_at AND NOT {SAID_WRONG_SQL})"""
RUNS_SQL = f"""SELECT r.order_id::text, sc.code, r.attempt, r.site_id::text, r.pool, r.status,
    r.ready_at, r.started_at, r.completed_at, r.failed_at, r.held_at, r.planned_start_at, r.planned_end_at,
    r.wait_until, r.wait_limit, r.wait_expires_at,
    r.details ->> 'planned_pickup_at', r.details ->> 'planned_delivery_at', r.details ->> 'qualified_until',
    CASE WHEN r.status = %(failed)s AND sc.may_end_after_release THEN (SELECT max(e.recorded_at)
        FROM supplychain_statusevent e JOIN supplychain_patientorder o ON o.id = e.order_id
        WHERE e.order_id = r.order_id AND e.stage = sc.code AND e.kind = %(said_failed)s
        AND NOT o.withdrawn_events ? e.id::text) END,
    CASE WHEN r.status = %(held)s THEN (SELECT e.payload ->> 'reason'
        FROM supplychain_statusevent e JOIN supplychain_patientorder o ON o.id = e.order_id
        WHERE e.order_id = r.order_id AND e.stage = sc.code AND e.kind = %(said_held)s AND e.occurred_at = r.held_at
        AND NOT o.withdrawn_events ? e.id::text ORDER BY e.position LIMIT 1) END,
    r.details ->> 'courier', r.details ->> 'tracking_number', r.details ->> 'missed_start_at',
    r.details ->> 'agreed_end_at', r.details ->> 'agreed_times', r.details ->> 'arrival_unknown_since',
    r.details -> 'delays' -> -1 ->> 'at', r.details -> 'delays' -> -1 ->> 'cause', r.resource,
    CASE WHEN r.status = %(failed)s AND sc.kind = %(test)s THEN {TO_REPEAT_SQL} ELSE false END
    FROM supplychain_stagerun r JOIN supplychain_stage sc ON sc.id = r.stage_id
    WHERE r.order_id = ANY(%(ids)s::uuid[]) AND r.withdrawn_at IS NULL"""
# Which orders a number stands on that stands, or stood, on another one too, and which were spoken of without the right
# to: few. Asked first, of these alone the long questions below are asked; to plan them takes longer than all the rest.
SHARING_SQL = """SELECT DISTINCT mine.order_id::text FROM supplychain_identifier mine
    JOIN supplychain_identifier theirs
        ON theirs.key = mine.key AND theirs.kind = ANY(%(kinds)s) AND theirs.order_id <> mine.order_id
    WHERE mine.order_id = ANY(%(ids)s::uuid[]) AND mine.kind = ANY(%(kinds)s)"""
DONATED_SQL = """SELECT i.order_id::text, i.value, s.facilities FROM supplychain_identifier i
    JOIN supplychain_patientorder o ON o.id = i.order_id JOIN supplychain_site s ON s.id = o.collection_site_id
    WHERE i.order_id = ANY(%(ids)s::uuid[]) AND i.kind = %(donation)s"""
# Batch numbers are the plants' own, so only within one plant do two equal ones mean one batch. One value under two
# kinds is a label that was read into the wrong field.
# One number may stand under several issuers or spellings; the first that stands speaks for all.
SHARED_SQL = f"""SELECT DISTINCT ON (mine.order_id, mine.kind, mine.key, other.coi, other.id, theirs.kind)
    mine.order_id, mine.kind, mine.value, theirs.order_id, other.coi,
    other.patient_reference = this.patient_reference AND other.ordering_site_id = this.ordering_site_id,
    GREATEST(mine.recorded_at, theirs.recorded_at), theirs.kind,
    {stands_sql("mine")} AND {stands_sql("theirs")},
    other.status = %(cancelled)s,
    ARRAY[other.ordering_site_id, other.collection_site_id, other.infusion_site_id, other.plant_id]
        @> ARRAY[this.ordering_site_id, this.collection_site_id, this.infusion_site_id, this.plant_id]
    FROM supplychain_identifier mine
    JOIN supplychain_identifier theirs
        ON theirs.key = mine.key AND theirs.kind = ANY(%(kinds)s) AND theirs.order_id <> mine.order_id
    JOIN supplychain_patientorder this ON this.id = mine.order_id
    JOIN supplychain_patientorder other ON other.id = theirs.order_id
    WHERE mine.order_id = ANY(%(ids)s::uuid[]) AND mine.kind = ANY(%(kinds)s)
    AND (mine.kind <> %(batch)s OR theirs.kind <> %(batch)s OR other.plant_id = this.plant_id)
    ORDER BY mine.order_id, mine.kind, mine.key, other.coi, other.id, theirs.kind,
        ({stands_sql("mine")} AND {stands_sql("theirs")}) DESC,
        GREATEST(mine.recorded_at, theirs.recorded_at)"""
# What a person has given a reason for is as they say (recording/rules/fields.py).
DONATIONS_SQL = f"""SELECT i.order_id, i.value, min(i.recorded_at), s.facilities
    FROM supplychain_identifier i JOIN supplychain_patientorder o ON o.id = i.order_id
    JOIN supplychain_site s ON s.id = o.collection_site_id
    WHERE i.order_id = ANY(%(ids)s::uuid[]) AND i.kind = %(donation)s AND {stands_sql("i")}
    AND NOT EXISTS (SELECT 1 FROM supplychain_statusevent e WHERE e.order_id = i.order_id AND e.user_id IS NOT NULL
        AND e.payload ->> 'donation_number' = i.value AND e.payload ? 'donation_reason'
        AND NOT o.withdrawn_events ? e.id::text)
    GROUP BY i.order_id, i.value, s.facilities ORDER BY i.order_id, min(i.recorded_at), i.value"""
# A report without the right to it stands out until somebody with the right has said the same: of what can be true again
# and again (a hold, a promise) only afterwards. An attempt that somebody had opened by then who may is open for all.
# What was withdrawn neither stands out nor settles anything, and neither does what needs no right.
ENTITLED_SQL = """x.order_id = e.order_id AND x.lacked_scope = '' AND NOT o.withdrawn_events ? x.id::text
    AND x.kind <> %(withdrawn)s AND (x.kind <> %(note)s OR x.payload ?| %(details)s)"""
OPENED_SQL = f"""EXISTS (SELECT 1 FROM supplychain_statusevent x WHERE {ENTITLED_SQL}
    AND x.attempt = e.attempt AND x.occurred_at <= e.occurred_at)"""
UNENTITLED_SQL = f"""SELECT e.order_id, e.id, e.kind, e.stage, e.occurred_at, e.recorded_at, e.lacked_scope,
    COALESCE(e.attempt > 1, false) AND NOT {OPENED_SQL}, s.code, s.kind
    FROM supplychain_statusevent e JOIN supplychain_sourcesystem s ON s.id = e.source_id
    JOIN supplychain_patientorder o ON o.id = e.order_id
    WHERE e.order_id = ANY(%(ids)s::uuid[]) AND e.lacked_scope <> '' AND NOT o.withdrawn_events ? e.id::text
    AND NOT (e.lacked_scope = %(opening)s AND {OPENED_SQL})
    AND NOT EXISTS (
        SELECT 1 FROM supplychain_statusevent x WHERE {ENTITLED_SQL}
        AND x.stage = e.stage AND COALESCE(x.attempt = e.attempt, true)
        AND (x.kind = e.kind OR (e.kind = %(held)s AND x.kind = %(resumed)s))
        AND (x.position > e.position OR e.kind = ANY(%(once)s)))
    ORDER BY e.position"""
SAID_ONCE = (
    StageEventKind.STARTED, StageEventKind.COMPLETED, StageEventKind.SKIPPED,
    OrderEventKind.CONFIRMED, OrderEventKind.CANCELLED, OrderEventKind.CLOSED,
)  # fmt: skip
NAMED_KINDS = (StageEventKind.HELD, StageEventKind.RESUMED, StageEventKind.NOTE, StageEventKind.WITHDRAWN)
QUEUES_SQL = """SELECT p.site_id::text, p.code, s.expected_wait_hours FROM batches_poolstate s
    JOIN batches_pool p ON p.id = s.pool_id WHERE p.site_id = ANY(%(sites)s::uuid[])"""
USUAL_SQL = """SELECT site_id::text, product_id::text, stage, median_hours, runs FROM batches_typicalduration
    WHERE site_id = ANY(%(sites)s::uuid[]) AND product_id = ANY(%(products)s::uuid[]) AND runs >= %(fewest)s"""

# Of a prediction p, its line's forecast f and calibration c: when it was said last (a forecast of the line that left
# the row as it was has confirmed it, but for an order that it left out), and whether it counts (rules/predictions.py).
CONFIRMED_SQL = """CASE WHEN f.made_at IS NULL OR jsonb_exists(f.evidence -> 'left_out', p.order_id::text)
    THEN p.made_at ELSE GREATEST(p.made_at, f.made_at) END"""
COUNTING_SQL = f"""p.id IS NOT NULL AND COALESCE(c.is_used, true) AND {CONFIRMED_SQL} > %s"""


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read for some orders, ready to be put together order by order. `shared`: what they share, or once
    shared, with other orders."""

    runs: Mapping[UUID, list[RunFacts]]
    shared: Mapping[UUID, tuple[SharedIdentifier, ...]]
    around: Surroundings
    predictions: Mapping[UUID, StandingPrediction] = field(default_factory=dict)
    unentitled: Mapping[UUID, tuple[UnentitledReport, ...]] = field(default_factory=dict)
    donations: Mapping[UUID, tuple[DonationNumber, ...]] = field(default_factory=dict)
    doubts: Mapping[UUID, tuple[StandingDoubt, ...]] = field(default_factory=dict)
    gaps: Mapping[UUID, tuple[CustodyGap, ...]] = field(default_factory=dict)
    excursions: Mapping[UUID, tuple[ExcursionFacts, ...]] = field(default_factory=dict)
    mismatches: Mapping[UUID, Sequence[Mismatch]] = field(default_factory=dict)
    labels: Mapping[UUID, tuple[OpenLabel, ...]] = field(default_factory=dict)
    doses: Mapping[UUID, tuple[DoseSaid, ...]] = field(default_factory=dict)
    records: Mapping[UUID, tuple[OpenRecord, ...]] = field(default_factory=dict)
    packagings: Mapping[UUID, tuple[DoubtfulPackaging, ...]] = field(default_factory=dict)
    given_materials: Mapping[UUID, tuple[GivenMaterial, ...]] = field(default_factory=dict)

    def facts_of(self, row: OrderRow) -> OrderFacts:
        """The facts of one order. Raises whatever unreadable rows make the rules raise."""
        return order_facts(
            row,
            flow_plan(row.flow_id),
            self.runs.get(row.id, ()),
            self.around,
            from_json(row.surprises),
            tuple(one for one in self.shared.get(row.id, ()) if one.stands),
            self.predictions.get(row.id),
            self.unentitled.get(row.id, ()),
            self.donations.get(row.id, ()),
            self.doubts.get(row.id, ()),
            self.gaps.get(row.id, ()),
            self.excursions.get(row.id, ()),
            tuple(self.mismatches.get(row.id, ())),
            self.labels.get(row.id, ()),
            self.doses.get(row.id, ()),
            self.records.get(row.id, ()),
            self.packagings.get(row.id, ()),
            self.given_materials.get(row.id, ()),
        )


def orders_named(order_ids: Iterable[UUID], *, told: Collection[UUID] = ()) -> list[OrderRow]:
    """These orders, without a lock; `told`: those of which something was heard."""
    uuid = cache(UUID)  # few flows, products and sites stand in many rows
    return [
        OrderRow(UUID(row[0]), uuid(row[1]), uuid(row[2]), frozenset(map(uuid, row[3:7])), *row[7:])._replace(
            is_told=UUID(row[0]) in told, places=dict(zip(PLACES, row[3:7], strict=True))
        )
        for row in read(ORDERS_SQL, **ENDS, ids=texts(order_ids))
    ]


def is_as_read(rows: Sequence[OrderRow]) -> bool:
    """Whether nobody has written one of these orders since its row was read: every event writes its order's row.

    What was read of them in between is then of one moment, without a lock for which a report would wait.
    """
    written = dict(read(WRITTEN_SQL, ids=texts(row.id for row in rows)))
    return all(written[row.id] == row.written for row in rows)


def readings_to_forecast(rows: Sequence[OrderRow], lanes: Lanes) -> Readings:
    """What the forecast of these orders needs to know besides the lanes: three statements."""
    return Readings(stage_runs_of(texts(row.id for row in rows)), {}, surroundings_of(rows, lanes))


def stage_runs_of(order_ids: list[str]) -> dict[UUID, list[RunFacts]]:
    """The stage runs of each of these orders (ids as text); one query."""
    runs: dict[str, list[RunFacts]] = {order_id: [] for order_id in order_ids}
    for order_id, *run in read(RUNS_SQL, ids=order_ids, **FAILURES):
        runs[order_id].append(RunFacts._make(run))
    return {UUID(order_id): of_order for order_id, of_order in runs.items()}


def identifiers_shared_by(order_ids: list[str]) -> dict[UUID, tuple[SharedIdentifier, ...]]:
    """What each of these orders (ids as text) shares with others; one query, two where any does."""
    shared: dict[UUID, tuple[SharedIdentifier, ...]] = {}
    codes = {
        "kinds": [kind.value for kind in UNSHARED_IDENTIFIER_KINDS],
        "batch": IdentifierKind.BATCH.value,
        "cancelled": OrderStatus.CANCELLED.value,
    }
    sharing = [order_id for (order_id,) in read(SHARING_SQL, ids=order_ids, kinds=codes["kinds"])]
    for order_id, *rest in read(SHARED_SQL, ids=sharing, **codes) if sharing else ():
        shared[order_id] = (*shared.get(order_id, ()), SharedIdentifier(*rest))
    return shared


def doubtful_donations_of(order_ids: list[str]) -> dict[UUID, tuple[DonationNumber, ...]]:
    """The donation numbers in doubt that stand on these orders without a person's reason; one query, two for any."""
    found: dict[UUID, tuple[DonationNumber, ...]] = {}
    kind = IdentifierKind.DONATION.value
    said = read(DONATED_SQL, ids=order_ids, donation=kind)
    doubted = {order_id for order_id, value, facilities in said if is_donation_doubted(value, facilities)}
    for order_id, *rest in read(DONATIONS_SQL, ids=list(doubted), donation=kind) if doubted else ():
        found[order_id] = (*found.get(order_id, ()), DonationNumber(*rest))
    return found


def unentitled_reports_of(order_ids: list[str]) -> dict[UUID, tuple[UnentitledReport, ...]]:
    """What systems said of each of these orders (ids as text) without the right to; one query if there are."""
    found: dict[UUID, tuple[UnentitledReport, ...]] = {}
    kinds = {kind.name.lower(): kind.value for kind in NAMED_KINDS}
    once = [kind.value for kind in SAID_ONCE]
    given = {"once": once, "opening": ReportScope.NEW_ATTEMPT.value, "details": list(DETAILS)} | kinds
    for order_id, *rest in read(UNENTITLED_SQL, ids=order_ids, **given) if order_ids else ():
        found[order_id] = (*found.get(order_id, ()), UnentitledReport(*rest))
    return found


def surroundings_of(rows: Sequence[OrderRow], lanes: Lanes | None = None) -> Surroundings:
    """The queues, usual durations and lanes at the sites of these orders; three queries, two where lanes are known."""
    sites = texts({site for row in rows for site in row.sites})
    products = texts({row.product_id for row in rows})
    queues = {(site, code): wait for site, code, wait in read(QUEUES_SQL, sites=sites)}
    usual = read(USUAL_SQL, sites=sites, products=products, fewest=FEWEST_RUNS_FOR_MEDIAN)
    known = {tuple(key): Usual(hours, runs) for *key, hours, runs in usual}
    plants = {row.places[StagePlace.PLANT] for row in rows}
    return Surroundings(queues, known, lanes_of_plants(plants) if lanes is None else lanes)
