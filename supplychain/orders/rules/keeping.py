"""What a report says of its stage's numbers, plans and moments: the newest word counts. Pure."""

from datetime import datetime

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.agreed_ends import UNKNOWN_SINCE, said_end
from supplychain.orders.rules.bookings import BOOKS_START, MISSED_START, forget_agreed, new_end
from supplychain.orders.rules.meaning import plain_detail
from supplychain.orders.rules.packing import packing_details, without_packed
from supplychain.orders.rules.states import ANSWER_EVENTS, ANSWERS, DETAILS, Fact, RunState
from supplychain.orders.statuses import PACKING_ENDS, StageEventKind


def keep_details(plan: StagePlan, run: RunState, fact: Fact) -> None:
    """The newest word for every known field; a copy, so that no stored row is changed in place."""
    known = {name: plain_detail(name, value) for name, value in fact.payload.items() if name in DETAILS}
    if fact.kind == StageEventKind.COLLECTION_CHECKED and (answers := fact.payload.get(ANSWERS)):
        known[ANSWERS] = run.details.get(ANSWERS, {}) | answers
        known[ANSWER_EVENTS] = [*run.details.get(ANSWER_EVENTS, ()), str(fact.event_id)]
    if fact.kind in PACKING_ENDS:
        known |= packing_details(plan, run, fact)
    known = without_packed(run, fact, known)
    if is_plan := fact.kind == StageEventKind.SCHEDULED:
        known |= new_end(plan, run, known)
    run.details = {**run.details, **known} if known else run.details
    if is_plan:
        if said_end(known) and UNKNOWN_SINCE in run.details:
            run.details.pop(UNKNOWN_SINCE)
        if run.started_at is None and (BOOKS_START & known.keys() or said_end(known)):
            forget_agreed(run)
        if BOOKS_START & known.keys():
            run.details.pop(MISSED_START, None)
        for name in ("planned_start_at", "planned_end_at"):
            if moment := known.get(name):
                setattr(run, name, datetime.fromisoformat(moment))
    if fact.resource and fact.kind != StageEventKind.NOTE:  # of a note it is who wrote it
        run.resource = fact.resource
