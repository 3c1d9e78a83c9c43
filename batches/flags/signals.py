"""How flags wake the themes above, which they do not know."""

from django.dispatch import Signal

# Sent inside the transaction in which the person `by` acknowledged or took on `flag` at `now`.
flag_handled = Signal()

# Sent inside the transaction in which quality assurance settled `flag`: the person `by`, at `now`; `change` notes it.
flag_settled = Signal()

# Sent inside the transaction in which a person made `flag` the matter of the person `to`; `change` is the flip.
flag_assigned = Signal()
