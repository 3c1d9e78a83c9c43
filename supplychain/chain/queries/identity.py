"""What stands on the order in hand, and the checks that were made of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from supplychain.chain.models import IdentityCheck
from supplychain.chain.rules.matching import CodeRead, Comparison, compare, find, unfit
from supplychain.chain.signals import number_matched
from supplychain.chain.statuses import CheckOutcome
from supplychain.identifiers.rules.codes import read_code
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.queries import Stands, led_to
from supplychain.people.models import User


def code_read(text: str, site_ids: Collection[UUID]) -> CodeRead:
    """What was read, with the orders of these sites to which each of its fields leads; one query."""
    reading = read_code(text)
    return CodeRead(text, reading, led_to(reading, site_ids))


def compared(text: str, order_id: UUID | None, site_ids: Collection[UUID], now: datetime) -> Comparison:
    """What was read beside the order in hand (None: there is none); two queries, of a match five."""
    code = code_read(text, site_ids)
    if order_id is None:
        return find(code)
    standing: dict[str, set[str]] = defaultdict(set)
    for kind, key in Identifier.objects.filter(Stands(), order=order_id).values_list("kind", "key"):
        standing[kind].add(key)
    return _if_fit(compare(code, order_id, standing), order_id, now)


def _if_fit(found: Comparison, order_id: UUID, now: datetime) -> Comparison:
    """A match, unless what bears this number is not to be used."""
    if found.outcome != CheckOutcome.MATCH:
        return found
    whys = [why for _, why in number_matched.send(CheckOutcome, order=order_id, value=found.value, now=now) if why]
    return unfit(found, whys[0]) if whys else found


def checks_of(order: PatientOrder) -> QuerySet[IdentityCheck]:
    """The checks of an order, the newest first; its other sites' people are named as they are on its events."""
    checks = IdentityCheck.objects.filter(order=order).select_related("user", "source", "other_order")
    return checks.order_by("-recorded_at", "-id")


def others_seen(checks: Iterable[IdentityCheck], user: User) -> set[UUID]:
    """Ids of the other orders to which these checks lead that this person may see; one query where there are any."""
    others = {check.other_order_id for check in checks if check.other_order_id}
    if not others:
        return set()
    return set(PatientOrder.objects.of_sites(user.site_ids()).filter(pk__in=others).values_list("pk", flat=True))
