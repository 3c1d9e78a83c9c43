"""What identity checks answer when an order is told of one."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from supplychain.chain.models import IdentityCheck
from supplychain.chain.statuses import CheckOutcome
from supplychain.orders.signals import check_asked


@receiver(check_asked)
def found_mismatch(check_id: UUID, order_id: UUID, **_: Any) -> bool:
    """Whether this check of the order was kept, and found a mismatch."""
    return IdentityCheck.objects.filter(pk=check_id, order=order_id, outcome=CheckOutcome.MISMATCH).exists()
