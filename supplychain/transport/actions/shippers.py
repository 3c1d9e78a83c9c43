"""Shippers: the containers in which cells travel, and for what they are qualified."""

from math import isfinite
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from supplychain.audit.actions import delete_unused
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.identifiers.rules.characters import identifier_problem
from supplychain.sites.models import Site
from supplychain.transport.models import Shipper
from supplychain.transport.queries import is_packed

CHANGING = (
    "model", "courier", "coldest", "warmest", "hold_hours", "qualified_until", "qualification_record",
    "qualification_note", "is_retired",
)  # fmt: skip


@transaction.atomic
def create_shipper(*, site: Site, number: str, reason: str = "", by: AbstractBaseUser | None, **said: Any) -> Shipper:
    """A new shipper; `said` are fields of CHANGING. Its site and number last. Raises Refused."""
    if problem := identifier_problem(number, is_required=True):
        raise Refused({"number": problem})
    shipper = Shipper(site=site, number=number, **said)
    _check(shipper)
    with told_by("create_shipper", by, reason):
        shipper.save()
    return shipper


@transaction.atomic
def change_shipper(shipper: Shipper, *, reason: str, by: AbstractBaseUser | None, **said: Any) -> Shipper:
    """Correct what is known of a shipper, qualify it anew, retire it or take it back. Raises Refused."""
    reason = check_reason(reason)
    for name in CHANGING:
        setattr(shipper, name, said.get(name, getattr(shipper, name)))
    _check(shipper)
    with told_by("change_shipper", by, reason):
        shipper.save(update_fields=CHANGING)
    return shipper


@transaction.atomic
def delete_shipper(shipper: Shipper, *, reason: str, by: AbstractBaseUser | None) -> None:
    """Delete a shipper that no shipment names; the trail keeps what it was. Raises Refused."""
    if is_packed(shipper):
        raise Refused({"all": "Shipments name this shipper: retire it instead of deleting it."})
    delete_unused(shipper, "delete_shipper", reason, by)


def _check(shipper: Shipper) -> None:
    """Raises Refused."""
    for name in ("coldest", "warmest", "hold_hours"):
        value = getattr(shipper, name)
        if value is not None and not isfinite(value):
            raise Refused({name: "write a number."})
    refuse_unless_valid(shipper)
