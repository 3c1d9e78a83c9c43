"""Sites: where patients are treated, cells are collected and doses are made."""

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from supplychain.audit.actions import delete_unused
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.sites.models import Site
from supplychain.sites.rules import telephone_problem
from supplychain.sites.signals import facilities_changed, site_switching_off
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
    _refuse_foreign_facilities(site)
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
    known = set(site.facilities)
    site.name, site.time_zone, site.telephone = name, time_zone, telephone
    site.is_active, site.facilities = is_active, list(facilities)
    _check(site)
    if set(site.facilities) - known:
        _refuse_foreign_facilities(site)
    with told_by("change_site", by, reason):
        site.save(update_fields=["name", "time_zone", "telephone", "is_active", "facilities"])
    if set(site.facilities) != known:
        facilities_changed.send(sender=Site, site=site)
    return site


def _check(site: Site) -> None:
    """Raises Refused."""
    refuse_unless_valid(site)
    if problem := telephone_problem(site.telephone):
        raise Refused({"telephone": problem})


def _refuse_foreign_facilities(site: Site) -> None:
    """ICCBBA gives a number to one facility: with another's, nobody would be asked whose bag it is."""
    if not site.facilities:
        return
    # All at once, so that two administrators cannot give it to two sites at the same moment.
    for other in Site.objects.exclude(pk=site.pk).order_by("pk").select_for_update(no_key=True):
        if shared := sorted(set(site.facilities).intersection(other.facilities)):
            text = f"{', '.join(shared)} is a facility number of {other.name} ({other.code}): each belongs to one site "
            text += "alone. Read it from a label of this site; if it is its own, take it from the other site first."
            raise Refused({"facilities": text})


@transaction.atomic
def delete_site(site: Site, *, reason: str, by: AbstractBaseUser | None) -> None:
    """Delete a site that nothing refers to. Raises Refused."""
    delete_unused(site, "delete_site", reason, by)
