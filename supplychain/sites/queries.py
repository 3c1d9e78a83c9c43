"""Sites by their codes."""

from supplychain.audit.refusals import Refused
from supplychain.sites.models import Site


def find_sites(codes: list[str], *, field: str) -> list[Site]:
    """The active sites of these codes. Raises Refused, naming the known ones."""
    known = {site.code: site for site in Site.objects.filter(is_active=True)}
    if unknown := [code for code in codes if code not in known]:
        text = f"unknown: {', '.join(unknown)}. Known sites: {', '.join(sorted(known)) or 'none yet'}."
        raise Refused({field: text})
    return [known[code] for code in dict.fromkeys(codes)]
