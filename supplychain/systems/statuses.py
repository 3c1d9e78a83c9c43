"""What kinds of system report to us."""

from django.db.models import TextChoices


class SourceKind(TextChoices):
    """What kind of system reports to us."""

    HOSPITAL = "hospital", "Hospital record (EHR)"
    PLANT = "plant", "Manufacturing execution (MES)"
    LABORATORY = "laboratory", "Laboratory (LIMS)"
    COURIER = "courier", "Courier"
    LOGGER = "logger", "Condition logger"
    SPREADSHEET = "spreadsheet", "Spreadsheet import"
