"""A transport that is delayed or goes another way: what is said of it, what is wrong with that, and what the run keeps.

Its new arrival is the run's agreed end, which everybody reads (agreed_ends.py). Where nobody knows it the run has no
end at all: what was planned no longer counts. Pure.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction
from supplychain.moments import EXAMPLE, written
from supplychain.orders.rules.agreed_ends import AGREED_END, AGREED_TIMES, UNKNOWN_SINCE
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.states import Fact, RunState
from supplychain.orders.statuses import (
    DELAY_KINDS,
    DelayCause,
    Destination,
    NewArrival,
    StageEventKind,
    StageStatus,
)
from supplychain.reasons import says_nothing
from supplychain.sentences import moment_mark

EXPECTED_AT = "expected_at"
# Among a run's details: every delay and rerouting that was said of it, in the order in which they count.
DELAYS = "delays"
# What is kept of each, besides its event, kind, moment and sender.
KEPT = ("arrival", EXPECTED_AT, "cause", "reason", "destination", "place", "route", "courier")
MOST_PLACE = 120
NAMED: Mapping[str, type[DelayCause] | type[NewArrival] | type[Destination]] = {
    "cause": DelayCause, "arrival": NewArrival, "destination": Destination,
}  # fmt: skip


def delay_problems(kind: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the payload of a delay or rerouting, by field."""
    if kind not in DELAY_KINDS:
        return {}
    said = payload if "arrival" in payload else {"arrival": NewArrival.KNOWN.value, **payload}
    asked = ("cause", "arrival", *(("destination",) if "destination" in said else ()))
    wrong = {
        name: f"payload.{name}: use one of {', '.join(NAMED[name].values)}."
        for name in asked
        if said.get(name) not in NAMED[name].values
    }
    for name in {"place", "route"} & said.keys():
        text = said[name]
        if not isinstance(text, str) or says_nothing(text) or len(text) > MOST_PLACE:
            wrong[name] = f"payload.{name}: must be a text of 1 to {MOST_PLACE} characters."
    return wrong | _missing(kind, said)


def _missing(kind: str, said: Mapping[str, Any]) -> dict[str, str]:
    """What it has to say besides."""
    wrong = {}
    if said.get("arrival") == NewArrival.KNOWN and EXPECTED_AT not in said:
        wrong[EXPECTED_AT] = (
            f"payload.{EXPECTED_AT}: say when it is expected now, such as {EXAMPLE}, or that this is not known "
            "(arrival “not_known”)."
        )
    if said.get("arrival") == NewArrival.NOT_KNOWN and EXPECTED_AT in said:
        wrong[EXPECTED_AT] = f"payload.{EXPECTED_AT}: leave it out where the arrival is not known."
    if said.get("cause") == DelayCause.OTHER and "reason" not in said:
        wrong["reason"] = "payload.reason: say in a text what the other reason is."
    if said.get("destination") == Destination.OTHER and "place" not in said:
        wrong["place"] = "payload.place: name the place to which it goes now."
    if kind == StageEventKind.SHIPMENT_REROUTED and not {"destination", "route", "courier"} & said.keys():
        wrong["route"] = "payload.route: say what is new: the route or flight, the courier, or the destination."
    return wrong


def own_destination(plan: StagePlan) -> Destination:
    """Where a transport goes by its order."""
    return Destination.PLANT if plan.direction == Direction.INBOUND else Destination.INFUSION_SITE


def destination_words(said: Mapping[str, Any]) -> str:
    """“the plant”, “the freezer of the airport”; empty where none is said."""
    if said.get("destination") == Destination.OTHER:
        return str(said.get("place", ""))
    label = Destination(said["destination"]).label if said.get("destination") else ""
    return label[:1].lower() + label[1:]


def goes_elsewhere(plan: StagePlan, kind: str, said: Mapping[str, Any]) -> bool:
    """Whether it now goes to another place than the order says."""
    is_said = kind == StageEventKind.SHIPMENT_REROUTED and said.get("destination")
    return bool(is_said) and said["destination"] != own_destination(plan)


def delay_unfit(run: RunState, occurred_at: datetime, said: Mapping[str, Any]) -> str:
    """Why a delay or rerouting does not fit what is known of its transport, as the end of a sentence; else empty."""
    if run.is_done or run.status == StageStatus.FAILED:
        ended_at = run.completed_at or run.failed_at
        return "after the transport had ended" if ended_at and occurred_at > ended_at else ""
    text = said.get(EXPECTED_AT)
    until = datetime.fromisoformat(text) if text else None
    if until is None:
        return ""
    if until <= occurred_at:
        return f"for an arrival that had passed already ({moment_mark(until)})"
    leaves_at = run.started_at or run.expected_start
    if leaves_at and until <= leaves_at:
        return f"for an arrival ({moment_mark(until)}) before its pickup ({moment_mark(leaves_at)})"
    return ""


def delay_doubt(run: RunState, kind: str, occurred_at: datetime, said: Mapping[str, Any]) -> str:
    """Why a person cannot have meant this new arrival; empty if they can."""
    unfit = delay_unfit(run, occurred_at, said) if kind in DELAY_KINDS else ""
    return f"payload.{EXPECTED_AT}: this is said {unfit}: check it." if unfit else ""


def keep_delay(run: RunState, fact: Fact) -> None:
    """Keep it with its run; a copy, as all details."""
    entry = {"event": str(fact.event_id), "kind": str(fact.kind), "at": written(fact.occurred_at.astimezone(UTC))}
    entry |= {name: fact.payload[name] for name in KEPT if name in fact.payload}
    run.details = {**run.details, DELAYS: [*run.details.get(DELAYS, ()), entry]}


def move_arrival(plan: StagePlan, run: RunState, fact: Fact) -> None:
    """Have its new arrival count, or that this is not known: the newest word. One before the plan moves nothing, unless
    the arrival was moved before; one at another place than the order's says nothing of the arrival where it belongs."""
    if run.is_done or run.status == StageStatus.FAILED:
        return
    text = None if is_bound_elsewhere(plan, run) else fact.payload.get(EXPECTED_AT)
    before, times = booked_end(plan, run), run.details.get(AGREED_TIMES)
    kept = {name: value for name, value in run.details.items() if name not in (UNKNOWN_SINCE, AGREED_END)}
    if text is None:
        since = run.details.get(UNKNOWN_SINCE) or written(fact.occurred_at.astimezone(UTC))
        run.details = kept | {UNKNOWN_SINCE: since}
        return
    until = datetime.fromisoformat(text)
    is_moved = before is None or run.agreed is not None or until > before
    run.details = kept | ({AGREED_END: written(until), AGREED_TIMES: int(times or 0) + 1} if is_moved else {})


def is_bound_elsewhere(plan: StagePlan, run: RunState) -> bool:
    """Whether the newest destination that was said of it is not that of its order."""
    return bool(bound_for(plan, run))


def bound_for(plan: StagePlan, run: RunState) -> str:
    """Where it goes by the newest destination that was said of it, if that is not its order's; else empty."""
    said = next((one for one in reversed(run.details.get(DELAYS, ())) if one.get("destination")), None)
    return destination_words(said) if said and goes_elsewhere(plan, said["kind"], said) else ""
