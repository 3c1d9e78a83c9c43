"""What people may do, and how pages look to them."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may do at a site."""

    OPERATIONS = "operations", "Operations"
    SITE_COORDINATOR = "site_coordinator", "Site coordinator"
    QA = "qa", "Quality assurance"
    ADMINISTRATOR = "administrator", "Administrator"
    INSPECTOR = "inspector", "Inspector (reads only)"


# Who may change anything at all; an inspector reads everything of a site and changes nothing of it.
ACTING_ROLES = tuple(role for role in Role if role != Role.INSPECTOR)
ACTING_CHOICES = [(role.value, role.label) for role in ACTING_ROLES]
# Who reads the master data and its audit trail; only administrators change it.
RECORD_READERS = (Role.ADMINISTRATOR, Role.QA, Role.INSPECTOR)


class Theme(TextChoices):
    """How pages look; empty where nobody chose: as the system says."""

    SYSTEM = "system", "As the device says"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"
