"""What those above say of a number that was read and is the order's."""

from django.dispatch import Signal

# Sent with `order` (id), `value` (the number as it was read) and `now` before a match is answered. A receiver answers
# why what bears this number must not be used all the same, as a sentence; empty if nothing is known against it.
number_matched = Signal()
