"""Facts that do not fit the ones before them: kept with the order, flagged by the judgement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.flows.statuses import StageKind
from supplychain.moments import CLOCK_TOLERANCE
from supplychain.orders.rules.change_requests import is_for_good, was_unanswered, wish_words
from supplychain.orders.rules.delays import delay_unfit, destination_words, goes_elsewhere, own_destination
from supplychain.orders.rules.materials import is_said_late
from supplychain.orders.rules.packing import packed_after_leaving
from supplychain.orders.rules.states import CELLS_DECIDED, COLLECTED_EARLIER, ChangeRequest, Fact, OrderState, RunState
from supplychain.orders.rules.verbs import event_subject, kind_said
from supplychain.orders.rules.withdrawals import (
    DECIDED_STAGES,
    REASON_TESTED_AGAIN,
    REASON_WITHDRAWAL_ASKED,
    REASON_WITHDRAWN,
    Withdrawal,
    event_named,
    is_about_cells,
)
from supplychain.orders.statuses import LABEL_KINDS, TRANSPORT_KINDS, OrderEventKind, StageEventKind, StageStatus
from supplychain.words import MINUTE, listed_words, span_words

# Surprises of one kind that one sender may say of one stage and attempt, kept on the order row: the first of them and
# the newest, which counts those between. The events themselves are all kept.
MOST_SURPRISES = 5
ALIKE = ("reason", "stage", "attempt", "kind", "by")
# Of a withdrawal: it is the second one's, which confirms the first.
CONFIRMED = "confirmed"
# … and what is said to be wrong is that cells were taken, or their number (withdrawals.is_about_cells).
OF_CELLS = "of_cells"
# Two senders name the same cells by other numbers.
OTHER_NUMBER = "other_number"
# It was reported to begin after it had ended.
REASON_AFTER_END = "after_end"
# Another end than the one that counts was told.
REASON_OTHER_END = "other_end"
# A sender names cells by another number than it had before.
REASON_RENUMBERED = "renumbered"
# Of a closing: it decided on the cells of an order whose cancellation does not count.
OF_DECISION = "of_decision"
# Work began although the order, or the stage, was on hold; and that this cannot be undone.
REASON_DESPITE_HOLD, FOR_GOOD = "despite_hold", "for_good"
# Characters of the reason why a report was withdrawn.
MOST_REASON_SHOWN = 120
# What surprises nobody after an order's end: words about it.
SAID_AFTER_END = frozenset(
    {
        StageEventKind.NOTE,
        StageEventKind.COLLECTION_CHECKED,
        *TRANSPORT_KINDS,
        StageEventKind.WITHDRAWN,
        OrderEventKind.SETTLED,
        OrderEventKind.EXCURSION_DECIDED,
        OrderEventKind.MISMATCH,
        OrderEventKind.RESOLVED,
        OrderEventKind.TAKEN_BACK,
        OrderEventKind.ANSWERED,
        OrderEventKind.HANDED_OVER,
        OrderEventKind.WITNESSED,
        *LABEL_KINDS,
    }
)


def note_surprise(
    state: OrderState, fact: Fact, reason: str, text: str, *, about: Fact | None = None, **more: str | bool
) -> None:
    """Keep that `fact` does not fit; `about`: the earlier fact of which it speaks; `more`: what else is to be known of
    it (`decided`: what that one decided, `failed_at`: when what is begun again had failed), where it is not empty."""
    kind = (about or fact).kind
    said = kind_said(kind, (about or fact).payload)
    what = event_subject(state.flow.stages[fact.stage] if fact.stage else None, said)
    surprise = {
        "reason": reason,
        "stage": fact.stage,
        "attempt": (about or fact).attempt or state.attempt,
        "kind": str(kind),
        "by": fact.reporter,
        "event": str(fact.event_id),
        "at": fact.occurred_at.isoformat(),
        "text": f"{what} {text}",
    } | {name: str(value) for name, value in more.items() if value}
    _keep(state.surprises, surprise)


def _keep(surprises: list[dict[str, Any]], surprise: dict[str, Any]) -> None:
    """Add it; where there are MOST_SURPRISES like it, in place of the newest of them, which it counts (`more`)."""
    alike = [one for one in surprises if all(one.get(name) == surprise[name] for name in ALIKE)]
    if len(alike) >= MOST_SURPRISES:
        surprise |= {"more": alike[-1].get("more", 0) + 1}
        surprises.remove(alike[-1])
    surprises.append(surprise)


def note_surprising_moment(state: OrderState, fact: Fact) -> None:
    """That a fact comes from the future, after the order's end, or packs a shipment that had left."""
    is_packing = fact.kind == StageEventKind.SHIPMENT_PACKED
    if is_packing and packed_after_leaving(state.run_of(fact.stage, fact.attempt), fact):
        text = "for a moment after the shipment had left: it gives no cold, and changes no packing that was reported"
        note_surprise(state, fact, "packed_after_leaving", text)
    if fact.occurred_at > fact.recorded_at + CLOCK_TOLERANCE:
        note_surprise(state, fact, "in_future", "was reported for a moment still to come")
    if fact.kind == OrderEventKind.CLOSED and not state.cancelled_at and _is_decision(fact):
        why = " ".join(str(fact.payload.get("reason", "")).split())[:MOST_REASON_SHOWN].rstrip(".")
        text = f"with a decision on the patient’s cells (“{why}”), although the order is not cancelled"
        note_surprise(state, fact, "contradicts", text, **{OF_DECISION: True})
    is_expected = fact.kind in SAID_AFTER_END or decides_on_cells(state, fact) or is_said_late(fact.kind, fact.payload)
    if (state.cancelled_at or state.closed_at) and not is_expected:
        note_surprise(state, fact, "after_order_end", "came after the order had ended")


def decides_on_cells(state: OrderState, fact: Fact) -> bool:
    """Whether it closes a cancelled order, and so says that somebody has decided what becomes of its cells."""
    is_closed = fact.kind == OrderEventKind.CLOSED and state.cancelled_at and not state.closed_at
    return bool(is_closed) and _is_decision(fact)


def closes(state: OrderState, fact: Fact) -> bool:
    """Whether a closing counts: of a cancelled order only one that decides on its cells, of any other only one that
    does not, for that rests on a cancellation."""
    return bool(state.cancelled_at) == _is_decision(fact)


def _is_decision(closing: Fact) -> bool:
    return closing.payload.get("cells") == CELLS_DECIDED


def note_kept_back(state: OrderState, fact: Fact) -> None:
    """That something began although the order or the stage was on hold, or the centre had asked otherwise."""
    _note_despite_hold(state, fact)
    _note_unanswered(state, fact)


def _note_despite_hold(state: OrderState, fact: Fact) -> None:
    """`for_good`: it cannot be undone. What began in the minute of the hold did not begin in spite of it, and neither
    did work that ran before and whose start is told again; work that failed begins anew."""
    plan = state.flow.stages.get(fact.stage)
    if plan is None or state.infused_at:
        return
    run = state.run_of(fact.stage, fact.attempt)
    held_at = min((moment for moment in (state.held_at, run.held_at) if moment), default=None)
    decides = fact.kind == StageEventKind.COMPLETED and plan.kind == StageKind.RELEASE
    begins = decides or _begins(run, fact.kind)
    if not begins or run.is_done or held_at is None or fact.occurred_at < _minute(held_at) + MINUTE:
        return
    for_good = is_for_good(state.flow, plan) or plan.kind == StageKind.RELEASE
    held = "the order" if state.held_at else "it"
    note_surprise(state, fact, REASON_DESPITE_HOLD, f"although {held} was on hold", **{FOR_GOOD: for_good})


def _begins(run: RunState, kind: str) -> bool:
    """Whether this report begins the stage: a start told again of what runs already does not."""
    if run.started_at is None:
        return kind in (StageEventKind.STARTED, StageEventKind.COMPLETED)
    return kind == StageEventKind.STARTED and run.status == StageStatus.FAILED


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _note_unanswered(state: OrderState, fact: Fact) -> None:
    """That something began that cannot be undone, although the centre had asked otherwise and had no answer yet.

    What began in the minute of the request, or was reported before it, did not begin in spite of it.
    """
    asked, plan = state.asked or ([state.change] if state.change else []), state.flow.stages.get(fact.stage)
    change = next((one for one in asked if was_unanswered(one, fact.occurred_at)), None)
    if change is None or plan is None or not _is_after(change, fact):
        return
    begins = _begins(state.run_of(fact.stage, fact.attempt), fact.kind)
    if begins and is_for_good(state.flow, plan):
        text = f"although the centre had asked {wish_words(change)} and had no answer yet"
        note_surprise(state, fact, "unanswered", text)


def _is_after(change: ChangeRequest, fact: Fact) -> bool:
    """Whether it happened in a later minute than the request, and was reported later: reports know minutes only."""
    return fact.recorded_at > change.asked_at and fact.occurred_at >= _minute(change.asked_at) + MINUTE


def note_withdrawal(state: OrderState, fact: Fact, against: Mapping[UUID, Withdrawal]) -> None:
    """That a report was taken back, where the last of those who were needed said it; until then, that one is asked.
    One that was rejected asks nobody any more."""
    withdrawal = against.get(event_named(fact.payload) or fact.event_id)
    if withdrawal is None or all(fact.event_id != one.event_id for one in withdrawal.said):
        return
    if withdrawal.counts and fact.event_id != withdrawal.said[-1].event_id:
        return
    why = " ".join(str(fact.payload.get("reason", "")).split())[:MOST_REASON_SHOWN].rstrip(".")
    if withdrawal.counts:
        second = CONFIRMED if len(withdrawal.said) > 1 else ""
        said = {"about": withdrawal.event, "by_second": second}
        note_surprise(state, fact, REASON_WITHDRAWN, f"was withdrawn: {why}", **said)
    else:
        text = f"is said to be wrong: {why}; a second person must confirm"
        decided = _decided(state, withdrawal.event)
        of_cells = is_about_cells(state.flow.stages.get(withdrawal.event.stage), withdrawal.event)
        said = {"decided": decided, "reported_by": withdrawal.event.reporter if decided else "", OF_CELLS: of_cells}
        note_surprise(state, fact, REASON_WITHDRAWAL_ASKED, text, about=withdrawal.event, **said)


def _decided(state: OrderState, event: Fact) -> str:
    """What the report decided that only two people undo: the release or that the dose was given by their stage's kind,
    else what was said. Empty of a settlement: its flag stands again at once, and is settled anew if it was right."""
    if event.kind == OrderEventKind.SETTLED:
        return ""
    plan = state.flow.stages.get(event.stage)
    return plan.kind if plan and plan.kind in DECIDED_STAGES else str(event.kind)


def note_tested_again(state: OrderState, run: RunState, fact: Fact) -> None:
    """That a test or a release that had failed was begun again: the new result does not undo the failed one."""
    plan = state.flow.stages[run.stage]
    if plan.kind in (StageKind.QUALITY_CONTROL, StageKind.RELEASE) and run.failed_at:
        failed_at = run.failed_at.isoformat()
        note_surprise(state, fact, REASON_TESTED_AGAIN, "again after it had failed", failed_at=failed_at)


def note_delay(state: OrderState, run: RunState, fact: Fact) -> bool:
    """That a delay or rerouting does not fit its transport (whether this is so), or leads to another place than the
    order says: quality assurance decides on that, as on two reports of which one is wrong."""
    plan = state.flow.stages[run.stage]
    if goes_elsewhere(plan, fact.kind, fact.payload):
        own = destination_words({"destination": own_destination(plan)})
        text = f"to {destination_words(fact.payload)}, while the order’s cells go to {own}"
        note_surprise(state, fact, "contradicts", text)
    unfit = delay_unfit(run, fact.occurred_at, fact.payload)
    if unfit:
        note_surprise(state, fact, "unfit_delay", f"{unfit}: its new arrival does not count")
    return bool(unfit)


def note_other_end(state: OrderState, run: RunState, fact: Fact) -> None:
    """A second end of the same run is the first one told again, or one of the two is wrong."""
    ended = StageEventKind.SKIPPED if run.status == StageStatus.SKIPPED else StageEventKind.COMPLETED
    if fact.kind != ended:
        note_surprise(state, fact, REASON_OTHER_END, f"although it had been {ended.value}")
    else:
        note_other_moment(state, fact, run.completed_at, REASON_OTHER_END, "end")


def note_other_moment(state: OrderState, fact: Fact, earlier: datetime | None, reason: str, what: str) -> None:
    """That a start, end or failure that was told already is told of another moment: the `earlier` one counts."""
    if earlier and fact.occurred_at - earlier > CLOCK_TOLERANCE:
        later = span_words(fact.occurred_at - earlier)
        note_surprise(state, fact, reason, f"{later} later than an earlier report says; the earlier {what} counts")


def note_missing_predecessors(state: OrderState, run: RunState, fact: Fact) -> None:
    """That a stage is said of although one that it waits for had not ended."""
    plan = state.flow.stages[run.stage]
    awaited = [state.run_of(code, run.attempt) for code in plan.after]
    missing = [state.flow.stages[before.stage].name for before in awaited if not before.is_done]
    if missing and not run.started_at:
        note_surprise(state, fact, "before_predecessor", f"before {listed_words(missing)} had ended")
    elif _is_before_order(run, fact, is_first=not plan.after) and not run.started_at:
        note_surprise(state, fact, "before_order", "before the order was placed")


def _is_before_order(run: RunState, fact: Fact, *, is_first: bool) -> bool:
    """Whether the first stage, which could begin as the order was placed, is said of an earlier moment; not cells that
    were collected before, and are said to have been."""
    if not is_first or run.attempt > 1 or run.ready_at is None or fact.payload.get(COLLECTED_EARLIER) is True:
        return False
    return run.ready_at - fact.occurred_at > CLOCK_TOLERANCE
