"""What an order needs from the treatment centre now, and whether the patient may be prepared for the infusion."""

from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from dashboards.centre.rules.words import is_released, lowered
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.change_requests import waits_for_answer
from supplychain.orders.rules.duties import HAND_OVER_PLACES, has_right, holders_of
from supplychain.orders.rules.interlocks import (
    OVERRIDE,
    SAID_WRONG,
    binding_stops,
    interlock_problem,
    is_failure_said_wrong,
)
from supplychain.orders.rules.standing import is_to_begin
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import is_stored, wait_now
from supplychain.orders.statuses import (
    ACTIVE_STAGE_STATUSES,
    OrderEventKind,
    OrderStatus,
    StageEventKind,
    StageStatus,
)
from supplychain.pages.days import day_words
from supplychain.recording.rules.fields import report_words
from supplychain.recording.rules.sequence import main_kind
from supplychain.words import date_words, with_verb

# An appointment asks for something from a day before it on.
DAY_BEFORE = timedelta(hours=24)


class Need(NamedTuple):
    """One thing to do. `stage` and `kind` name the report that says it is done, `button` its words (empty: the person
    may not report it); `due`: until when, `due_words`: in words, as an appointment, a limit or the end of storage;
    `stopped`: why a critical flag keeps the person from reporting it now."""

    text: str
    stage: str = ""
    kind: str = ""
    button: str = ""
    due: datetime | None = None
    due_words: str = ""
    stopped: str = ""


# What to do at a stage that could start, at one that is at work, and at one that failed; and what is reported then.
Task = tuple[str, StageEventKind]
TO_START: dict[str, Task] = {
    StageKind.ADMINISTRATIVE: ("Confirm the patient's {name}", StageEventKind.STARTED),
    StageKind.COLLECTION: ("Collect the cells, and report when it begins", StageEventKind.STARTED),
    Direction.INBOUND: ("Hand the cells over to the courier", StageEventKind.STARTED),
    StageKind.CUSTODY: ("Receive the product: compare label and patient, read the logger", StageEventKind.STARTED),
    StageKind.INFUSION: ("Report when the infusion begins", StageEventKind.STARTED),
}
TO_PLAN: dict[str, Task] = {
    StageKind.COLLECTION: ("Book the collection", StageEventKind.SCHEDULED),
    StageKind.INFUSION: ("Plan the infusion", StageEventKind.SCHEDULED),
}
TO_END: dict[str, Task] = {
    StageKind.ADMINISTRATIVE: ("Report the end of {name}", StageEventKind.COMPLETED),
    StageKind.COLLECTION: ("Report the end of the collection, with the donation number", StageEventKind.COMPLETED),
    Direction.OUTBOUND: ("Take the product in from the courier", StageEventKind.COMPLETED),
    StageKind.CUSTODY: ("Report when the product is received", StageEventKind.COMPLETED),
    StageKind.INFUSION: ("Report when the infusion is complete", StageEventKind.COMPLETED),
}
END_MISSING: Task = ("Report the end of {name}: it was never reported", StageEventKind.COMPLETED)
NEVER_REPORTED: Task = ("Report the start and the end of {name}: neither was ever reported", StageEventKind.STARTED)
START_OTHER: Task = ("Start {name}", StageEventKind.STARTED)
END_OTHER: Task = ("Report the end of {name}", StageEventKind.COMPLETED)


def needs(facts: CardFacts, now: datetime, zone: tzinfo) -> tuple[Need, ...]:
    """What the order needs from the person's centres now. A held order needs nothing but eyes, unless the centre asked
    for the hold: then it has to say when the order can go on."""
    found: list[Need] = []
    if facts.status == OrderStatus.ON_HOLD and facts.change and facts.change.is_agreed_hold:
        found.append(_need_to_go_on(facts, now, zone))
    if facts.is_open and facts.status != OrderStatus.ON_HOLD:
        left = facts.overtaken(now)
        for code, plan in facts.flow.stages.items():
            run = facts.runs.get(code)
            if code in left and _is_ours(facts, plan):
                found.append(_need(facts, plan, END_MISSING if run and run.started_at else _unreported(plan)))
            elif run and _is_ours(facts, plan) and (need := _need_of(facts, plan, run, now, zone)):
                found.append(need)
    return tuple(found)


def _need_to_go_on(facts: CardFacts, now: datetime, zone: tzinfo) -> Need:
    may = has_right(holders_of(None, OrderEventKind.CHANGE_ASKED), facts.roles)
    due = next((flag.due for flag in facts.flags if flag.code == FlagCode.ON_HOLD and not flag.stage), None)
    return Need(
        "Tell the plant whether the order can go on, is to wait longer or is to be cancelled",
        kind=OrderEventKind.CHANGE_ASKED.value,
        button="Tell the plant" if may else "",
        due=due,
        due_words=f"{'by' if due > now else 'was due'} {day_words(due, now, zone)}" if due else "",
    )


def _unreported(plan: StagePlan) -> Task:
    """The report that was never made of a stage which the cells have passed."""
    kind = main_kind(plan, StageStatus.READY)
    return END_MISSING if kind == StageEventKind.COMPLETED else NEVER_REPORTED


def _is_ours(facts: CardFacts, plan: StagePlan) -> bool:
    return plan.place in facts.own or HAND_OVER_PLACES.get(plan.direction) in facts.own


def _need_of(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    key = plan.direction or plan.kind
    if run.status == StageStatus.FAILED:
        if plan.place not in facts.own:
            return None
        if is_failure_said_wrong(facts.stops, plan.code):
            return Need(f"{plan.name} is reported failed, and the report {SAID_WRONG}", plan.code)
        return Need(f"{plan.name} failed: agree with the plant what comes next", plan.code)
    if run.status == StageStatus.READY:
        return _need_to_start(facts, plan, run, now, zone)
    if run.status != StageStatus.RUNNING or is_to_begin(run.status, run.started_at, now):
        return None
    if plan.direction == Direction.OUTBOUND:
        return _need_to_take_in(facts, plan, run, now, zone)
    if plan.place not in facts.own:
        return None
    return _need(facts, plan, TO_END.get(key, END_OTHER))


def _need_to_start(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    key, booked = plan.direction or plan.kind, run.expected_start
    if plan.direction == Direction.OUTBOUND:
        return None
    if booked is None and key in TO_PLAN:
        return _limited(_need(facts, plan, TO_PLAN[key]), run, now, zone)
    if booked and booked > now + DAY_BEFORE:
        return None
    text, kind = TO_START.get(key, START_OTHER)
    # What is done at once is reported as completed, as the button on the order's page does.
    need = _need(facts, plan, (text, main_kind(plan, StageStatus.READY) or kind))
    return _booked(need, booked, now, zone) if booked else _limited(need, run, now, zone)


def _need_to_take_in(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    """The courier is on the way: from a day before the delivery, or always where nobody said when it comes."""
    booked = run.expected_end
    if booked and booked > now + DAY_BEFORE:
        return None
    text, kind = TO_END[Direction.OUTBOUND]
    if booked and booked > now:
        text = f"Be ready to take the product in {day_words(booked, now, zone)}"
    need = _need(facts, plan, (text, kind))
    return _booked(need, booked, now, zone) if booked else need


def _booked(need: Need, booked: datetime, now: datetime, zone: tzinfo) -> Need:
    """An appointment, to the minute as it was made."""
    tense = "was booked for" if booked < now else "booked for"
    return need._replace(due=booked, due_words=f"{tense} {day_words(booked, now, zone)}")


def _limited(need: Need, run: RunState, now: datetime, zone: tzinfo) -> Need:
    """Until when the cells may wait: to the minute, the end of storage where they are stored."""
    wait = wait_now(run)
    if wait is None:
        return need
    if is_stored(wait.until, now):
        words = f"the cells may be stored until {date_words(wait.until, now, zone)}"
    else:
        words = f"{'was due' if wait.until < now else 'at the latest'} {day_words(wait.until, now, zone)}"
    return need._replace(due=wait.until, due_words=words)


def _need(facts: CardFacts, plan: StagePlan, task: Task) -> Need:
    text, kind = task
    may = has_right(holders_of(plan, kind), facts.roles)
    if not may:
        return Need(text.format(name=lowered(plan.name)), plan.code, kind.value)
    binding = binding_stops(facts.flow, facts.stops, kind, plan)
    run = facts.runs.get(plan.code)
    stopped = interlock_problem(plan, binding, kind, override=OVERRIDE, roles=facts.roles)
    stopped = stopped or waits_for_answer(facts.change, facts.flow, plan, kind, run.started_at if run else None)
    return Need(text.format(name=lowered(plan.name)), plan.code, kind.value, report_words(plan, kind), stopped=stopped)


def is_unseen(facts: CardFacts, flag: FlagFacts) -> bool:
    """Whether it is a critical warning that nobody has acknowledged: somebody who knows the patient must see it. Of the
    centre's own request only that the plant declined it."""
    if not facts.is_open or flag.is_acknowledged:
        return False
    if flag.code == FlagCode.CHANGE_ASKED:
        return facts.change is not None and not facts.change.is_open
    return flag.severity == Severity.CRITICAL


def read_first(facts: CardFacts) -> tuple[Need, ...]:
    """Of an order that asks for nothing else: a warning that nobody has acknowledged asks to be read."""
    unseen = sum(is_unseen(facts, flag) for flag in facts.flags)
    if not unseen:
        return ()
    what = "warnings and acknowledge them" if unseen > 1 else "warning and acknowledge it"
    return (Need(f"Read the {what}: nothing else is asked of your centre"),)


class Readiness(StrEnum):
    """Whether lymphodepletion may be planned; also its CSS class."""

    NOT_YET = "not_yet"
    WAIT = "wait"
    SHIPPED = "shipped"
    RECEIVED = "received"


class Preparation(NamedTuple):
    """What can be said about the patient's preparation, from facts alone."""

    readiness: Readiness
    text: str


def preparation(facts: CardFacts, now: datetime, zone: tzinfo) -> Preparation | None:
    """Whether lymphodepletion may be planned: only on a product released and shipped or received, beyond doubt.

    None for an order that has ended, and for people who have nothing to do with the infusion.
    """
    treating = {StagePlace.INFUSION_SITE, StagePlace.ORDERING_SITE}
    if not facts.is_open or not treating.intersection(facts.own):
        return None
    if not is_released(facts, now):
        return Preparation(Readiness.NOT_YET, "Not yet: the product is not released.")
    if doubt := _doubt(facts):
        return Preparation(Readiness.WAIT, f"Wait: {doubt}. Speak with the plant first.")
    received = _moment_of(facts, StageKind.CUSTODY)
    if received and received <= now:
        return Preparation(
            Readiness.RECEIVED, f"May be planned: product released, and received {day_words(received, now, zone)}."
        )
    shipped = [facts.runs[plan.code].started_at for plan in facts.stages_of(StageKind.TRANSPORT, Direction.OUTBOUND)
               if plan.code in facts.runs]  # fmt: skip
    if shipped and all(left and left <= now for left in shipped):
        return Preparation(
            Readiness.SHIPPED,
            f"May be planned: product released and shipped {day_words(max(filter(None, shipped)), now, zone)}, "
            "not received yet.",
        )
    return Preparation(Readiness.WAIT, "Wait: the product is released but not shipped.")


def _moment_of(facts: CardFacts, kind: StageKind) -> datetime | None:
    """When the stages of this kind were completed, if all were."""
    runs = [facts.runs.get(plan.code) for plan in facts.stages_of(kind)]
    done = [run.completed_at for run in runs if run and run.status == StageStatus.COMPLETED and run.completed_at]
    return max(done) if done and len(done) == len(runs) else None


# What makes a released product doubtful.
DOUBTFUL_FLAGS = {
    FlagCode.IDENTITY_SHARED: "an identifier of the product stands on another order too",
    FlagCode.DONATION_NUMBER: "its donation number may be wrong",
    FlagCode.OUT_OF_SEQUENCE: "reports about the order do not fit together",
    FlagCode.NOT_ENTITLED: "a system reported something that is not its to say",
}


def _doubt(facts: CardFacts) -> str:
    if facts.status == OrderStatus.ON_HOLD:
        return "the order is on hold"
    if facts.change and facts.change.stops:
        return "the plant has not answered your request yet"
    for plan in facts.flow.stages.values():
        status = facts.status_of(plan.code)
        if status == StageStatus.FAILED:
            return f"{lowered(plan.name)} failed"
        if status == StageStatus.HELD:
            return with_verb(lowered(plan.name), "is on hold")
    for flag in facts.flags:
        if flag.code in DOUBTFUL_FLAGS and not flag.settlement:
            return DOUBTFUL_FLAGS[FlagCode(flag.code)]
    cold_ends = [flag for flag in facts.flags if flag.code == FlagCode.HOLD_EXPIRING]
    if any(flag.severity == Severity.CRITICAL for flag in cold_ends):
        return "the permitted waiting time runs out or has ended"
    return ""


def late_tests(facts: CardFacts) -> tuple[str, ...]:
    """Names of tests whose results may come after the release and have not come yet."""
    plans = [plan for plan in facts.flow.stages.values() if plan.may_end_after_release]
    waiting = (StageStatus.PENDING, *ACTIVE_STAGE_STATUSES)
    return tuple(plan.name for plan in plans if facts.status_of(plan.code) in waiting)
