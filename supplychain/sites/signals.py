"""How sites ask and wake the themes above, which they do not know."""

from django.dispatch import Signal

# Sent inside the transaction that is about to switch `site` off; a receiver that needs it raises Refused.
site_switching_off = Signal()

# Sent inside the transaction in which the facility numbers of `site` changed.
facilities_changed = Signal()
