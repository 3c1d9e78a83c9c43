"""What may refine the forecast of a line, where its past shows that it helps."""

from django.db.models import TextChoices


class Refinement(TextChoices):
    """Each is in use by itself, line by line (batches/calibration/rules/gate.py)."""

    FRAILTY = "frailty", "Frailty: an order that was slow in one stage is slow in the next"
    ENDINGS = "endings", "Failures by attempt and time: how likely a stage fails hangs on both"
    ARRIVALS = "arrivals", "Random arrivals: orders to come are not evenly spread"
    HOURS = "hours", "Working hours: a stage begins in the hours of the week in which its site begins it"
    RESOURCES = "resources", "Resources: a stage takes longer in one suite, device or lane than in another"
