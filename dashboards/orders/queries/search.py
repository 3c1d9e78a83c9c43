"""Orders by any of their identifiers: exactly this one, else those that begin or end so. Never reads all orders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Collate, Reverse

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.codes import beginnings, read_code
from supplychain.identifiers.rules.fields import Field
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.queries import Stands
from supplychain.pages.viewers import Viewer, of_orders

MOST_FOUND = 500
# As many last characters as people say on the telephone; fewer end half of all identifiers.
FEWEST_LAST = 3


@dataclass(frozen=True, slots=True)
class FoundOrders:
    """Ids of the orders that a code leads to. `is_exact`: they bear it in full; `is_cut`: there are more than these."""

    ids: list[UUID]
    is_exact: bool
    is_cut: bool = False


def find(viewer: Viewer, typed: str) -> FoundOrders:
    """The viewer's orders with exactly this identifier or patient reference, else those where one begins or ends so.

    One query, or two. Each reads stretches of indexes, put together by UNION: to “this identifier or that reference”
    in one condition PostgreSQL would answer by reading every order.
    """
    if exact := find_exact(viewer, typed):
        return FoundOrders(exact[:MOST_FOUND], is_exact=True, is_cut=len(exact) > MOST_FOUND)
    parts: list[QuerySet] = []
    for part in beginnings(typed):
        parts += _begun(viewer, part)
        if len(part) >= FEWEST_LAST:
            parts += _ended(viewer, part)
    found = _union(parts)
    return FoundOrders(found[:MOST_FOUND], is_exact=False, is_cut=len(found) > MOST_FOUND)


def find_exact(viewer: Viewer, typed: str) -> list[UUID]:
    """Ids of the viewer's orders with exactly this identifier, patient reference or order id; one query at most, of a
    code with several marked fields one more for each."""
    reading = read_code(typed)
    if (
        reading.is_marked
        and len(reading.fields) > 1
        and not all(_named(viewer, _said([field])) for field in reading.fields)
    ):
        return []
    parts = [_named(viewer, _said(reading.fields)), _referred(viewer, Q(patient_reference__in=_references(typed)))]
    if order_id := as_uuid(typed):
        parts.append(viewer.orders().filter(pk=order_id).values_list("pk", flat=True))
    return _union(parts) if typed.strip() else []


def as_uuid(text: str) -> UUID | None:
    """An order's own id, as it stands in addresses; None if it is written otherwise."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _said(fields: Iterable[Field]) -> Q:
    """Each field of the code as identifiers of its own kind."""
    said = Q(key__in=[])
    for field in fields:
        said |= Q(key=lookup_key(field.value), **({"kind": field.kind} if field.kind else {}))
    return said


def _references(typed: str) -> list[str]:
    """Patient references are kept as they were given; most are in capitals, and few people type them so."""
    code = typed.strip()
    return [code, code.upper()] if code.isascii() and "\0" not in code else []


def _begun(viewer: Viewer, part: str) -> Iterator[QuerySet]:
    yield _named(viewer, Q(key__startswith=part))
    for code in _references(part):
        yield _referred(viewer, Q(patient_reference__startswith=code))


def _ended(viewer: Viewer, part: str) -> Iterator[QuerySet]:
    """Those that end so: the last characters are what people say on the telephone."""
    yield _named(viewer, Q(end__startswith=part[::-1]), end=Collate(Reverse("key"), "C"))
    for code in _references(part):
        yield _referred(viewer, Q(end__startswith=code[::-1]), end=Collate(Reverse("patient_reference"), "C"))


def _named(viewer: Viewer, condition: Q, **parts: Collate) -> QuerySet:
    # No order by: the index that finds a beginning cannot sort by what follows, and would have to read it all.
    named = Identifier.objects.alias(**parts).filter(condition, Stands())
    return of_orders(named, viewer.orders()).values_list("order_id", flat=True)[: MOST_FOUND + 1]


def _referred(viewer: Viewer, condition: Q, **parts: Collate) -> QuerySet:
    referred = PatientOrder.objects.alias(**parts).filter(condition)
    mine = referred if viewer.sees_all else referred.of_sites(viewer.site_ids)
    return mine.values_list("pk", flat=True)[: MOST_FOUND + 1]


def _union(parts: list[QuerySet]) -> list[UUID]:
    if not parts:
        return []
    first, *rest = parts
    return list(first.union(*rest)) if rest else list(first)
