"""What does not fit about a material."""

from django.db.models import TextChoices


class MaterialDoubt(TextChoices):
    """Why what is said of a material cannot all be right, or should not have been done."""

    UNRECORDED = "unrecorded", "Only named so far: nobody has recorded it"
    CYCLE = "cycle", "Its origin leads back to itself"
    SAID_OTHERWISE = "said_otherwise", "Two reports say different things of what it is or was made from"
    WENT_BACK = "went_back", "A later report says another status after one that is final"
    FROM_QUARANTINE = "from_quarantine", "Infused from quarantine: no release was reported"
    REJECTED_AWAY = "rejected_away", "Rejected, and it was shipped or infused"
    ORDER_STOPPED = "order_stopped", "Its order is on hold or cancelled"
    UNDECIDED = "undecided", "Said to be released, and no release of its order is on record"
    TEST_FAILED = "test_failed", "Released or shipped, and a test of its order has failed"
    ELSEWHERE = "elsewhere", "Another order has a material of this number"


class TracePart(TextChoices):
    """What a material has to do with what is traced."""

    ASKED = "asked", "The material asked for"
    WENT_INTO = "went_into", "The lot went into it"
    MADE_FROM = "made_from", "Made from it"
    PERHAPS = "perhaps", "Perhaps: the report of the lot names no material"
    ORIGIN = "origin", "It came from this"
    OWN = "own", "Of this order"
