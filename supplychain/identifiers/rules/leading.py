"""To which orders an identifier leads, by who issued it and who asks; nothing is guessed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from supplychain.identifiers.rules.coi import OWN_ISSUER
from supplychain.identifiers.statuses import IdentifierKind

# Whose number it is: the place of the order whose site gives it. What stands here under another's name is hearsay.
GIVEN_AT: Mapping[str, str] = {IdentifierKind.DONATION: "collection_site", IdentifierKind.BATCH: "plant"}
# For which of an order's sites somebody with several speaks, of what is given at none of theirs.
SPEAKS_FOR = ("plant", "collection_site", "ordering_site", "infusion_site")


class Lead(NamedTuple):
    """An identifier on an order. `is_own`: issued by who asks; `is_given`: by the site that gives such numbers."""

    order_id: UUID
    kind: str
    issuer: str
    is_own: bool
    is_given: bool


def issuer_of(kind: str, sites: Mapping[str, UUID], own: Mapping[UUID, str]) -> str:
    """Code of the site of the order (`sites` by place) for which a reporter with the sites `own` says a number."""
    places = (GIVEN_AT[kind], *SPEAKS_FOR) if kind in GIVEN_AT else SPEAKS_FOR
    return next((own[sites[place]] for place in places if sites[place] in own), "")


def orders_led_to(leads: Sequence[Lead]) -> set[UUID]:
    """The orders that bear it with most right; more than one where only its issuer could tell them apart.

    One's own numbers first, then those of the sites that give them, hearsay last: what another hospital says of its
    order makes nobody's own number doubtful. Of one issuer the chain of identity belongs to one order: what else was
    given the same value by mistake does not make it doubtful either.
    """
    best = min(map(_rank, leads), default=0)
    first = [lead for lead in leads if _rank(lead) == best]
    cois = [lead for lead in first if lead.kind == IdentifierKind.COI]
    if cois and {lead.issuer for lead in first} <= {cois[0].issuer, ""}:
        first = cois
    return {lead.order_id for lead in first}


def _rank(lead: Lead) -> int:
    if not lead.is_given:
        return 2
    return 0 if lead.is_own or lead.issuer == OWN_ISSUER else 1


def issuers_of(leads: Iterable[Lead]) -> list[str]:
    """Who issued it, to be chosen from."""
    return sorted({lead.issuer for lead in leads if lead.issuer})
