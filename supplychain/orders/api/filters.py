"""Filters of whatever belongs to orders."""

from django.db.models import Q


def takes_part(code: str, prefix: str = "") -> Q:
    """The site with this code is one of the order's four."""
    places = ("ordering_site", "collection_site", "infusion_site", "plant")
    condition = Q()
    for place in places:
        condition |= Q(**{f"{prefix}{place}__code": code})
    return condition
