"""Reads of readings and of what they say."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from supplychain.conditions.models import DifferingReading, Excursion, LoggerRecord, ReadingDelivery
from supplychain.conditions.queries.ways import taken_at, way_of_shipment, way_read
from supplychain.conditions.rules.agreement import BUCKET, MeanOfLogger, TwoTemperatures
from supplychain.conditions.rules.drawing import ConditionChart, LoggerLine, draw
from supplychain.conditions.rules.excursions import ExcursionFacts, SaidOfExcursion
from supplychain.conditions.rules.ways import Way
from supplychain.conditions.statuses import DeliveryStatus
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.storage import StorageCondition, storage_condition
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.statuses import ExcursionDecision, OrderEventKind
from supplychain.sql import from_json, read, texts
from supplychain.transport.models import Shipment
from supplychain.withdrawals import standing_part

# The newest decision on each excursion. `digest` tells whether it was made on what is known now.
EXCURSIONS_SQL = """SELECT x.order_id::text, x.id::text, x.shipment_id::text, sc.code, r.attempt, x.logger,
        x.started_at, x.ended_at, x.worst::float8, x.broken::text, x.digest, x.found_at,
        d.payload::text, d.person, d.occurred_at, d.id::text
    FROM supplychain_excursion x
    JOIN supplychain_shipment s ON s.id = x.shipment_id AND s.withdrawn_at IS NULL
    JOIN supplychain_stagerun r ON r.id = s.stage_run_id AND r.withdrawn_at IS NULL
    JOIN supplychain_stage sc ON sc.id = r.stage_id
    LEFT JOIN LATERAL (SELECT e.id, e.payload, e.occurred_at,
            COALESCE(NULLIF(trim(concat(u.first_name, ' ', u.last_name)), ''), u.username) AS person
        FROM supplychain_statusevent e LEFT JOIN supplychain_user u ON u.id = e.user_id
        WHERE e.order_id = x.order_id AND e.kind = %(decided)s AND e.payload ->> 'excursion' = x.id::text
        ORDER BY e.position DESC LIMIT 1) d ON true
    WHERE x.order_id = ANY(%(ids)s::uuid[]) AND x.withdrawn_at IS NULL ORDER BY x.started_at, x.logger"""
ALL_READINGS_SQL = """SELECT extract(epoch FROM read_at)::float8, (temperature * 100)::int
    FROM supplychain_loggerreading WHERE shipment_id = %(shipment)s AND logger = %(logger)s ORDER BY read_at"""

# Asked at every report of a transport.
TOLD_OF_SQL = """SELECT DISTINCT s.id FROM supplychain_stagerun r JOIN supplychain_shipment s ON s.stage_run_id = r.id
    JOIN supplychain_loggerrecord l ON l.shipment_id = s.id
    WHERE r.order_id = ANY(%(ids)s::uuid[]) AND r.withdrawn_at IS NULL AND s.withdrawn_at IS NULL ORDER BY s.id"""
DOUBLES_SQL = """SELECT d.logger, extract(epoch FROM d.read_at)::float8, (r.temperature * 100)::int,
        (d.temperature * 100)::int
    FROM supplychain_differingreading d JOIN supplychain_loggerreading r
        ON r.shipment_id = d.shipment_id AND r.logger = d.logger AND r.read_at = d.read_at
    WHERE d.shipment_id = %(shipment)s ORDER BY d.logger, d.read_at"""
MEANS_SQL = """SELECT (floor(extract(epoch FROM read_at) / %(bucket)s) * %(bucket)s)::float8 AS at, logger,
        (avg(temperature) * 100)::float8
    FROM supplychain_loggerreading
    WHERE shipment_id = %(shipment)s AND read_at >= %(begun)s
        AND (%(ended)s::timestamptz IS NULL OR read_at <= %(ended)s)
    GROUP BY 1, 2 ORDER BY 1, 2"""
AT_ONCE = 10_000


def excursions_of(order_ids: Iterable[UUID | str]) -> dict[UUID, tuple[ExcursionFacts, ...]]:
    """The excursions of each of these orders; one query."""
    found: dict[UUID, tuple[ExcursionFacts, ...]] = {}
    kind = OrderEventKind.EXCURSION_DECIDED.value
    for order_id, *row in read(EXCURSIONS_SQL, ids=list(map(str, order_ids)), decided=kind):
        key = UUID(order_id)
        found[key] = (*found.get(key, ()), _excursion(*row))
    return found


def _excursion(
    id: str, shipment: str, stage: str, attempt: int, logger: str, started_at: datetime, ended_at: datetime,
    worst: float, broken: str, digest: str, found_at: datetime, payload: str | None, by: str | None,
    decided_at: datetime | None, event: str | None,
) -> ExcursionFacts:  # fmt: skip
    said = from_json(payload) if payload else {}
    decision = None
    if decided_at is not None:
        kind = ExcursionDecision(said["decision"])
        is_current = said.get("judged") == digest
        decision = SaidOfExcursion(kind, said["reason"], by or "", decided_at, is_current, UUID(event))
    return ExcursionFacts(
        UUID(id), UUID(shipment), stage, attempt, logger, started_at, ended_at, worst, from_json(broken), digest,
        found_at, decision,
    )  # fmt: skip


class LoggerReadings(NamedTuple):
    """All readings of a logger of a shipment: seconds since 1970 in ascending order, hundredths of a degree. Of moments
    with several temperatures the highest and the lowest, else these are the same."""

    moments: Sequence[float]
    highest: Sequence[int]
    lowest: Sequence[int]


def readings_of_logger(shipment_id: UUID, logger: str, doubles: Sequence[TwoTemperatures] = ()) -> LoggerReadings:
    """What a logger measured. Twelve bytes a reading, and never all rows at once: there may be millions."""
    moments, temperatures = array("d"), array("i")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(ALL_READINGS_SQL, {"shipment": str(shipment_id), "logger": logger})
        while rows := cursor.fetchmany(AT_ONCE):
            moments.extend(row[0] for row in rows)
            temperatures.extend(row[1] for row in rows)
    own = [one for one in doubles if one.logger == logger]
    if not own:
        return LoggerReadings(moments, temperatures, temperatures)
    lowest = temperatures[:]
    for one in own:
        place = bisect_left(moments, one.at)
        temperatures[place] = max(temperatures[place], one.other)
        lowest[place] = min(lowest[place], one.other)
    return LoggerReadings(moments, temperatures, lowest)


def doubles_of(shipment_id: UUID) -> list[TwoTemperatures]:
    """Where loggers of a shipment have another temperature at a moment than the one that was known first."""
    return [TwoTemperatures(*row) for row in read(DOUBLES_SQL, shipment=str(shipment_id))]


def differing_of(moments: Sequence[tuple[UUID, str, datetime]]) -> dict[tuple[UUID, str, datetime], list[float]]:
    """Other temperatures (°C) than the first of these moments (shipment, logger, when), the coldest first."""
    found: dict[tuple[UUID, str, datetime], list[float]] = {one: [] for one in moments}
    if not found:
        return found
    shipments, loggers, times = map(set, zip(*moments, strict=True))
    rows = DifferingReading.objects.filter(
        shipment__in=shipments, logger__in=loggers, read_at__range=(min(times), max(times))
    )
    for *moment, temperature in rows.order_by("temperature").values_list(
        "shipment_id", "logger", "read_at", "temperature"
    ):
        if (key := tuple(moment)) in found:
            found[key].append(float(temperature))
    return found


def means_of(shipment: Shipment) -> list[MeanOfLogger]:
    """What the loggers of a shipment say from its beginning to its end, ten minutes a row; none of a single logger."""
    way = way_read(shipment)
    if way.begun is None or shipment.records.count() < 2:
        return []
    ends = {"begun": way.begun, "ended": way.ended}
    return [MeanOfLogger(*row) for row in read(MEANS_SQL, shipment=str(shipment.pk), bucket=BUCKET, **ends)]


def condition_of(shipment: Shipment) -> StorageCondition | None:
    """At which temperature the flow of its order has the cells kept on this way; None: the flow does not say."""
    run = shipment.stage_run
    plan = flow_plan(run.order.flow_id).stages.get(run.stage.code)
    return storage_condition(plan.storage) if plan else None


def shipments_with_readings(order_ids: Collection[UUID]) -> list[UUID]:
    """Those shipments of these orders of which a logger has told anything."""
    return [shipment for (shipment,) in read(TOLD_OF_SQL, ids=texts(order_ids))]


@dataclass(frozen=True)
class ShipmentCondition:
    """A shipment with all that its loggers say, for a page. `condition` None: its flow does not say how cells are kept,
    so nothing is judged; `name`: of the transport; `way`: from when to when its readings are judged."""

    shipment: Shipment
    name: str
    attempt: int
    condition: StorageCondition | None
    records: Sequence[LoggerRecord]
    excursions: Sequence[ExcursionFacts]
    deliveries: Sequence[ReadingDelivery]
    way: Way

    @cached_property
    def drawing(self) -> ConditionChart | None:
        """Its chart."""
        lines = [LoggerLine(one.logger, one.points, one.gaps) for one in self.records]
        stretches = [(one.started_at, one.ended_at) for one in self.beyond]
        return draw(lines, self.condition, stretches, (self.way.begun, self.way.ended))

    @cached_property
    def doubles(self) -> list[TwoTemperatures]:
        """Moments of which a logger has two temperatures; one query, for the page of the condition."""
        return doubles_of(self.shipment.pk)

    @property
    def beyond(self) -> list[ExcursionFacts]:
        """What broke a limit."""
        return [one for one in self.excursions if not one.is_disagreement]

    @property
    def disagreeing(self) -> list[str]:
        """The loggers that saw nothing while another one saw an excursion."""
        warm = {one.logger for one in self.beyond}
        return [one.logger for one in self.records if one.logger not in warm] if warm else []

    @property
    def outside(self) -> int:
        """Readings before the shipment began or after it had ended."""
        return sum(one.outside for one in self.records)

    @property
    def waiting(self) -> list[ReadingDelivery]:
        """Files of which somebody must answer something first."""
        return [one for one in self.deliveries if one.status == DeliveryStatus.ASKS]

    @property
    def unread(self) -> list[ReadingDelivery]:
        """Files whose readings nobody knows yet: whether a limit was reached cannot be said before they are read."""
        return [*self.waiting, *self.being_read]

    @property
    def being_read(self) -> list[ReadingDelivery]:
        """Files at which a worker is, or will be."""
        return [one for one in self.deliveries if one.is_being_read]

    @property
    def undecided(self) -> list[ExcursionFacts]:
        """Excursions on which quality assurance has to decide."""
        return [one for one in self.excursions if not one.is_decided]


def conditions_of(order: PatientOrder, runs: Sequence[StageRun]) -> dict[UUID, ShipmentCondition]:
    """The condition of the shipments of these runs of an order (with their stages), by the shipment's id; three
    queries, however many readings there are, and one of each shipment with readings whose start nobody reported."""
    shipments = {run.shipment.pk: run for run in runs if standing_part(run, "shipment")}
    if not shipments:
        return {}
    excursions = excursions_of([order.pk]).get(order.pk, ())
    records = list(LoggerRecord.objects.filter(shipment__in=shipments).order_by("logger"))
    deliveries = list(ReadingDelivery.objects.filter(shipment__in=shipments).select_related("user", "source"))
    plans, told = flow_plan(order.flow_id).stages, {one.shipment_id for one in records}
    return {
        pk: ShipmentCondition(
            run.shipment,
            run.stage.name,
            run.attempt,
            storage_condition(plans[run.stage.code].storage),
            [one for one in records if one.shipment_id == pk],
            [one for one in excursions if one.shipment_id == pk],
            [one for one in deliveries if one.shipment_id == pk],
            way_of_shipment(
                run.shipment,
                run,
                order.surprises,
                handed_over_at=taken_at(run.shipment, run) if pk in told else None,
            ),
        )
        for pk, run in shipments.items()
    }


def stored_excursion(shipment_id: UUID, logger: str) -> Excursion | None:
    """The excursion of this logger, also one that was withdrawn."""
    return Excursion.everything.filter(shipment=shipment_id, logger=logger).first()


def runs_with_shipments(order: PatientOrder) -> list[StageRun]:
    """The order's transports in the order of its flow, with their shipments; one query."""
    runs = StageRun.objects.filter(order=order, shipment__isnull=False, shipment__withdrawn_at__isnull=True)
    return list(runs.select_related("stage", "shipment").order_by("stage__position", "attempt"))
