"""What an identifier of an order names."""

from django.db.models import TextChoices


class IdentifierKind(TextChoices):
    """What an identifier of an order names."""

    COI = "coi", "Chain of identity"
    HOSPITAL_ORDER = "hospital_order", "Hospital order number"
    DONATION = "donation", "Donation identification number"
    BATCH = "batch", "Batch number"
    TRACKING = "tracking", "Tracking number"
    MATERIAL = "material", "Number of a material"
    LABEL = "label", "Serial number of a label"


# One of these on two orders means that two patients' cells may have been swapped.
UNSHARED_IDENTIFIER_KINDS = (IdentifierKind.COI, IdentifierKind.DONATION, IdentifierKind.BATCH)
# One of these, of one issuer, is one order's.
ISSUED_ONCE = (IdentifierKind.COI, IdentifierKind.HOSPITAL_ORDER)
