"""Sites: where patients are treated, cells are collected and doses are made."""

from django.db import transaction

from supplychain.actions.refusals import refuse_unless_valid, told_by
from supplychain.models import Site, User
from supplychain.statuses import SiteKind


@transaction.atomic
def create_site(*, code: str, name: str, kind: SiteKind, time_zone: str = "UTC", by: User | None) -> Site:
    """A new site; `code` lasts (systems and files name the site by it), `time_zone` is an IANA name. Raises Refused."""
    site = Site(code=code, name=name, kind=kind, time_zone=time_zone)
    refuse_unless_valid(site)
    with told_by("create_site", by):
        site.save()
    return site
