"""Why a flag is cleared of whose order nothing was heard: what the administration changed."""

from collections.abc import Iterable
from uuid import UUID

from batches.flags.rules.changes import KnownFlag
from batches.judgement.statuses import FlagCode
from supplychain.audit.trails import Change, trail_of
from supplychain.identifiers.rules.donation_numbers import donation_doubt
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site

# So many changes of a site are looked through; the one that cleared a flag was made just now.
MOST_CHANGES = 20


def cleared_by_master_data(flags: Iterable[KnownFlag]) -> dict[UUID, str]:
    """Of these flags that are being cleared, by id, which change of master data did it; nothing of the others.

    A donation number is in doubt until the facility that gave it is one of its collection centre. A few queries for
    each such flag, which are rare, and none without one.
    """
    doubts = [flag for flag in flags if flag.code == FlagCode.DONATION_NUMBER]
    orders = PatientOrder.objects.select_related("collection_site").in_bulk([flag.order_id for flag in doubts])
    said = {flag.id: _facilities_changed(flag, orders[flag.order_id].collection_site) for flag in doubts}
    return {flag_id: words for flag_id, words in said.items() if words}


def _facilities_changed(flag: KnownFlag, site: Site) -> str:
    if donation_doubt(flag.subject, site.facilities):
        return ""
    for change in trail_of(site, size=MOST_CHANGES):
        if (facilities := _facilities(change)) is None:
            continue
        old, new = facilities
        if not donation_doubt(flag.subject, old):
            continue
        who = change.who or "a command"
        return f"Cleared by {who}: facility numbers of {site} changed from {_words(old)} to {_words(new)}."
    return ""


def _facilities(change: Change) -> tuple[list[str], list[str]] | None:
    name = str(Site._meta.get_field("facilities").verbose_name)
    found = next((one for one in change.differences if one.field == name), None)
    return found and (_listed(found.old), _listed(found.new))


def _listed(text: str) -> list[str]:
    return text.split(", ") if text else []


def _words(facilities: list[str]) -> str:
    return ", ".join(facilities) or "none"
