"""Who was told of what, what each person wants to be told, and what one shift tells the next."""

from batches.notifications.models.handovers import HandOver, TakeOver
from batches.notifications.models.notices import ReviewNotice, SigningNotice
from batches.notifications.models.notifications import (
    EscalationStep,
    Mail,
    Notification,
    NotificationPreference,
    PendingFlip,
)

__all__ = [
    "EscalationStep",
    "HandOver",
    "Mail",
    "Notification",
    "NotificationPreference",
    "PendingFlip",
    "ReviewNotice",
    "SigningNotice",
    "TakeOver",
]
