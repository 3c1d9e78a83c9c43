"""Judging at a moment, and what people would see afterwards."""

from collections.abc import Iterable

from batches.flags.actions.evaluation import Evaluation, evaluate_due_orders
from batches.flags.models import Flag, FlagChange
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_by_time, due_moment

HOLD = FlagCode.HOLD_EXPIRING


def evaluate(hours: float, limit: int | None = None) -> Evaluation:
    return evaluate_due_orders(now=at(hours), limit=limit)


def raised(order: PatientOrder) -> list[tuple[str, str, str]]:
    flags = Flag.objects.filter(order=order, cleared_at=None).order_by("code", "stage")
    return list(flags.values_list("code", "stage", "severity"))


def changes(order: PatientOrder, code: FlagCode = HOLD) -> list[tuple[str, str]]:
    of_code = FlagChange.objects.filter(flag__order=order, flag__code=code).order_by("changed_at", "id")
    return list(of_code.values_list("kind", "severity"))


def due_again(order: PatientOrder) -> object:
    return due_moment(order)


def make_due(orders: Iterable[PatientOrder], hours: float) -> None:
    due_by_time(orders, at(hours))
