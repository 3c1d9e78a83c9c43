"""What reports call their orders, and where that leads."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.leading import issuers_of, orders_led_to
from supplychain.orders.queries import leads
from supplychain.orders.rules.events import Reference


class Meant(NamedTuple):
    """The orders that a reference leads to, and who issued what it names, to choose from."""

    orders: set[UUID]
    issuers: Sequence[str] = ()


def led_to(references: Collection[Reference], site_ids: Collection[UUID]) -> dict[Reference, Meant]:
    """The orders of these sites that each reference leads to as an identifier; of an issuer named, its own alone."""
    known = leads({reference.key for reference in references}, site_ids)
    meant = {}
    for one in references:
        some = [lead for lead in known[one.key] if one.issuer in ("", lookup_key(lead.issuer))]
        meant[one] = Meant(orders_led_to(some), issuers_of(some))
    return meant
