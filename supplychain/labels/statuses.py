"""Where a printed label stands, and what of it does not fit."""

from django.db.models import TextChoices


class LabelStatus(TextChoices):
    """What became of a label."""

    OPEN = "open", "Open"
    USED = "used", "Used"
    SPOILED = "spoiled", "Spoiled"
    DESTROYED = "destroyed", "Destroyed"


class LabelDoubt(TextChoices):
    """Why what is said of a label cannot all be right."""

    UNPRINTED = "unprinted", "Its end was reported, but not that it was printed"
    PRINTED_TWICE = "printed_twice", "Two reports say that a label of this number was printed"
    ENDED_OTHERWISE = "ended_otherwise", "A later report says that it ended otherwise"
