"""What loggers say of shipments, worked out anew from all their readings."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from math import inf
from typing import Any
from uuid import UUID

from supplychain.conditions.models import Excursion, LoggerRecord
from supplychain.conditions.queries import (
    LoggerReadings,
    condition_of,
    doubles_of,
    means_of,
    readings_of_logger,
    stored_excursion,
)
from supplychain.conditions.queries.ways import way_read
from supplychain.conditions.rules.agreement import TwoTemperatures, disagreements
from supplychain.conditions.rules.judging import JudgedReadings, Stretch, digest_of, judge_readings, within
from supplychain.conditions.rules.thinning import MOST_POINTS, thinned
from supplychain.conditions.signals import excursions_changed
from supplychain.flows.rules.storage import StorageCondition
from supplychain.ids import new_id
from supplychain.orders.actions.due import mark_news
from supplychain.sql import Writes
from supplychain.transport.models import Shipment

# The excursion without a logger: that all of them do not agree.
DISAGREE = ""
MOST_OUTSIDE = 60


def judge_loggers(shipment: Shipment, loggers: Iterable[str], *, now: datetime) -> None:
    """Judge these loggers of a shipment that the caller has locked, and whether all of its loggers agree; where an
    excursion changes its order is judged."""
    condition, doubles = condition_of(shipment), doubles_of(shipment.pk)
    changed = [logger for logger in loggers if _judge(shipment, logger, condition, doubles, now)]
    if not _compare(shipment, condition, doubles, now) and not changed:
        return
    order_id = shipment.stage_run.order_id
    writes = Writes()
    mark_news(writes, [order_id], now=now)
    writes.run()
    excursions_changed.send(sender=Excursion, order_ids=[order_id], now=now)


def _compare(
    shipment: Shipment, condition: StorageCondition | None, doubles: Sequence[TwoTemperatures], now: datetime
) -> bool:
    """Bring up to date whether its loggers agree. Whether that is another thing now."""
    if condition is None:
        return False
    beyond = list(shipment.excursions.exclude(logger=DISAGREE).values_list("started_at", "ended_at"))
    apart = disagreements(means_of(shipment), _of_the_way(shipment, doubles), condition, beyond)
    worst = max((one.worst for one in apart), default=0)
    return _keep_excursion(shipment, DISAGREE, apart, worst, now)


def _of_the_way(shipment: Shipment, doubles: Sequence[TwoTemperatures]) -> list[TwoTemperatures]:
    """Those between hand-over and delivery."""
    way = way_read(shipment)
    last = way.ended.timestamp() if way.ended else inf
    return [one for one in doubles if way.begun and way.begun.timestamp() <= one.at <= last]


def judge_shipments(shipment_ids: Iterable[UUID], *, now: datetime) -> None:
    """Judge all loggers of these shipments anew: when they began or ended is told differently now."""
    for shipment in locked_shipments(shipment_ids):
        loggers = shipment.records.values_list("logger", flat=True)
        judge_loggers(shipment, list(loggers), now=now)


def locked_shipments(ids: Iterable[UUID]) -> list[Shipment]:
    """The shipments, locked in one order, with what is judged of them: two who judge one take turns."""
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True).select_related(
        "stage_run__order", "stage_run__stage"
    )
    return list(rows.filter(pk__in=list(ids)).order_by("pk"))


def _judge(
    shipment: Shipment,
    logger: str,
    condition: StorageCondition | None,
    doubles: Sequence[TwoTemperatures],
    now: datetime,
) -> bool:
    """Bring the rows of one logger up to date. Whether its excursion is another one now."""
    readings = readings_of_logger(shipment.pk, logger, doubles)
    way = way_read(shipment)
    begun, ended = (moment.timestamp() if moment else None for moment in (way.begun, way.ended))
    judged = judge_readings(readings.moments, readings.highest, condition, begun, ended, readings.lowest)
    _keep_record(shipment, logger, judged, _points(readings, begun, ended), condition, now)
    worst = condition.farthest([one.worst for one in judged.broken]) if condition and judged.broken else 0
    return _keep_excursion(shipment, logger, judged.broken, worst, now)


def _points(readings: LoggerReadings, begun: float | None, ended: float | None) -> dict[str, Any]:
    """Few enough for a chart: those of the shipment's time, and apart from them those of another one. Before it began
    nobody knows which those are."""
    if begun is None:
        return {"points": _thin(readings, MOST_POINTS)}
    first, end = within(readings.moments, begun, ended)
    out = LoggerReadings(*(one[:first] + one[end:] for one in readings))
    ends = [datetime.fromtimestamp(at, UTC) for at in (*out.moments[:1], *out.moments[-1:])]
    return {
        "points": _thin(LoggerReadings(*(one[first:end] for one in readings)), MOST_POINTS),
        "outside_points": _thin(out, MOST_OUTSIDE),
        "outside_from": ends[0] if ends else None,
        "outside_to": ends[-1] if ends else None,
    }


def _thin(readings: LoggerReadings, most: int) -> list[list[float]]:
    """Also where moments have two temperatures."""
    moments, highest, lowest = readings
    points = thinned(moments, highest, most)
    if lowest != highest:
        points = sorted({*thinned(moments, highest, most // 2), *thinned(moments, lowest, most // 2)})
    return [[round(at), temperature / 100] for at, temperature in points]


def _keep_record(
    shipment: Shipment,
    logger: str,
    judged: JudgedReadings,
    points: dict[str, Any],
    condition: StorageCondition | None,
    now: datetime,
) -> None:
    said = {
        "count": judged.count,
        "outside": judged.outside,
        "first_at": judged.first_at,
        "last_at": judged.last_at,
        "lowest": _degrees(judged.lowest),
        "highest": _degrees(judged.highest),
        "mean_kinetic": judged.mean_kinetic,
        "is_judged": condition is not None,
        "gaps": [asdict(one) for one in judged.gaps],
        "judged_at": now,
        "outside_points": [],
        "outside_from": None,
        "outside_to": None,
    } | points
    LoggerRecord.objects.update_or_create(shipment=shipment, logger=logger, defaults=said)


def _keep_excursion(shipment: Shipment, logger: str, broken: Sequence[Stretch], worst: float, now: datetime) -> bool:
    stored, digest = stored_excursion(shipment.pk, logger), digest_of(broken)
    before = stored.digest if stored and not stored.withdrawn_at else ""
    if before == digest:
        return False
    if not broken:
        Excursion.everything.filter(shipment=shipment, logger=logger).update(withdrawn_at=now)
        return True
    row = stored or Excursion(id=new_id(), shipment=shipment, logger=logger, order_id=shipment.stage_run.order_id)
    row.started_at = datetime.fromisoformat(min(one.started_at for one in broken))
    row.ended_at = datetime.fromisoformat(max(one.ended_at for one in broken))
    row.worst = Decimal(str(worst))
    row.broken, row.digest, row.found_at, row.withdrawn_at = [asdict(one) for one in broken], digest, now, None
    row.save(force_insert=stored is None)
    return True


def _degrees(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100
