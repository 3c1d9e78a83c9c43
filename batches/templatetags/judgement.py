"""Figures of the judgement, as people read them."""

from datetime import datetime

from django import template

from batches.flags.models import Flag
from batches.flags.rules.harm import place_words
from batches.forecasts.rules.words import of_hundred
from batches.lines.statuses import PoolCondition

register = template.Library()

register.filter("of_hundred", of_hundred)


@register.filter
def condition_label(condition: str) -> str:
    """A stored pool condition for people."""
    return PoolCondition(condition).label if condition in PoolCondition.values else condition


@register.filter
def placed_because(flag: Flag, now: datetime) -> str:
    """Why a flag stands where it stands in a list."""
    return place_words(flag.harm, flag.act_by, flag.due, now)
