"""Key figures in templates."""

from collections.abc import Mapping

from django import template

from batches.outcomes.rules import Measure

register = template.Library()


@register.filter
def measure(measures: Mapping[str, Measure], key: str) -> Measure:
    """What a figure is called and counted in."""
    return measures[key]
