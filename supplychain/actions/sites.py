"""Sites: where patients are treated, cells are collected and doses are made."""

from django.db import transaction
from django.db.models import Q

from supplychain.actions.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.models import Membership, PatientOrder, Site, User
from supplychain.statuses import Role, SiteKind


@transaction.atomic
def create_site(
    *,
    code: str,
    name: str,
    kind: SiteKind,
    time_zone: str = "UTC",
    administrator: User | None = None,
    reason: str = "",
    by: User | None,
) -> Site:
    """A new site; `code` lasts (systems and files name the site by it), `time_zone` is an IANA name. Raises Refused.

    `administrator`: who administers it from now on, since only those of a site may give roles there.
    """
    site = Site(code=code, name=name, kind=kind, time_zone=time_zone)
    refuse_unless_valid(site)
    with told_by("create_site", by, reason):
        site.save()
        if administrator is not None:
            Membership.objects.create(user=administrator, site=site, role=Role.ADMINISTRATOR)
    return site


@transaction.atomic
def change_site(site: Site, *, name: str, time_zone: str, is_active: bool, reason: str, by: User | None) -> Site:
    """Rename a site, correct its zone, switch it off or on. Its code and kind last. Raises Refused.

    A site with open orders stays on: their stages still happen there.
    """
    reason = check_reason(reason)
    if site.is_active and not is_active:
        _refuse_while_in_use(site)
    site.name, site.time_zone, site.is_active = name, time_zone, is_active
    refuse_unless_valid(site)
    with told_by("change_site", by, reason):
        site.save(update_fields=["name", "time_zone", "is_active"])
    return site


def _refuse_while_in_use(site: Site) -> None:
    taking_part = Q(ordering_site=site) | Q(collection_site=site) | Q(infusion_site=site) | Q(plant=site)
    if count := PatientOrder.objects.open().filter(taking_part).count():
        orders = "1 open order still takes" if count == 1 else f"{count} open orders still take"
        raise Refused({"is_active": f"{orders} place here; switch the site off when they have ended."})
