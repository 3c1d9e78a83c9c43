"""What to do with the stored flags of an order after it was judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from batches.flags.statuses import FlagChangeKind
from batches.judgement.rules.findings import Finding
from batches.judgement.statuses import Harm, Remedy, Severity

# A due or a beginning that moves by less is the same one.
SAME_MOMENT = timedelta(minutes=1)


class KnownFlag(NamedTuple):
    """A flag as stored, raised now or cleared before; `gist`, `next_step` None: not known, and no news."""

    id: UUID
    order_id: UUID
    code: str
    stage: str
    subject: str
    severity: str
    since: datetime
    due: datetime | None
    why: str
    raised_at: datetime
    cleared_at: datetime | None
    gist: str | None = None
    harm: int = Harm.UNCLEAR
    remedy: str = Remedy.OWN
    cause: str = ""
    reaches_at: datetime | None = None
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class FlagStep:
    """One thing to write. `kind` None: the flag stands, only its words and numbers are new.

    Exactly one of `known` (None: a flag that never stood before) and `finding` (None: to be cleared) may be missing.
    `is_restored`: the report that cleared it was withdrawn, and it stands as it stood before.
    """

    kind: FlagChangeKind | None
    known: KnownFlag | None = None
    finding: Finding | None = None
    is_restored: bool = False

    @property
    def is_raised_anew(self) -> bool:
        """Whether a flag that was known came back, or tells of another fact."""
        if self.known and self.finding and _is_another_fact(self.known, self.finding):
            return True
        return self.kind == FlagChangeKind.RAISED_AGAIN

    @property
    def forgets_acknowledgement(self) -> bool:
        """Whether whoever acknowledged it knew less than is true now: it came back, became critical or another fact."""
        if self.is_restored:
            return False
        if self.kind == FlagChangeKind.SEVERITY_CHANGED and self.finding and not self.is_raised_anew:
            return self.finding.severity == Severity.CRITICAL
        return self.is_raised_anew


def flag_steps(
    known: Iterable[KnownFlag], findings: Iterable[Finding], withdrawn_at: datetime | None = None
) -> list[FlagStep]:
    """The difference between the stored flags of one order and its findings; empty when nothing changed.

    `withdrawn_at`: when a report of the order was withdrawn last.
    """
    stored = {(flag.code, flag.stage, flag.subject): flag for flag in known}
    steps = []
    for finding in findings:
        flag = stored.pop((finding.code.value, finding.stage, finding.subject), None)
        if step := _step(flag, finding, withdrawn_at):
            steps.append(step)
    steps += [FlagStep(FlagChangeKind.CLEARED, flag) for flag in stored.values() if flag.cleared_at is None]
    return steps


def _step(flag: KnownFlag | None, finding: Finding, withdrawn_at: datetime | None) -> FlagStep | None:
    if flag is None:
        return FlagStep(FlagChangeKind.RAISED, None, finding)
    if flag.cleared_at is not None:
        is_restored = withdrawn_at is not None and withdrawn_at >= flag.cleared_at and _is_as_before(flag, finding)
        return FlagStep(FlagChangeKind.RAISED_AGAIN, flag, finding, is_restored)
    if flag.severity != finding.severity:
        return FlagStep(FlagChangeKind.SEVERITY_CHANGED, flag, finding)
    if _is_another_fact(flag, finding):
        return FlagStep(FlagChangeKind.RAISED_AGAIN, flag, finding)
    same_due = _is_same(flag.due, finding.due) and _is_same(flag.reaches_at, finding.reaches_at)
    same_since = finding.since is None or _is_same(flag.since, finding.since)
    same_step = flag.next_step in (None, finding.next_step)
    same_words = same_step and flag.why == finding.why and (flag.gist or "") == finding.gist
    same_class = (flag.harm, flag.remedy, flag.cause) == (finding.harm, finding.remedy, finding.cause)
    if same_words and same_due and same_since and same_class:
        return None
    return FlagStep(None, flag, finding)


def _is_another_fact(flag: KnownFlag, finding: Finding) -> bool:
    """A flag without a gist (of a rule that gives none, or of an older version) says nothing that could differ."""
    return bool(flag.gist) and flag.gist != finding.gist


def _is_as_before(flag: KnownFlag, finding: Finding) -> bool:
    """Whether it tells of what it told before: the same began at the same moment and is no worse. A dose or cells in
    doubt never do: there, each alarm is answered by itself."""
    is_worse = finding.severity == Severity.CRITICAL and flag.severity != Severity.CRITICAL
    same_since = finding.since is not None and _is_same(flag.since, finding.since)
    calm = min(flag.harm, finding.harm) > Harm.IDENTITY
    return calm and same_since and not is_worse and not _is_another_fact(flag, finding)


def _is_same(before: datetime | None, after: datetime | None) -> bool:
    if before is None or after is None:
        return before is after
    return abs(after - before) <= SAME_MOMENT
