"""What the judgement does when the floor below has recorded events."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from batches.judgement.actions import wake_evaluation
from supplychain.conditions.signals import excursions_changed
from supplychain.orders.signals import events_recorded


@receiver(events_recorded)
@receiver(excursions_changed)
def judge_soon(**_: Any) -> None:
    """Have the orders judged once the facts have been committed."""
    transaction.on_commit(wake_evaluation)
