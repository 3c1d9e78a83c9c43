"""Reads of doses that are being given."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrderQuerySet, StageRun
from supplychain.orders.statuses import StageStatus


def infusions_under_way() -> QuerySet[StageRun]:
    """The infusions that were begun and have not ended, as reported; some may be of a moment to come."""
    return StageRun.objects.filter(stage__kind=StageKind.INFUSION, status=StageStatus.RUNNING)


def giving_now(order_ids: Collection[UUID] | PatientOrderQuerySet, now: datetime) -> dict[UUID, datetime]:
    """Since when the dose of each of these orders is being given, where that is under way; one query."""
    runs = infusions_under_way().filter(order__in=order_ids, started_at__lte=now)
    return dict(runs.values_list("order_id", "started_at"))
