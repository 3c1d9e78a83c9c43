"""Judging at a moment, and what people would see afterwards."""

from collections.abc import Iterable

from batches.flags.actions.evaluation import Evaluation, evaluate_due_orders
from batches.flags.models import Flag, FlagChange
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from tests.supplychain.builders import at

HOLD = FlagCode.HOLD_EXPIRING


def evaluate(hours: float, limit: int = 300) -> Evaluation:
    return evaluate_due_orders(now=at(hours), limit=limit)


def raised(order: PatientOrder) -> list[tuple[str, str, str]]:
    flags = Flag.objects.filter(order=order, cleared_at=None).order_by("code", "stage")
    return list(flags.values_list("code", "stage", "severity"))


def changes(order: PatientOrder, code: FlagCode = HOLD) -> list[tuple[str, str]]:
    of_code = FlagChange.objects.filter(flag__order=order, flag__code=code).order_by("changed_at", "id")
    return list(of_code.values_list("kind", "severity"))


def due_again(order: PatientOrder) -> object:
    return PatientOrder.objects.values_list("evaluate_after", flat=True).get(pk=order.pk)


def make_due(orders: Iterable[PatientOrder], hours: float) -> None:
    PatientOrder.objects.filter(pk__in=[order.pk for order in orders]).update(evaluate_after=at(hours))
