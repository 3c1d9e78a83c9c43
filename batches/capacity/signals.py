"""How capacity wakes the themes above, which it does not know."""

from django.dispatch import Signal

# Sent inside the transaction that changed the places of `pool` at `now`.
capacity_changed = Signal()
