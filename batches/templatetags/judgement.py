"""Figures of the judgement, as people read them."""

from django import template

from batches.forecasts.rules.words import of_hundred
from batches.lines.statuses import PoolCondition

register = template.Library()

register.filter("of_hundred", of_hundred)


@register.filter
def condition_label(condition: str) -> str:
    """A stored pool condition for people."""
    return PoolCondition(condition).label if condition in PoolCondition.values else condition
