"""What reports call their orders, and where that leads."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.codes import printed_field
from supplychain.identifiers.rules.leading import issuers_of, orders_led_to
from supplychain.orders.queries import leads
from supplychain.orders.rules.events import Reference


class Meant(NamedTuple):
    """The orders that a reference leads to, and who issued what it names, to choose from."""

    orders: set[UUID]
    issuers: Sequence[str] = ()


def led_to(references: Collection[Reference], site_ids: Collection[UUID]) -> dict[Reference, Meant]:
    """The orders of these sites that each reference leads to as an identifier; of an issuer named, its own alone.

    What is nobody's number as it is written is read as it stands on a label: “G1234 26 654321”, “=G123426654321…”.
    """
    printed = {one: field for one in references if (field := printed_field(one.key))}
    keys = {one.key for one in references} | {lookup_key(field.value) for field in printed.values()}
    known = leads(keys, site_ids)
    meant = {}
    for one in references:
        some = known[one.key]
        if not some and (field := printed.get(one)):
            some = [lead for lead in known[lookup_key(field.value)] if lead.kind == field.kind]
        some = [lead for lead in some if one.issuer in ("", lookup_key(lead.issuer))]
        meant[one] = Meant(orders_led_to(some), issuers_of(some))
    return meant
