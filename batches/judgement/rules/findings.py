"""What a rule finds, and the words and clockwork that all rules share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from batches.judgement.statuses import FlagCode, Harm, Remedy, Severity
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.duties import WHO_ACTS, acting_role

# Longest text of a flag's `why` and `next_step`, as stored.
MOST_TEXT = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """A flag that an order deserves now.

    `since`: when the condition began (None: when it is first seen); `due`: when the slack is used up; `moves`: its
    numbers change by the hour, so that a standing flag wants fresh words; `gist`: what whoever acknowledges it must
    have known, kept in the evidence. With another gist it is another fact under the same code, stage, subject and
    severity.
    `probability`: 0–1, where the rule gives one. `subject`: which label, shipment or deviation it is about, where one
    order can have several at one stage: each is a flag of its own; empty: the stage or order itself. `harm`: what lists
    sort by; flags/rules/harm.py gives it. `remedy`: what can still be done about it; `cause`: code of the pool at the
    order's plant for a place in which it waits, where only the line can change that (flags/rules/causes.py).
    `asks_reports`: the next step asks for reports that were never made. `reaches_at`: from when on a dose in doubt that
    can still be stopped may be given (flags/rules/harm.py).
    """

    code: FlagCode
    stage: str
    severity: Severity
    since: datetime | None
    due: datetime | None
    why: str
    next_step: str
    evidence: dict[str, Any]
    moves: bool = False
    gist: str = ""
    probability: float | None = None
    subject: str = ""
    harm: Harm = Harm.UNCLEAR
    remedy: Remedy = Remedy.OWN
    cause: str = ""
    asks_reports: bool = False
    reaches_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.gist:
            object.__setattr__(self, "evidence", {**self.evidence, "gist": self.gist})
        object.__setattr__(self, "why", one_line(self.why))
        object.__setattr__(self, "next_step", one_line(self.next_step))


# (site as text, pool code).
Place = tuple[str, str]


class Hanging(NamedTuple):
    """How an answer hangs on the waits of pools (forecasts/rules/wait_limits.py).

    `before`: it stays the same while the plain forecast is before this moment, whatever makes it later; `places`: any
    other wait for one of these changes it.
    """

    before: datetime | None = None
    places: frozenset[Place] = frozenset()


NO_WAIT = Hanging()


class Found(NamedTuple):
    """A rule's answer: what it finds, the next moment the answer can change without new facts, and the waits at which
    it can."""

    findings: list[Finding]
    next_at: datetime | None
    waits: Hanging = NO_WAIT


NOTHING = Found([], None)


def severity_at(now: datetime, attention_at: datetime, critical_at: datetime) -> Severity | None:
    """How bad it is at `now`; the moments themselves already count."""
    if now >= critical_at:
        return Severity.CRITICAL
    return Severity.ATTENTION if now >= attention_at else None


def next_of(now: datetime, moments: Iterable[datetime | None]) -> datetime | None:
    """The first of `moments` that is still to come."""
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def hours_between(start: datetime, end: datetime) -> float:
    """Hours from `start` to `end`, negative if it lies before."""
    return (end - start).total_seconds() / 3600


@lru_cache(maxsize=4096)
def hours(number: float) -> timedelta:
    """A duration in hours. The same few durations come again for every order."""
    return timedelta(hours=number)


def gist_of(what: str, ids: Iterable[str]) -> str:
    """A gist of things whose ids not everybody may see: how many, and a short digest that tells them apart."""
    named = sorted(set(ids))
    return f"{len(named)} {what} ({sha256(' '.join(named).encode()).hexdigest()[:12]})" if named else ""


def who_acts(plan: StagePlan) -> str:
    """Who can do something about a stage."""
    return WHO_ACTS[acting_role(plan)]


def one_line(text: str) -> str:
    """The text as a flag stores it: on one line, cut after a word, a moment counting as one, where it is too long."""
    line = " ".join(text.split())
    if len(line) <= MOST_TEXT:
        return line
    kept = line[: MOST_TEXT - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
