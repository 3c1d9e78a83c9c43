"""Sites by their codes."""

from functools import lru_cache
from uuid import UUID

from supplychain.audit.refusals import Refused
from supplychain.sites.models import Site


def find_sites(codes: list[str], *, field: str) -> list[Site]:
    """The active sites of these codes. Raises Refused, naming the known ones."""
    known = {site.code: site for site in Site.objects.filter(is_active=True)}
    if unknown := [code for code in codes if code not in known]:
        text = f"unknown: {', '.join(unknown)}. Known sites: {', '.join(sorted(known)) or 'none yet'}."
        raise Refused({field: text})
    return [known[code] for code in dict.fromkeys(codes)]


@lru_cache(maxsize=4096)
def code_of_site(site_id: UUID) -> str:
    """The code of a site, which lasts; one query the first time in this process."""
    return Site.objects.values_list("code", flat=True).get(pk=site_id)


def facilities_of_site(site_id: UUID) -> list[str]:
    """The facility numbers with which donation numbers of a site begin; empty: not known. One query."""
    return Site.objects.values_list("facilities", flat=True).get(pk=site_id)
