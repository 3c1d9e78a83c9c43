"""What materials do when orders were folded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from supplychain.chain.signals import number_matched
from supplychain.materials.actions.projecting import project_materials
from supplychain.materials.queries import why_unfit_of
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.states import Fact
from supplychain.orders.signals import orders_folded
from supplychain.sql import Writes


@receiver(orders_folded)
def follow_reports(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], now: datetime, **_: Any
) -> None:
    """Bring materials and lots up to date in the same round trip."""
    project_materials(writes, orders, facts, now=now)


@receiver(number_matched)
def tell_what_is_not_to_be_used(order: UUID, value: str, now: datetime, **_: Any) -> str:
    """Why the material or batch of this number is not to be used; empty if nothing is known against it."""
    return why_unfit_of(order, value, now)
