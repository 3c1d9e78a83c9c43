"""What the demo's people were told in the last days; nobody is mailed about the past."""

from collections.abc import Iterable
from datetime import datetime

from batches.notifications.actions.notifications import mark_read, tell_due_flips
from batches.notifications.models import Notification
from supplychain.people.models import User

# As many of the newest messages wait for each person.
LEFT_UNREAD = 6


def tell_all(*, now: datetime) -> None:
    """Tell people of every flip so far, as the workers would have done; escalations whose time has come, too."""
    while tell_due_flips(now=now, mails=False):
        pass


def read_old_messages(people: Iterable[User], *, now: datetime) -> None:
    """Everybody has read their inbox, except for what came last."""
    for person in people:
        ids = Notification.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True)
        if older := list(ids[LEFT_UNREAD : LEFT_UNREAD + 1]):
            mark_read(by=person, until=older[0], now=now)
