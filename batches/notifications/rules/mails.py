"""What an e-mail about flags says. Its reader may see it on a phone in the street, its way leads through other houses.

So the minimum necessary (HIPAA 45 CFR 164.502(b), GDPR Art. 5(1)(c)): severity, harm and what it asks for, flag, stage,
product, sites and their telephones, until when the cells may wait, the chain of identity, and a link that asks for a
login. The chain of identity, a pseudonym, stands in the text and never in a subject: several messages differ by it
alone, and whoever calls must say which bag. No patient reference, no free text of a rule or a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from batches.flags.rules.harm import STOP_FIRST
from batches.flags.rules.list_words import harm_label
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.statuses import NotificationKind
from supplychain.orders.rules.duties import holders_of
from supplychain.orders.statuses import OrderEventKind

MOST_LINES = 50
MOST_PAUSE_MINUTES = 60
MOST_PAUSE_MINUTES_CRITICAL = 10
GIVEN_UP_AFTER = timedelta(days=2)
# A dose or an identity in doubt is mailed by itself, and no pause between two mails holds it up.
WORST_ALONE = Harm.IDENTITY
# What a class of harm asks for, whatever the flag: fixed words, since a rule's own may name the order or a person. The
# page begins with the same.
TO_DO = {
    Harm.DOSE_BEING_GIVEN: f"{STOP_FIRST[Harm.DOSE_BEING_GIVEN]}; quality assurance decides what follows.",
    Harm.DOSE_TO_STOP: f"{STOP_FIRST[Harm.DOSE_TO_STOP]}; quality assurance decides.",
    Harm.DOSE_IN_DOUBT: f"{STOP_FIRST[Harm.DOSE_IN_DOUBT]}. Quality assurance decides what follows.",
    Harm.IDENTITY: f"{STOP_FIRST[Harm.IDENTITY]} until quality assurance knows whose they are.",
    Harm.CELLS: "Open the order now: it says what has to begin or to be decided before the cells are lost.",
}
ANSWER = "Open the order now: agree to what the centre asks, or decline with a reason."
HEAR_ANSWER = "Operations or quality assurance of the plant have to answer: call them now if nobody does."
ANSWERING = frozenset(role for _, role in holders_of(None, OrderEventKind.ANSWERED))
# What follows for whoever was told to stop: fixed words, too.
IS_SETTLED = (
    "Quality assurance decided that the order may go on. Open the order before you use the dose or the cells: it says "
    "why, and whether anything else still stops it."
)
IS_GONE = (
    "What was reported since has ended this doubt. That alone does not say that the dose or the cells may be used: "
    "open the order before you use them."
)
OVER = (NotificationKind.CLEARED, NotificationKind.EASED, NotificationKind.SETTLED)


class Telephone(NamedTuple):
    """Whom to call."""

    site: str
    number: str


@dataclass(frozen=True, slots=True)
class MailLine:
    """One message of a mail; with `pool` that about all `orders` that wait for its places (flags/rules/causes.py).
    `coi`: of its order; `rose`: it became critical at `happened_at`, later than it began (`since`); `role`: as which
    its reader is told; `telephones`: of whom to call, known or not; `also`: what else alarms of the same order;
    `clock`: until when its cells may wait, its moment as a mark."""

    kind: str
    kind_label: str
    severity: str
    severity_label: str
    code: str
    flag: str
    stage: str
    product: str
    plant: str
    centre: str
    role: str
    happened_at: datetime
    due: datetime | None
    address: str
    coi: str = ""
    rose: bool = False
    harm: int = Harm.UNCLEAR
    is_rejected: bool = False
    act_by: datetime | None = None
    telephones: Sequence[Telephone] = ()
    pool: str = ""
    orders: int = 1
    since: datetime | None = None
    probability: float | None = None
    also: Sequence[str] = ()
    clock: str = ""

    @property
    def numbers(self) -> Sequence[Telephone]:
        """Whom one can call."""
        return [one for one in self.telephones if one.number]

    @property
    def without_number(self) -> Sequence[str]:
        """Sites to call of which no number is kept."""
        return [one.site for one in self.telephones if not one.number]

    @property
    def is_over(self) -> bool:
        """Whether it tells of an end: nothing is left to do."""
        return self.kind in OVER

    @property
    def severity_since(self) -> datetime | None:
        """Since when it is critical, where that is later than it began; None otherwise."""
        return self.happened_at if self.rose and self.since and self.severity == Severity.CRITICAL else None

    @property
    def to_do(self) -> str:
        """What its class of harm, or its end, asks for; empty for what can wait until the order is opened."""
        if self.kind == NotificationKind.SETTLED:
            return IS_SETTLED
        if self.is_over and self.harm <= WORST_ALONE:
            return IS_GONE
        if self.is_over or self.severity != Severity.CRITICAL:
            return ""
        if self.code == FlagCode.CHANGE_ASKED:
            return ANSWER if self.role in ANSWERING else HEAR_ANSWER
        return TO_DO.get(Harm(self.harm), "")

    @property
    def is_alarm(self) -> bool:
        """Whether it is mailed by itself and at once."""
        return bool(self.to_do) and not self.is_over and self.harm <= WORST_ALONE

    @property
    def what(self) -> str:
        """Flag and stage, what is at stake before them: “Cells run out of time. On hold, Inbound”."""
        if self.pool:
            return f"{self.orders} orders at risk, waiting for {self.pool}"
        what = f"{self.flag}, {self.stage}" if self.stage else self.flag
        return (
            f"{harm_label(self.harm, self.code, is_rejected=self.is_rejected)}. {what}"
            if self.to_do and not self.is_over
            else what
        )

    @property
    def where(self) -> str:
        """Product, plant and the centre that it is made for; of a pool its plant."""
        return self.plant if self.pool else f"{self.product}, {self.plant} for {self.centre}"

    @property
    def place(self) -> str:
        """The same, short enough for a subject."""
        return self.plant if self.pool else f"{self.product}, {self.plant}"

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
    calm = line.severity != Severity.CRITICAL
    return line.is_over, line.harm, calm, line.act_by is None, line.act_by or line.happened_at, line.happened_at


def one_an_order(lines: Sequence[MailLine]) -> list[MailLine]:
    """The sorted lines with the alarms of one order as one: the worst, with the others' flags behind it."""
    first: dict[str, MailLine] = {}
    told: list[MailLine] = []
    for line in lines:
        worst = first.get(line.address) if line.is_alarm else None
        if worst is None:
            told.append(line)
            if line.is_alarm:
                first[line.address] = line
        else:
            merged = replace(worst, also=(*worst.also, line.what))
            told[told.index(worst)] = first[line.address] = merged
    return told


def subject(lines: Sequence[MailLine], total: int, unreviewed: Sequence[str] = (), signings: int = 0) -> str:
    """One message says itself, and so does the worst of several alarms; others are counted, the severity first.
    `signings`: how many attempts to sign were refused; `unreviewed`: sites whose reviews fail, named where nothing is
    said of orders."""
    if signings and not lines:
        return "Somebody could not sign" if signings == 1 else f"{signings} times somebody could not sign"
    if not lines:
        return f"Pools are not reviewed: {', '.join(unreviewed)}"
    if total == 1 or lines[0].is_alarm:
        more = f", and {total - 1} more" if total > 1 else ""
        return f"{lines[0].headline} ({lines[0].place}){more}"
    critical = sum(1 for line in lines if line.severity == Severity.CRITICAL and not line.is_over)
    is_one = total == len(lines) and len({line.address for line in lines}) == 1
    about = f"messages about one order ({lines[0].place})" if is_one else "messages about orders"
    if not critical:
        return f"{total} {about}"
    if critical == total:
        return f"Critical: {total} {about}"
    at_least = "at least " if critical == len(lines) else ""
    return f"Critical: {at_least}{critical} of {total} {about}"


def pause(attempts: int, *, is_critical: bool) -> timedelta:
    """How long to wait after so many failed attempts (1, 2 …): 1, 2, 4 … minutes."""
    most = MOST_PAUSE_MINUTES_CRITICAL if is_critical else MOST_PAUSE_MINUTES
    return timedelta(minutes=min(most, 2 ** min(attempts - 1, 10)))
