"""From which probability on orders of a product are flagged."""

from datetime import datetime

from django.db import transaction

from batches.forecasts.actions.predictions import mark_lines_touched
from batches.forecasts.models import RiskThreshold
from batches.forecasts.rules.thresholds import Thresholds, cost_problems, threshold_problems
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.people.models import User


@transaction.atomic
def set_risk_threshold(
    product: Product,
    *,
    attention: float,
    critical: float,
    wait_attention: float,
    no_dose_attention: float,
    easing: float,
    acting_cost: float | None = None,
    late_cost: float | None = None,
    avoided_by_acting: float | None = None,
    reason: str,
    by: User | None,
    now: datetime,
) -> RiskThreshold:
    """Flag orders of `product` from these probabilities (0–1) on; its lines are due at once. Raises Refused.

    The costs (rules/thresholds.py, ActingCosts) change no flag: other thresholds are proposed from them.
    """
    reason = check_reason(reason)
    found = RiskThreshold.objects.filter(product=product).first() or RiskThreshold(product=product)
    found.attention, found.critical, found.easing = attention, critical, easing
    found.wait_attention, found.no_dose_attention = wait_attention, no_dose_attention
    found.acting_cost, found.late_cost, found.avoided_by_acting = acting_cost, late_cost, avoided_by_acting
    limits = Thresholds(*(getattr(found, name) for name in Thresholds._fields))
    if problems := threshold_problems(limits) | cost_problems(acting_cost, late_cost, avoided_by_acting):
        raise Refused(problems)
    refuse_unless_valid(found)
    with told_by("set_risk_threshold", by, reason):
        found.save()
    _touch_lines(product, now)
    return found


@transaction.atomic
def forget_risk_threshold(threshold: RiskThreshold, *, reason: str, by: User | None, now: datetime) -> None:
    """Flag orders of the product from the usual probabilities on. Raises Refused without a reason."""
    reason = check_reason(reason)
    product = threshold.product
    with told_by("use_usual_risk_threshold", by, reason):
        threshold.delete()
    _touch_lines(product, now)


def _touch_lines(product: Product, now: datetime) -> None:
    orders = PatientOrder.objects.filter(product=product, status__in=OPEN_ORDER_STATUSES)
    mark_lines_touched(set(orders.order_by().values_list("plant", flat=True).distinct()), now=now)
