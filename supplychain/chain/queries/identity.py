"""What stands on the order in hand, and the checks that were made of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import QuerySet

from supplychain.chain.models import IdentityCheck
from supplychain.chain.rules.matching import CodeRead, Comparison, compare, find
from supplychain.chain.statuses import CheckOutcome
from supplychain.identifiers.rules.codes import read_code
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.queries import Stands, led_to
from supplychain.orders.queries.mismatches import mismatches_of
from supplychain.orders.rules.mismatches import Mismatch
from supplychain.people.models import User
from supplychain.sql import read

MISMATCHED_SQL = """SELECT DISTINCT order_id::text FROM supplychain_identitycheck
    WHERE order_id = ANY(%(ids)s::uuid[]) AND outcome = %(mismatch)s"""


def code_read(text: str, site_ids: Collection[UUID]) -> CodeRead:
    """What was read, with the orders of these sites to which each of its fields leads; one query."""
    reading = read_code(text)
    return CodeRead(text, reading, led_to(reading, site_ids))


def compared(text: str, order_id: UUID | None, site_ids: Collection[UUID]) -> Comparison:
    """What was read beside the order in hand (None: there is none); two queries."""
    code = code_read(text, site_ids)
    if order_id is None:
        return find(code)
    standing: dict[str, set[str]] = defaultdict(set)
    for kind, key in Identifier.objects.filter(Stands(), order=order_id).values_list("kind", "key"):
        standing[kind].add(key)
    return compare(code, order_id, standing)


def standing_mismatches_of(order_ids: list[str]) -> dict[UUID, list[Mismatch]]:
    """The mismatches of these orders (ids as text) that are not resolved; one query, two where any ever had one."""
    mismatched = [
        UUID(order_id) for (order_id,) in read(MISMATCHED_SQL, ids=order_ids, mismatch=CheckOutcome.MISMATCH.value)
    ]
    return mismatches_of(mismatched) if mismatched else {}


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
