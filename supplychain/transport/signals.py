"""How lanes wake the floor above, which they do not know."""

from django.dispatch import Signal

# Sent inside the transaction that made, changed or deleted `lane` at `now`; nothing locks an order after it.
lane_changed = Signal()
