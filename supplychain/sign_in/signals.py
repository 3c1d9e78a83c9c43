"""How signing wakes the themes above, which it does not know."""

from django.dispatch import Signal

# Sent after an attempt to sign was refused and kept (`refused`: audit.models.RefusedSigning).
signing_refused = Signal()
