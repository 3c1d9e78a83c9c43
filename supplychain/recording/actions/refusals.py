"""What a person is told who wanted to record something that cannot be."""

from django.utils import timezone

from supplychain.sentences import said_in


class ReportRefused(Exception):
    """What a person wanted to record cannot be; the message says why and what to do in their zone, `field` where."""

    def __init__(self, text: str, *, field: str = "") -> None:
        super().__init__(said_in(text, timezone.get_current_timezone(), timezone.now()))
        self.field = field
