"""What sort of work a stage is, where it is done, which way a shipment goes."""

from django.db.models import TextChoices


class StageKind(TextChoices):
    """What sort of work a stage is."""

    ADMINISTRATIVE = "administrative", "Administrative"
    COLLECTION = "collection", "Collection"
    TRANSPORT = "transport", "Transport"
    MANUFACTURING = "manufacturing", "Manufacturing"
    QUALITY_CONTROL = "quality_control", "Quality control"
    RELEASE = "release", "Release"
    CUSTODY = "custody", "Custody"
    INFUSION = "infusion", "Infusion"


# Work that has the patient's cells, or the dose made of them, in hand.
HOLDS_CELLS = (
    StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.MANUFACTURING, StageKind.CUSTODY, StageKind.INFUSION,
)  # fmt: skip

# At which reports of such a stage a product may ask two people to check the identity and sign: its start, its end, and
# where its cells change hands by a report of their own.
ASKS_TWO = ("started", "completed", "handed_over")


class StagePlace(TextChoices):
    """Which of an order's sites performs a stage."""

    ORDERING_SITE = "ordering_site", "Ordering site"
    COLLECTION_SITE = "collection_site", "Collection site"
    PLANT = "plant", "Plant"
    INFUSION_SITE = "infusion_site", "Infusion site"


class Direction(TextChoices):
    """Which way a shipment goes."""

    INBOUND = "inbound", "To the plant"
    OUTBOUND = "outbound", "To the infusion site"
