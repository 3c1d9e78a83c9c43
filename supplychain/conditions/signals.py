"""What the floors above may want to know of readings."""

from django.dispatch import Signal

# Sent with `order_ids` and `now` when the excursions of these orders changed, inside the transaction.
excursions_changed = Signal()
