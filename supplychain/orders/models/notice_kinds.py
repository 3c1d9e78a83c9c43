"""What news there is of an order (models/notices)."""

from django.db.models import TextChoices


class NoticeKind(TextChoices):
    """What changed of an order."""

    ORDER = "order", "Something was said of the order"
    FLAG = "flag", "A flag was raised, changed, acknowledged or cleared"
    FORECAST = "forecast", "Another forecast was made"
