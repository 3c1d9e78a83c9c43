"""What loggers say of shipments, worked out anew from all their readings."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from supplychain.conditions.models import Excursion, LoggerRecord
from supplychain.conditions.queries import condition_of, readings_of_logger, stored_excursion
from supplychain.conditions.rules.judging import JudgedReadings, judge_readings
from supplychain.conditions.rules.thinning import thinned
from supplychain.conditions.signals import excursions_changed
from supplychain.flows.rules.storage import StorageCondition
from supplychain.ids import new_id
from supplychain.orders.actions.due import mark_news
from supplychain.sql import Writes
from supplychain.transport.models import Shipment


def judge_loggers(shipment: Shipment, loggers: Iterable[str], *, now: datetime) -> None:
    """Judge these loggers of a shipment that the caller has locked; where an excursion changes its order is judged."""
    condition = condition_of(shipment)
    changed = [logger for logger in loggers if _judge(shipment, logger, condition, now)]
    if not changed:
        return
    order_id = shipment.stage_run.order_id
    writes = Writes()
    mark_news(writes, [order_id], now=now)
    writes.run()
    excursions_changed.send(sender=Excursion, order_ids=[order_id], now=now)


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


def _judge(shipment: Shipment, logger: str, condition: StorageCondition | None, now: datetime) -> bool:
    """Bring the rows of one logger up to date. Whether its excursion is another one now."""
    moments, temperatures = readings_of_logger(shipment.pk, logger)
    ends = (shipment.picked_up_at, shipment.delivered_at)
    begun, ended = (moment.timestamp() if moment else None for moment in ends)
    judged = judge_readings(moments, temperatures, condition, begun, ended)
    points = [[round(at), temperature / 100] for at, temperature in thinned(moments, temperatures)]
    _keep_record(shipment, logger, judged, points, condition, now)
    return _keep_excursion(shipment, logger, judged, now)


def _keep_record(
    shipment: Shipment,
    logger: str,
    judged: JudgedReadings,
    points: list,
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
        "gaps": judged.lists["gaps"],
        "points": points,
        "judged_at": now,
    }
    LoggerRecord.objects.update_or_create(shipment=shipment, logger=logger, defaults=said)


def _keep_excursion(shipment: Shipment, logger: str, judged: JudgedReadings, now: datetime) -> bool:
    stored = stored_excursion(shipment.pk, logger)
    before = stored.digest if stored and not stored.withdrawn_at else ""
    if before == judged.digest:
        return False
    if not judged.broken:
        Excursion.everything.filter(shipment=shipment, logger=logger).update(withdrawn_at=now)
        return True
    row = stored or Excursion(id=new_id(), shipment=shipment, logger=logger, order_id=shipment.stage_run.order_id)
    row.started_at = datetime.fromisoformat(min(one.started_at for one in judged.broken))
    row.ended_at = datetime.fromisoformat(max(one.ended_at for one in judged.broken))
    row.worst = Decimal(str(judged.broken[0].worst))
    row.broken, row.digest, row.found_at, row.withdrawn_at = judged.lists["broken"], judged.digest, now, None
    row.save(force_insert=stored is None)
    return True


def _degrees(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100
