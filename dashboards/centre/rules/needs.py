"""What an order needs from the treatment centre now."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from batches.flags.rules.cancelled import asks_to_keep
from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from dashboards.centre.rules.flag_tasks import FlagTask, flag_tasks, is_ours, stop_tasks, task_of
from dashboards.centre.rules.trouble_words import until_words
from dashboards.centre.rules.words import astray_words, kept_words, lowered
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.asked_first import UNCONFIRMED, are_sent_unconfirmed, reasons_to_ask
from supplychain.orders.rules.bookings import booked_end, needs_new_date
from supplychain.orders.rules.change_requests import waits_for_answer
from supplychain.orders.rules.delays import bound_for
from supplychain.orders.rules.duties import PLACE_WORDS, ends_own_hold, has_right, holders_of
from supplychain.orders.rules.interlocks import (
    OVERRIDE,
    SAID_WRONG,
    binding_stops,
    interlock_problem,
    is_failure_said_wrong,
)
from supplychain.orders.rules.promises import PROMISED
from supplychain.orders.rules.standing import is_to_begin, opens_later
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import is_storage_end, wait_now
from supplychain.orders.statuses import OrderEventKind, OrderStatus, StageEventKind, StageStatus, WaitLimit
from supplychain.pages.days import day_words
from supplychain.recording.rules.fields import report_words
from supplychain.recording.rules.permitted import meant_kind
from supplychain.recording.rules.sequence import main_kind
from supplychain.sites.rules import call_words
from supplychain.transport.rules.arrivals import due_at
from supplychain.words import date_words, listed_words, with_verb

# An appointment asks for something from a day before it on.
DAY_BEFORE = timedelta(hours=24)


class Need(NamedTuple):
    """One thing to do. `stage` and `kind` name the report that says it is done, `button` its words (empty: the person
    may not report it); `due`: until when, `due_words`: in words, as an appointment, a limit or the end of storage;
    `stopped`: why a critical flag keeps the person from reporting it now; `is_reading`: only a warning to read;
    `asks_plant`: the plant is asked before the next step."""

    text: str
    stage: str = ""
    kind: str = ""
    button: str = ""
    due: datetime | None = None
    due_words: str = ""
    stopped: str = ""
    is_reading: bool = False
    asks_plant: bool = False


TELL_THE_PLANT = "Tell the plant whether the order can go on, is to wait longer or is to be cancelled"
ASK_TO_CANCEL = "Ask the plant to cancel the order: the patient has died"
KEEP_CELLS = "The order is cancelled and its cells are here: discard nothing, ask {call} what becomes of them"
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
ASKS_NEWS = (FlagCode.STAGE_LATE, FlagCode.SILENT, FlagCode.SHIPMENT_LATE)
NEEDS_LONGER: Task = ("If {name} is not over yet, say until when it takes", StageEventKind.SCHEDULED)
END_MISSING: Task = ("Report the end of {name}: it was never reported", StageEventKind.COMPLETED)
NEVER_REPORTED: Task = ("Report the start and the end of {name}: neither was ever reported", StageEventKind.STARTED)
GO_ON: Task = ("Decide on the hold of {name}: report that it goes on, or tell the plant", StageEventKind.RESUMED)
START_OTHER: Task = ("Start {name}", StageEventKind.STARTED)
END_OTHER: Task = ("Report the end of {name}", StageEventKind.COMPLETED)


def needs(facts: CardFacts, now: datetime, zone: tzinfo) -> tuple[Need, ...]:
    """What the order needs from the person's centres now, what stops a harm first. A held order needs nothing but eyes,
    unless the centre asked for the hold: then it has to say when the order can go on. Of one that has ended only a dose
    in doubt needs anybody, and cells that are there and that nobody decided on."""
    found = [*(Need(text) for text in stop_tasks(facts)), *_to_keep(facts, now, zone)]
    tasks = flag_tasks(facts, now, zone)
    if facts.status == OrderStatus.ON_HOLD and facts.change and facts.change.holds_since(facts.held_at):
        found.append(_need_to_go_on(facts, tasks, now, zone))
    if facts.is_open and facts.status != OrderStatus.ON_HOLD and not facts.are_destroyed:
        left = facts.overtaken(now)
        for code, plan in facts.flow.stages.items():
            run = facts.runs.get(code)
            if code in left and is_ours(facts, plan):
                found.append(_need(facts, plan, END_MISSING if run and run.started_at else _unreported(plan)))
            elif run and is_ours(facts, plan) and (need := _need_of(facts, plan, run, now, zone)):
                asked = task_of(tasks, code, ASKS_NEWS)
                found += [_as_flagged(need, run, asked), *_needs_longer(facts, plan, run, asked, now)]
    # What two flags ask is one task.
    asked_else = {task.text: Need(task.text, task.stage) for task in tasks}
    said = {need.text for need in found}
    return (*found, *(need for text, need in asked_else.items() if text not in said))


def _to_keep(facts: CardFacts, now: datetime, zone: tzinfo) -> Iterator[Need]:
    """Cells of an order that is cancelled, though it may be wrongly, that are here, and until when they may be kept."""
    for flag in facts.flags if facts.holds_cells else ():
        is_doubted = facts.status == OrderStatus.CANCELLED and asks_to_keep(flag.next_step)
        if flag.code == FlagCode.CELLS_UNDECIDED or is_doubted:
            call = f"{facts.plant}{f' ({facts.telephone})' if facts.telephone else ''}"
            yield Need(KEEP_CELLS.format(call=call), due=flag.due, due_words=until_words(flag.due, now, zone))


def _as_flagged(need: Need, run: RunState, asked: str) -> Need:
    """Of a lost appointment the flag says what to do."""
    return need._replace(text=asked) if asked and needs_new_date(run) and need.button else need


def _need_to_go_on(facts: CardFacts, tasks: Sequence[FlagTask], now: datetime, zone: tzinfo) -> Need:
    may = has_right(holders_of(None, OrderEventKind.CHANGE_ASKED), facts.roles)
    tell = ASK_TO_CANCEL if facts.change and facts.change.has_died else TELL_THE_PLANT
    return Need(
        task_of(tasks, "", (FlagCode.ON_HOLD,)) or tell,
        kind=OrderEventKind.CHANGE_ASKED.value,
        button="Tell the plant" if may else "",
        **_hold_due(facts, "", now, zone),
    )


def _hold_due(facts: CardFacts, stage: str, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """Until when the hold of the stage (empty: of the whole order) is to be decided."""
    due = next((flag.due for flag in facts.flags if flag.code == FlagCode.ON_HOLD and flag.stage == stage), None)
    return {"due": due, "due_words": f"{'by' if due > now else 'was due'} {day_words(due, now, zone)}" if due else ""}


def _unreported(plan: StagePlan) -> Task:
    """The report that was never made of a stage which the cells have passed."""
    kind = main_kind(plan, StageStatus.READY)
    return END_MISSING if kind == StageEventKind.COMPLETED else NEVER_REPORTED


def _need_of(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    key = plan.direction or plan.kind
    if lost := needs_new_date(run):
        return _limited(_need_to_book(facts, plan, lost, now, zone), run, now, zone)
    if run.status == StageStatus.FAILED:
        if plan.place not in facts.own:
            return None
        if is_failure_said_wrong(facts.stops, plan.code):
            return Need(f"{plan.name} is reported failed, and the report {SAID_WRONG}", plan.code)
        return Need(f"{plan.name} failed: agree with the plant what comes next", plan.code)
    if run.status == StageStatus.HELD and ends_own_hold(plan) and plan.place in facts.own:
        return _need(facts, plan, GO_ON)._replace(**_hold_due(facts, plan.code, now, zone))
    if run.status == StageStatus.READY:
        if opens_later(run.status, run.ready_at, now):
            return None
        return _need_to_start(facts, plan, run, now, zone)
    if run.status != StageStatus.RUNNING or is_to_begin(run.status, run.started_at, now):
        return None
    if plan.direction == Direction.OUTBOUND:
        return _need_to_take_in(facts, plan, run, now, zone)
    if plan.place not in facts.own:
        return None
    return _need(facts, plan, TO_END.get(key, END_OTHER))


def _needs_longer(facts: CardFacts, plan: StagePlan, run: RunState, asked: str, now: datetime) -> Sequence[Need]:
    """Of work whose end is asked for, because it takes longer than planned or agreed: until when it takes."""
    if run.status != StageStatus.RUNNING or plan.place not in facts.own or (run.agreed and run.agreed.until > now):
        return ()
    if not any(flag.stage == plan.code and flag.code in ASKS_NEWS for flag in facts.flags):
        return ()
    need = _need(facts, plan, NEEDS_LONGER)
    return (need._replace(text=asked) if asked else need,)


def _need_to_start(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    key, booked = plan.direction or plan.kind, run.expected_start
    if plan.direction == Direction.OUTBOUND:
        return None
    if booked is None and key in TO_PLAN:
        need = _astray(facts, plan, _ask_first(facts, plan, _need(facts, plan, TO_PLAN[key])), now, zone)
        return _limited(need, run, now, zone)
    text, kind = TO_START.get(key, START_OTHER)
    if key == Direction.INBOUND and plan.place not in facts.own:
        text = f"{text}, whom {PLACE_WORDS[StagePlace(plan.place)]} orders"
    # What is done at once is reported as completed, as the button on the order's page does.
    need = _ask_first(facts, plan, _need(facts, plan, (text, main_kind(plan, StageStatus.READY) or kind)))
    need = _astray(facts, plan, need, now, zone)
    if booked and booked > now + DAY_BEFORE:  # the plant is asked before the day comes; to report there is nothing yet
        return _booked(need._replace(button=""), booked, now, zone) if need.asks_plant else None
    return _booked(need, booked, now, zone) if booked else _limited(need, run, now, zone)


def _astray(facts: CardFacts, plan: StagePlan, need: Need, now: datetime, zone: tzinfo) -> Need:
    """What is done with the dose at the centre waits while it is reported to be elsewhere, or has expired."""
    run = facts.runs[plan.code]
    if (wait := wait_now(run)) and wait.limit == WaitLimit.EXPIRY and wait.until <= now:
        text = f"Do not begin {lowered(plan.name)}: the dose has expired. Ask quality assurance of the plant"
        return need._replace(text=text, button="", asks_plant=True)
    where = astray_words(facts, now, zone) if plan.kind in (StageKind.CUSTODY, StageKind.INFUSION) else ""
    if not where:
        return need
    call = f"{facts.plant or 'the plant'}{call_words(facts.telephone)}"
    text = f"Do not begin {lowered(plan.name)}: {where}. Ask {call}; if it is with you, report the hand-over"
    return need._replace(text=text, button="", asks_plant=True)


def _ask_first(facts: CardFacts, plan: StagePlan, need: Need) -> Need:
    """Where the plant is to be asked before cells are collected, that is the task: one instruction. Cells that are
    there go to it, asked or not: it is told."""
    call = f" ({facts.plant}{f', {facts.telephone}' if facts.telephone else ''})" if facts.plant else ""
    is_confirmed = facts.date == PROMISED
    if are_sent_unconfirmed(facts.flow, facts.runs, plan, is_confirmed=is_confirmed):
        return need._replace(text=f"{need.text}, and tell the plant{call} that they come: {UNCONFIRMED}")
    reasons = reasons_to_ask(facts.flow, facts.runs, plan, facts.stops, is_confirmed=is_confirmed)
    if not reasons or need.stopped:
        return need
    what = with_verb(plan.name, "is booked" if need.kind == StageEventKind.SCHEDULED else "begins")
    return need._replace(text=f"Ask the plant{call} before {what}: {listed_words(reasons)}", asks_plant=True)


def _need_to_book(facts: CardFacts, plan: StagePlan, lost: datetime, now: datetime, zone: tzinfo) -> Need:
    """A new appointment in place of one that passed during a hold, by whoever may book it."""
    need = _need(facts, plan, (with_verb(plan.name, "needs a new appointment"), StageEventKind.SCHEDULED))
    words = f"booked for {day_words(lost, now, zone)}, which passed during the hold"
    whose = "" if plan.place in facts.own else f"; {PLACE_WORDS[StagePlace(plan.place)]} books it"
    return need._replace(text=f"{need.text}{whose}", due_words=words)


def _need_to_take_in(facts: CardFacts, plan: StagePlan, run: RunState, now: datetime, zone: tzinfo) -> Need | None:
    """The courier is on the way: from a day before the delivery, or always where nothing says when it comes."""
    due = due_at(plan, run, facts.lanes.get(plan.code))
    if bound_for(plan, run) or (due and due > now + DAY_BEFORE):
        return None
    text, kind = TO_END[Direction.OUTBOUND]
    if due and due > now:
        text = f"Be ready to take the product in {day_words(due, now, zone)}"
    need, booked = _need(facts, plan, (text, kind)), booked_end(plan, run)
    return _booked(need, due, now, zone, "booked for" if booked else "expected by its lane") if due else need


def _booked(need: Need, due: datetime, now: datetime, zone: tzinfo, words: str = "booked for") -> Need:
    """An appointment, to the minute as it was made, or when a shipment is expected."""
    return need._replace(due=due, due_words=f"{'was ' if due < now else ''}{words} {day_words(due, now, zone)}")


def _limited(need: Need, run: RunState, now: datetime, zone: tzinfo) -> Need:
    """Until when the cells may wait: to the minute, the end of storage where they are stored."""
    wait = wait_now(run)
    if wait is None:
        return need
    if is_storage_end(wait, now):
        words = f"the cells’ storage ends {date_words(wait.until, now, zone)}"
    else:
        words = f"{'was due' if wait.until < now else 'at the latest'} {day_words(wait.until, now, zone)}"
    return need._replace(due=wait.until, due_words=words)


def _need(facts: CardFacts, plan: StagePlan, task: Task) -> Need:
    words, kind = task
    run = facts.runs.get(plan.code)
    kept = kept_words(facts, plan, kind)
    text = f"{kept}{words.format(name=lowered(plan.name))}"
    if not has_right(holders_of(plan, kind), facts.roles):
        return Need(text, plan.code, kind.value)
    binding = binding_stops(facts.flow, facts.stops, kind, plan)
    stopped = interlock_problem(plan, binding, kind, override=OVERRIDE, roles=facts.roles)
    stopped = stopped or waits_for_answer(facts.change, facts.flow, plan, kind, run.started_at if run else None)
    return Need(text, plan.code, kind.value, report_words(plan, meant_kind(kind, run)), stopped=stopped)


def is_unseen(facts: CardFacts, flag: FlagFacts) -> bool:
    """Whether it is a critical warning that nobody has acknowledged: somebody who knows the patient must see it. Of the
    centre's own request only that the plant declined it."""
    if flag.is_acknowledged or not facts.still_asks(flag):
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
    return (Need(f"Read the {what}: nothing else is asked of your centre", is_reading=True),)
