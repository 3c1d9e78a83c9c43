"""Shares in templates."""

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """A share in whole per cent without the sign for it, with a true minus: “−40”."""
    return str(round(share * 100)).replace("-", "−")
