"""How this floor wakes the floors above, which it does not know."""

from django.dispatch import Signal

# Sent inside the transaction that stored new events; `changes` is a list of actions.events.OrderChange.
events_recorded = Signal()
