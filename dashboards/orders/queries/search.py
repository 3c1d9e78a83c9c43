"""Orders by any of their identifiers: exactly this one, else those that begin so. Never reads all orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from supplychain.identifiers.rules.codes import spellings
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.pages.viewers import Viewer, of_orders

MOST_FOUND = 500


@dataclass(frozen=True, slots=True)
class FoundOrders:
    """Ids of the orders that a code leads to. `is_exact`: they bear it in full; `is_cut`: there are more than these."""

    ids: list[UUID]
    is_exact: bool
    is_cut: bool = False


def find(viewer: Viewer, typed: str) -> FoundOrders:
    """The viewer's orders with exactly this identifier or patient reference, else those where one begins so.

    One query, or two. Each reads stretches of two indexes, put together by UNION: to “this identifier or that
    reference” in one condition PostgreSQL would answer by reading every order.
    """
    if exact := find_exact(viewer, typed):
        return FoundOrders(exact[:MOST_FOUND], is_exact=True, is_cut=len(exact) > MOST_FOUND)
    begun = _union([rows for code in spellings(typed) for rows in _rows(viewer, "startswith", code)])
    return FoundOrders(begun[:MOST_FOUND], is_exact=False, is_cut=len(begun) > MOST_FOUND)


def find_exact(viewer: Viewer, typed: str) -> list[UUID]:
    """Ids of the viewer's orders with exactly this identifier, patient reference or order id; one query at most."""
    codes = spellings(typed)
    parts = [*_rows(viewer, "in", codes)] if codes else []
    if order_id := as_uuid(typed):
        parts.append(viewer.orders().filter(pk=order_id).values_list("pk", flat=True))
    return _union(parts)


def as_uuid(text: str) -> UUID | None:
    """An order's own id, as it stands in addresses; None if it is written otherwise."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _rows(viewer: Viewer, lookup: str, value: Any) -> Iterator[QuerySet]:
    # No order by: the index that finds a beginning cannot sort by what follows, and would have to read it all.
    named = Identifier.objects.filter(**{f"value__{lookup}": value})
    yield of_orders(named, viewer.orders()).values_list("order_id", flat=True)[: MOST_FOUND + 1]
    referred = PatientOrder.objects.filter(**{f"patient_reference__{lookup}": value})
    mine = referred if viewer.sees_all else referred.of_sites(viewer.site_ids)
    yield mine.values_list("pk", flat=True)[: MOST_FOUND + 1]


def _union(parts: list[QuerySet]) -> list[UUID]:
    if not parts:
        return []
    first, *rest = parts
    return list(first.union(*rest)) if rest else list(first)
