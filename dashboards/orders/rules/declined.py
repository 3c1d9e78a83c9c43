"""What happens next with a request that the plant declined: its centre reads why. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from batches.flags.rules.centre_words import asked_of_centre
from batches.flags.statuses import ANSWER
from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StagePlace
from supplychain.recording.rules.steps import NextStep

WHOSE = "the treatment centre"


class DeclinedFlag(Protocol):
    """The flag of an answer, as far as it is read here."""

    code: str
    why: str
    next_step: str
    since: datetime | None
    acknowledged_at: datetime | None
    cleared_at: datetime | None
    evidence: Mapping[str, Any]


def declined_to_read(flags: Iterable[DeclinedFlag]) -> list[NextStep]:
    """The step of the centre, in the words of My centre, until somebody has acknowledged the answer."""
    unread = [flag for flag in flags if flag.code == FlagCode.CHANGE_ASKED and ANSWER in flag.evidence]
    return [
        NextStep("", "", flag.evidence[ANSWER], asked_of_centre(flag.next_step).rstrip("."),
                 StagePlace.ORDERING_SITE.value, WHOSE, flag.since, why=f"{flag.why.rstrip('.')}.")
        for flag in unread if flag.acknowledged_at is None and flag.cleared_at is None
    ]  # fmt: skip
