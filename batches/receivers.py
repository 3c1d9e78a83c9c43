"""What this floor does when the one below has recorded events."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from batches.actions.batches import project_batches
from batches.wake import wake_evaluation
from supplychain.actions.events import OrderChange
from supplychain.signals import events_recorded


@receiver(events_recorded)
def follow_events(changes: Sequence[OrderChange], **_: Any) -> None:
    """Bring the batches up to date in the same transaction; have the orders judged once it has committed."""
    project_batches(changes)
    transaction.on_commit(wake_evaluation)
