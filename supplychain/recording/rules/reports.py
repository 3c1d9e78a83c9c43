"""Reports that a person may make, or may not and why; and what their moment has to keep to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from supplychain.flows.rules.plans import StagePlan
from supplychain.moments import NOT_COME_YET
from supplychain.orders.rules.durations import grace_hours, hardly_lasted
from supplychain.orders.rules.duties import NEW_ATTEMPT
from supplychain.orders.statuses import OrderEventKind, StageEventKind
from supplychain.recording.rules.fields import PROMISE, WANTED, ReportField
from supplychain.sentences import moment_mark
from supplychain.words import hours_words

# What is no report of something that happened is not recorded, but sent.
GO_WORDS: dict[str, str] = {
    OrderEventKind.CHANGE_ASKED: "Send to the plant",
    OrderEventKind.TAKEN_BACK: "Take it back",
    OrderEventKind.ANSWERED: "Send the answer",
}

# What is asked of who reports what a flag asks to wait with: it is never refused.
ASKED_FIRST = "Ask the plant first, or tell it if it has happened; then tick that it is so."


class MeantAnswers(TypedDict, total=False):
    """What a person confirmed when asked: a moment before the stage could begin, a duration of under a tenth of the
    plan, the promise of a date before the forecast has the dose ready, and what a flag asks to wait with."""

    is_early_meant: bool
    is_short_meant: bool
    is_soon_meant: bool
    is_first_asked: bool


@dataclass(frozen=True, slots=True)
class PermittedReport:
    """A report that the person may make now.

    `not_before`: an earlier moment would contradict what is known; `expected_from`: an earlier one is asked about.
    `expected_by`: when it was planned, or at the latest to be expected (`is_planned`: which). `reopens`: names of the
    stages that a new attempt begins again. `plan`, `started_at`: of the stage's run, by which a reported end is
    measured; `asked_first`: what a flag says against it, which the person is asked about;
    `told`: what the person only has to know.
    """

    kind: str
    stage: str
    stage_name: str
    attempt: int | None
    words: str
    short_words: str
    fields: tuple[ReportField, ...]
    is_main: bool
    not_before: datetime | None = None
    expected_from: datetime | None = None
    expected_by: datetime | None = None
    is_planned: bool = False
    reopens: tuple[str, ...] = ()
    plan: StagePlan | None = None
    started_at: datetime | None = None
    asked_first: str = ""
    told: str = ""

    @property
    def event_kind(self) -> str:
        """The kind under which it is stored: a new attempt begins with the plan of its first stage."""
        return StageEventKind.SCHEDULED.value if self.kind == NEW_ATTEMPT else self.kind

    @property
    def deed(self) -> tuple[str, str]:
        """What is said, whichever the attempt: kind and stage."""
        return self.kind, self.stage

    @property
    def go_words(self) -> str:
        """The words on the button that sends it."""
        return GO_WORDS.get(self.kind, f"Record: {self.words}")

    @property
    def asks_promise(self) -> bool:
        """Whether a date is promised with it."""
        return any(asked.name == PROMISE.name for asked in self.fields)

    @property
    def tells_dates(self) -> bool:
        """Whether whoever fills it in must see which date stands, and when the dose is expected."""
        return self.asks_promise or any(asked.name == WANTED.name for asked in self.fields)

    @property
    def is_request(self) -> bool:
        """Whether it asks or answers, and tells of nothing that happened."""
        return self.kind in GO_WORDS

    @property
    def when_words(self) -> str:
        """What is asked of its moment."""
        return "When you say it" if self.is_request else "When it happened"

    @property
    def is_grave(self) -> bool:
        """Whether it ends something."""
        return self.kind in (StageEventKind.FAILED, OrderEventKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """A report that cannot be made now.

    `is_own`: the person has the right, only not yet or no more; `is_ahead`: its stage is still to come; `is_stopped`:
    only a critical flag stands in its way.
    """

    kind: str
    stage: str
    attempt: int | None
    words: str
    why: str
    is_own: bool
    is_ahead: bool = False
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """Reports about one stage, or about the whole order."""

    name: str
    reports: tuple[PermittedReport, ...]


@dataclass(frozen=True, slots=True)
class PersonReports:
    """All reports of one order for one person: those permitted, and why the others are not."""

    permitted: tuple[PermittedReport, ...]
    refused: tuple[RefusedReport, ...]

    def find(self, kind: str, stage: str = "", attempt: int | None = None) -> PermittedReport | None:
        """The permitted report; `attempt` None: whichever. None if it is not permitted."""
        for report in self.permitted:
            if report.deed == (kind, stage) and attempt in (None, report.attempt):
                return report
        return None

    def why_not(self, kind: str, stage: str = "", attempt: int | None = None) -> str:
        """Why it is not permitted."""
        for report in self.refused:
            if (report.kind, report.stage) == (kind, stage):
                return report.why
        if other := self.find(kind, stage):
            return f"{other.words} counts for attempt {other.attempt} now, not {attempt}: look again."
        return "This order's flow has no such report."

    @property
    def main(self) -> list[PermittedReport]:
        """What most likely comes next, for the large buttons."""
        return [report for report in self.permitted if report.is_main]

    @property
    def others(self) -> list[PermittedReport]:
        """Everything else that is permitted."""
        return [report for report in self.permitted if not report.is_main]

    @property
    def groups(self) -> list[ReportGroup]:
        """The others, stage by stage, then those of the whole order."""
        groups: dict[str, list[PermittedReport]] = {}
        for report in self.others:
            is_of_stage = report.stage and report.kind != NEW_ATTEMPT
            groups.setdefault(report.stage_name if is_of_stage else "The whole order", []).append(report)
        return [ReportGroup(name, tuple(reports)) for name, reports in groups.items()]

    @property
    def stopped(self) -> list[RefusedReport]:
        """What the person could record if no critical flag stood in the way."""
        return [report for report in self.refused if report.is_stopped]

    @property
    def not_yet(self) -> list[RefusedReport]:
        """The person's own next reports that cannot be made yet, with the reason."""
        return [
            report
            for report in self.refused
            if report.is_own and report.is_ahead and report.kind == StageEventKind.STARTED and not report.is_stopped
        ]


def settled_moment(report: PermittedReport, given: datetime) -> datetime:
    """`given`, typed to the minute, not before what it follows where both are of the same minute."""
    first = report.not_before
    same_minute = first and first.replace(second=0, microsecond=0) == given.replace(second=0, microsecond=0)
    return max(given, first) if first and same_minute else given


def moment_problem_of(report: PermittedReport, moment: datetime, now: datetime) -> str:
    """Why it cannot have happened at `moment`; empty if it can."""
    if moment > now:
        return NOT_COME_YET
    if report.kind == StageEventKind.SHIPMENT_PACKED and report.started_at and moment > report.started_at:
        return "The shipment had left by then: say when it was packed before that."
    if report.not_before and moment < report.not_before:
        return "This is before what it follows: check the time, or correct the report before it first."
    return ""


def surprisingly_short(report: PermittedReport, moment: datetime) -> str:
    """“9 min after its start; planned 7 d” where the person should say that this is right; else empty."""
    if report.plan is None or report.kind != StageEventKind.COMPLETED:
        return ""
    return hardly_lasted(report.plan, report.started_at, moment)


def short_question(report: PermittedReport, short: str) -> str:
    """The question to the person."""
    return f"{report.words} {short}. Is that right?"


def surprisingly_late(report: PermittedReport, moment: datetime) -> str:
    """The question whether it happened only then, long after its plan; empty where there is none.

    Asked of the moment at which somebody writes it down: that the news is late must not make what happened late.
    """
    by = report.expected_by
    if by is None or report.plan is None or moment < by + timedelta(hours=grace_hours(report.plan)):
        return ""
    when = (
        f"was planned for {moment_mark(by)}"
        if report.is_planned
        else f"was expected by {moment_mark(by)} at the latest"
    )
    before = hours_words((moment - by) / timedelta(hours=1))
    what = "start" if report.kind == StageEventKind.STARTED else "end"
    return f"Its {what} {when}, {before} before. Say when it really happened, or tick that it was only now."


def is_surprisingly_early(report: PermittedReport, moment: datetime) -> bool:
    """Whether the person should say that the moment is meant: it lies before the stage could begin."""
    return bool(report.expected_from and moment < report.expected_from.replace(second=0, microsecond=0))
