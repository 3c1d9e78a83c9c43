"""A world whose operations have an address, what the workers do at a moment, and a mail server that fails."""

from datetime import datetime

from django.core.mail import get_connection

from batches.notifications.actions.mails import MailOutcome, gather_mails, send_next_mail
from batches.notifications.actions.notifications import tell_due_flips
from tests.dashboards.builders import TowerWorld


def world_with_an_address() -> TowerWorld:
    """Only operations have one."""
    world = TowerWorld()
    world.operations.email = "ops@example.org"
    world.operations.save()
    return world


def deliver(now: datetime) -> list[MailOutcome]:
    """What the workers do at a moment."""
    while tell_due_flips(now=now):
        pass
    gather_mails(now=now)
    outcomes = []
    while (outcome := send_next_mail(now=now, server=get_connection())) != MailOutcome.NONE:
        outcomes.append(outcome)
    return outcomes


class Server:
    """A mail server that fails."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def send_messages(self, messages: list) -> int:
        self.asked += 1
        raise self.error
