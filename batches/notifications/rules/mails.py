"""What an e-mail about flags says. Its reader may see it on a phone in the street, its way leads through other houses.

So the minimum necessary (HIPAA 45 CFR 164.502(b), GDPR Art. 5(1)(c)): severity, flag, stage, product and sites, and a
link that asks for a login. No patient reference, no chain of identity, no free text of a rule or a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.judgement.statuses import Harm, Severity
from batches.notifications.statuses import NotificationKind

MOST_LINES = 50
MOST_PAUSE_MINUTES = 60
MOST_PAUSE_MINUTES_CRITICAL = 10
GIVEN_UP_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class MailLine:
    """One message of a mail."""

    kind: str
    kind_label: str
    severity: str
    severity_label: str
    flag: str
    stage: str
    product: str
    plant: str
    centre: str
    role: str
    happened_at: datetime
    due: datetime | None
    address: str
    harm: int = Harm.UNCLEAR
    act_by: datetime | None = None

    @property
    def what(self) -> str:
        """Flag and stage."""
        return f"{self.flag}, {self.stage}" if self.stage else self.flag

    @property
    def where(self) -> str:
        """Product, plant and the centre that it is made for."""
        return f"{self.product}, {self.plant} for {self.centre}"

    @property
    def headline(self) -> str:
        """Severity and what happened: “Critical: Stage failed”, “Cleared: …”."""
        if self.kind in (NotificationKind.RAISED, NotificationKind.BECAME_CRITICAL):
            return f"{self.severity_label}: {self.what}"
        if self.kind == NotificationKind.ESCALATED:
            return f"{self.severity_label}, nobody has acknowledged it: {self.what}"
        return f"{self.kind_label}: {self.what}"


def urgency(line: MailLine) -> tuple:
    """Sorts the lines of a mail: what asks for action first, by the order of all lists (flags/rules/harm.py)."""
    is_over = line.kind in (NotificationKind.CLEARED, NotificationKind.EASED)
    return is_over, line.harm, line.act_by is None, line.act_by or line.happened_at, line.happened_at


def subject(lines: Sequence[MailLine], total: int) -> str:
    """One message says itself; several are counted, the severity first."""
    if total == 1:
        return f"{lines[0].headline} ({lines[0].product}, {lines[0].plant})"
    critical = sum(1 for line in lines if line.severity == Severity.CRITICAL and not urgency(line)[0])
    if not critical:
        return f"{total} messages about orders"
    if critical == total:
        return f"Critical: {total} messages about orders"
    at_least = "at least " if critical == len(lines) else ""
    return f"Critical: {at_least}{critical} of {total} messages about orders"


def pause(attempts: int, *, is_critical: bool) -> timedelta:
    """How long to wait after so many failed attempts (1, 2 …): 1, 2, 4 … minutes."""
    most = MOST_PAUSE_MINUTES_CRITICAL if is_critical else MOST_PAUSE_MINUTES
    return timedelta(minutes=min(most, 2 ** min(attempts - 1, 10)))
