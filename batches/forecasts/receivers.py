"""What the forecast does when capacity or a lane changed, and what it answers when a date is to be promised."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from batches.capacity.models import Pool
from batches.capacity.signals import capacity_changed
from batches.forecasts.actions.predictions import mark_lines_touched
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.queries.outlooks import ready_outlooks
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.hold_budgets import budget_words
from batches.forecasts.rules.ready import ReadyForecast
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.cells_clock import ToldBudget
from supplychain.orders.rules.promises import ExpectedDose
from supplychain.orders.signals import budgets_asked, expected_doses_asked, new_dose_asked
from supplychain.sentences import day_mark
from supplychain.sites.statuses import SiteKind
from supplychain.transport.models import Lane
from supplychain.transport.signals import lane_changed


@receiver(capacity_changed)
def forecast_line_again(pool: Pool, now: datetime, **_: Any) -> None:
    """A plant's line is forecast with its new capacity at once; a centre's lines are within the hour."""
    if pool.site.kind == SiteKind.PLANT:
        mark_lines_touched({pool.site_id}, now=now)


@receiver(lane_changed)
def forecast_plants_again(lane: Lane, now: datetime, **_: Any) -> None:
    """The lines of the plants from and to which a lane goes are forecast with it at once."""
    ends = (lane.from_site, lane.to_site)
    mark_lines_touched({site.pk for site in ends if site.kind == SiteKind.PLANT}, now=now)


@receiver(expected_doses_asked)
def say_when_doses_are_expected(order_ids: Sequence[UUID], now: datetime, **_: Any) -> list[ExpectedDose]:
    """When the doses that are still awaited are expected: what every page says of them."""
    found = ready_forecasts(order_ids, now).items()
    said = [_said(order_id, ready, now) for order_id, ready in found]
    return [one for one in said if one]


@receiver(budgets_asked)
def say_what_is_left(order_ids: Sequence[UUID], now: datetime, **_: Any) -> list[ToldBudget]:
    """What is left of the limits that run for the cells of these orders: what every page says of them."""
    found = hold_budgets_of(order_ids, now).items()
    return [ToldBudget(order_id, one.stage, budget_words(one, now)) for order_id, ones in found for one in ones]


@receiver(new_dose_asked)
def say_when_a_new_dose_is_expected(
    flow_id: UUID, product_id: UUID, sites: Mapping[str, UUID], priority: str, is_stored: bool, now: datetime, **_: Any
) -> ExpectedDose | None:
    """When the dose of an order placed now is expected: what the form for it says; None while a site is missing."""
    plant, others = sites.get(StagePlace.PLANT), {at: site for at, site in sites.items() if at != StagePlace.PLANT}
    if plant is None or len(sites) < len(StagePlace):
        return None
    made = ready_outlooks(flow_id, product_id, others, [plant], now, is_stored=is_stored)[plant].get(priority)
    return _said(None, made, now) if made else None


def _said(order_id: UUID | None, ready: ReadyForecast, now: datetime) -> ExpectedDose | None:
    first = ready.ready_from or ready.ready_at
    if ready.is_fact or first is None:
        return None
    return ExpectedDose(order_id, first, f"{ready.when_said(now, day_mark)} ({ready.how_known(now)})")
