"""Chains of identity of orders that come without one: assigned as they are placed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from supplychain.identifiers.rules.characters import likeness
from supplychain.identifiers.rules.coi import OWN_ISSUER, new_coi
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.naming import Catalogue, issuers_of_order
from supplychain.orders.models import Identifier
from supplychain.orders.rules.placing import OrderRequest


class NewNumbers:
    """One new chain of identity for each request that brings none; no two look alike, nor like one that ever was given.

    The database's constraint decides between two that were drawn at the same moment: the later is drawn again.
    """

    def __init__(self, requests: Sequence[OrderRequest], catalogue: Catalogue, now: datetime) -> None:
        self.catalogue, self.now = catalogue, now
        wanted: dict[str, int] = defaultdict(int)
        for request in requests:
            if not request.coi and (facility := _issuer(request, catalogue)[1]):
                wanted[facility] += 1
        self.free = {facility: _unused(facility, many, now) for facility, many in wanted.items()}

    def of(self, request: OrderRequest) -> tuple[str, str]:
        """The request's chain of identity and who issues it. Each number is given once."""
        issuer, facility = _issuer(request, self.catalogue)
        return (self.free[facility].pop() if facility else new_coi(self.now)), issuer


def _issuer(request: OrderRequest, catalogue: Catalogue) -> tuple[str, str]:
    """The site that issues, and its facility number: the first of the reporter's sites of the order, its ordering site
    before its plant, that has one. Without one we issue, in a form of our own."""
    for code in issuers_of_order(request, catalogue):
        if facilities := catalogue.sites[code].facilities:
            return code, facilities[0]
    return OWN_ISSUER, ""


def _unused(facility: str, many: int, now: datetime) -> list[str]:
    """So many numbers of this facility that no order has or had, whoever issued it."""
    unused: set[str] = set()
    while len(unused) < many:
        drawn = {new_coi(now, facility) for _ in range(many - len(unused))}
        given = Identifier.objects.filter(kind=IdentifierKind.COI, likeness__in=map(likeness, drawn))
        taken = set(given.values_list("likeness", flat=True))
        unused |= {coi for coi in drawn if likeness(coi) not in taken}
    return list(unused)
