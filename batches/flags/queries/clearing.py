"""Why a flag is cleared: what the administration changed, or who resolved it."""

from collections.abc import Iterable
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.rules.changes import KnownFlag
from batches.judgement.statuses import FlagCode
from supplychain.audit.trails import Change, trail_of
from supplychain.identifiers.rules.donation_numbers import donation_doubt
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.mismatches import MISMATCHES, named_mismatches
from supplychain.orders.statuses import OrderEventKind
from supplychain.sites.models import Site

# So many changes of a site are looked through; the one that cleared a flag was made just now.
MOST_CHANGES = 20


def cleared_by(flags: Iterable[KnownFlag]) -> dict[UUID, str]:
    """Of these flags that are being cleared, by id, who or what did it, where it was no report of the order's work."""
    cleared = list(flags)
    return cleared_by_master_data(cleared) | _resolved(cleared)


def _resolved(flags: Iterable[KnownFlag]) -> dict[UUID, str]:
    """Of identity mismatches, who resolved them and what they said; one query where there is one."""
    asked = [flag.id for flag in flags if flag.code == FlagCode.IDENTITY_MISMATCH]
    said: dict[UUID, list[str]] = {}
    for flag in Flag.objects.filter(pk__in=asked) if asked else ():
        named = set(flag.evidence[MISMATCHES])
        events = StatusEvent.objects.filter(order=flag.order_id, kind=OrderEventKind.RESOLVED).select_related("user")
        said[flag.pk] = [
            f"by {event.user}: “{event.payload['reason']}”"
            for event in events.order_by("position") if named & named_mismatches(event.payload)
        ]  # fmt: skip
    return {flag_id: f"Resolved {' and '.join(words[-2:])}" for flag_id, words in said.items() if words}


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
