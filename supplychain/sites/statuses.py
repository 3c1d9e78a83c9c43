"""What a site does."""

from django.db.models import TextChoices


class SiteKind(TextChoices):
    """What a site does."""

    TREATMENT_CENTRE = "treatment_centre", "Treatment centre"
    COLLECTION_CENTRE = "collection_centre", "Collection centre"
    PLANT = "plant", "Manufacturing plant"
