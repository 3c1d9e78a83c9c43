"""Sites: where patients are treated, cells are collected and doses are made."""

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from supplychain.audit.actions import delete_unused
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.sites.models import Site
from supplychain.sites.rules import telephone_problem
from supplychain.sites.signals import site_switching_off
from supplychain.sites.statuses import SiteKind


@transaction.atomic
def create_site(
    *,
    code: str,
    name: str,
    kind: SiteKind,
    time_zone: str = "UTC",
    telephone: str = "",
    facilities: Sequence[str] = (),
    reason: str = "",
    by: AbstractBaseUser | None,
) -> Site:
    """A new site; `code` lasts (systems and files name the site by it), `time_zone` is an IANA name.

    `facilities`: with which its donation numbers begin (ISBT 128). Raises Refused.
    """
    site = Site(code=code, name=name, kind=kind, time_zone=time_zone, telephone=telephone, facilities=list(facilities))
    _check(site)
    if Site.objects.filter(code__iexact=code).exists():
        raise Refused({"code": "a site has this code, written in other letters; choose another."})
    with told_by("create_site", by, reason):
        site.save()
    return site


@transaction.atomic
def change_site(
    site: Site,
    *,
    name: str,
    time_zone: str,
    is_active: bool,
    facilities: Sequence[str] = (),
    telephone: str = "",
    reason: str,
    by: AbstractBaseUser | None,
) -> Site:
    """Rename a site, correct what is known of it, switch it off or on. Its code and kind last. Raises Refused.

    A site with open orders stays on: their stages still happen there.
    """
    reason = check_reason(reason)
    if site.is_active and not is_active:
        site_switching_off.send(sender=Site, site=site)
    site.name, site.time_zone, site.telephone = name, time_zone, telephone
    site.is_active, site.facilities = is_active, list(facilities)
    _check(site)
    with told_by("change_site", by, reason):
        site.save(update_fields=["name", "time_zone", "telephone", "is_active", "facilities"])
    return site


def _check(site: Site) -> None:
    """Raises Refused."""
    refuse_unless_valid(site)
    if problem := telephone_problem(site.telephone):
        raise Refused({"telephone": problem})


@transaction.atomic
def delete_site(site: Site, *, reason: str, by: AbstractBaseUser | None) -> None:
    """Delete a site that nothing refers to. Raises Refused."""
    delete_unused(site, "delete_site", reason, by)
