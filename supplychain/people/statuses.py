"""What people may do, and how pages look to them."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may do at a site."""

    OPERATIONS = "operations", "Operations"
    SITE_COORDINATOR = "site_coordinator", "Site coordinator"
    QA = "qa", "Quality assurance"
    ADMINISTRATOR = "administrator", "Administrator"


class Theme(TextChoices):
    """How pages look; empty where nobody chose: as the system says."""

    SYSTEM = "system", "As the device says"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"
