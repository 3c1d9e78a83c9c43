"""What can be amiss in a chain of custody."""

from django.db.models import TextChoices


class GapKind(TextChoices):
    """Why nobody can vouch for the cells at a hand-over."""

    UNKNOWN_GIVER = "unknown_giver", "Given by one who did not hold them"
    UNREPORTED = "unreported", "The hand-over before this one was not reported"
    OTHER_COURIER = "other_courier", "Given by another courier than took them"
    OTHER_PLACE = "other_place", "Taken from another place than they were put"
    NOBODY = "nobody", "Nobody is known to have held them for a time"
    TWICE = "twice", "Two people are said to have taken them"
    BACKWARDS = "backwards", "They went back to who gave them"
    AFTER_END = "after_end", "Handed over after their custody had ended"
    LEFT_SITE = "left_site", "Left the infusion site again"
    UNCOLLECTED = "uncollected", "Handed over although no collection was reported"
    STEP_SILENT = "step_silent", "The transport itself was not reported"
    BROKEN_SEAL = "broken_seal", "Found with a broken seal"
    DAMAGED = "damaged", "Found with damaged packaging"
    UNWITNESSED = "unwitnessed", "Only one person is known"


# Who held the cells in between, or what was done to them, nobody can say.
GRAVE_GAPS = frozenset(
    {
        GapKind.UNKNOWN_GIVER, GapKind.LEFT_SITE, GapKind.UNCOLLECTED, GapKind.AFTER_END, GapKind.BROKEN_SEAL,
        GapKind.DAMAGED,
    }
)  # fmt: skip


class LinkEnd(TextChoices):
    """Which hand-over of a transport a driver's link is for."""

    PICKUP = "at_pickup", "Pickup"
    DELIVERY = "at_delivery", "Delivery"


class LinkState(TextChoices):
    """What a driver's link is good for."""

    OPEN = "open", "Not used yet"
    USED = "used", "Used"
    REVOKED = "revoked", "Taken back"
    EXPIRED = "expired", "Expired"
