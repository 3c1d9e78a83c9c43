"""How people wake the themes above, which they do not know."""

from django.dispatch import Signal

# Sent inside the transaction in which `by` (None: a command) switched the person `user` off or took a role away from
# them; a receiver takes back what they can no longer do, and returns in words what it did (empty: nothing).
rights_lost = Signal()
# Sent inside the transaction in which `by` (None: a command) gave the person `user` another e-mail address than `old`.
address_changed = Signal()
