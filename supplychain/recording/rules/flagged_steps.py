"""What happens next where a critical flag stands: the decision on it, or what that leaves to do. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.duties import PLACE_WORDS, ROLE_WORDS, WHO_ACTS
from supplychain.orders.rules.holds import HoldLimit
from supplychain.orders.rules.interlocks import Stop, are_rejected, is_failure_said_wrong
from supplychain.orders.rules.repeats import repeat_words
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.rules.waits import is_storage_end, limit_now
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, Doubt, OrderStatus, StageStatus
from supplychain.people.statuses import Role
from supplychain.recording.rules.steps import QUALITY, NextStep
from supplychain.words import listed_words

_NAMES = "|".join(WHO_ACTS.values())
# Whom a flag asks: “QA: …”, “QA or Operations: …”, “QA, Operations or Site coordinator: …”.
ASKED = re.compile(rf"\b(?:{_NAMES})(?:(?:, | or )(?:{_NAMES}))*:")

# Who opens a new attempt and cancels.
WHO_OPENS = f"{ROLE_WORDS[Role.OPERATIONS]} of the plant"


def stopped_step(
    state: OrderState, binding: Sequence[Stop], ahead: Iterable[StagePlan], runs: Mapping[str, RunState], now: datetime
) -> NextStep:
    """A critical flag keeps people from carrying the order on: what it asks for is what comes next."""
    first, others = binding[0], len(binding) - 1
    words = first.next_step or f"Settle the critical flag first: {first.words}"
    more = (
        f" {others} more critical flag{'s keep' if others > 1 else ' keeps'} people from reporting." if others else ""
    )
    kept = [one for one in ahead if not (first.doubt == Doubt.RECORD and _is_asked_for(state, one))]
    why = f"{first.why}{more} {_kept_words(state, kept, runs, first.end.until)}"
    active = [one for one in ahead if runs[one.code].status in ACTIVE_STAGE_STATUSES]
    # Of cells that were rejected no time is left to use them in.
    limits = [] if are_rejected(binding) else [limit for one in active if (limit := limit_now(one, runs[one.code]))]
    limit = min(limits, key=lambda one: one.until, default=None)
    due = limit and limit.until
    return NextStep(
        "", "", state.status, words, StagePlace.PLANT.value, _whose(words),
        first.theirs_since,
        due, is_storage_end(limit, now), HoldLimit.CELLS if due else "", why,
        is_asked=first.settlement is None,
    )  # fmt: skip


def _is_asked_for(state: OrderState, stage: StagePlan) -> bool:
    """Whether it is a test or a release without which the dose has gone on: the flag asks for its report, so it is not
    kept back in the same breath."""
    if stage.kind not in (StageKind.QUALITY_CONTROL, StageKind.RELEASE):
        return False
    after = [state.run_of(code, state.attempt) for code in state.flow.followers[stage.code] if code != stage.code]
    return any(run.started_at or run.is_done for run in after)


def _kept_words(state: OrderState, ahead: Iterable[StagePlan], runs: Mapping[str, RunState], until: str) -> str:
    """What must wait until the flag ends."""
    active = [one for one in ahead if runs[one.code].status in (StageStatus.READY, StageStatus.RUNNING)]
    stopped = [one for one in active if one.kind != StageKind.QUALITY_CONTROL]
    ready = [one.name for one in stopped if runs[one.code].status == StageStatus.READY]
    under_way = [one.name for one in stopped if runs[one.code].status == StageStatus.RUNNING]
    kept = [f"{listed_words(ready)} must not start"] if ready else []
    if under_way:
        kept.append(f"{listed_words(under_way)} must not be carried on")
    if state.status == OrderStatus.INFUSED:
        kept.append("the order cannot be closed")
    # Tests go on (interlocks.goes_on).
    nothing = "nothing but tests may be carried on" if active else "nothing may be carried on"
    return f"Until {until}, {', and '.join(kept or [nothing])}."


def as_flagged(step: NextStep, state: OrderState, stops: Sequence[Stop], now: datetime) -> list[NextStep]:
    """The step as the flags of its stage have it: of a failure it asks for what its flag asks for, and of what quality
    assurance has decided only for what that leaves to do."""
    if step.status == StageStatus.READY:
        return [_as_decided(step, stops)]
    if step.status != StageStatus.FAILED:
        return [step]
    own = [stop for stop in stops if stop.stage == step.stage and stop.doubt == Doubt.FAILURE]
    decided = next((stop for stop in own if stop.settlement), None)
    if decided and decided.settlement and not is_failure_said_wrong(stops, step.stage):
        if state.infused_at:
            return []
        is_test = state.flow.stages[step.stage].kind == StageKind.QUALITY_CONTROL
        left = "Nothing after it goes on: begin it again, begin a new attempt" if is_test else "Begin a new attempt"
        decision = f"quality assurance decided: “{decided.settlement.reason}”"
        words = f"{step.stage_name} failed; {decision}. {left}, or cancel the order"
        why = repeat_words(state.flow, step.stage, now, is_decided=True) if is_test else ""
        whose = step.whose if is_test else WHO_OPENS
        return [replace(step, words=words, whose=whose, since=decided.theirs_since, why=why)]
    if not own or not own[0].next_step:
        return [step]
    since = own[0].since or own[0].theirs_since  # page, list and flag count from the failure, not from the report of it
    said = replace(step, words=own[0].next_step, since=since, why=own[0].why)
    return [replace(said, whose=QUALITY) if is_failure_said_wrong(stops, step.stage) else said]


def _as_decided(step: NextStep, stops: Sequence[Stop]) -> NextStep:
    """Cells that may be used although their wait is over are used now, by who performs the stage."""
    own = [stop for stop in stops if stop.stage == step.stage and stop.doubt == Doubt.CELLS]
    decided = next((stop for stop in own if stop.settlement), None)
    if decided is None or decided.settlement is None:
        return step
    why, name = decided.settlement.reason, step.stage_name
    words = f"Quality assurance decided: “{why}”. If the cells are to be used, begin {name} now"
    return replace(step, words=words, whose=PLACE_WORDS[StagePlace(step.place)], since=decided.theirs_since)


def _whose(words: str) -> str:
    """Whose turn it is by what the flag asks (“Operations: …; QA: …”); where it names nobody, quality assurance's."""
    heads = " ".join(ASKED.findall(words))
    asked = [role for role, name in WHO_ACTS.items() if name in heads] or [Role.QA]
    place = "one of the order’s sites" if Role.SITE_COORDINATOR in asked else "the plant"
    return f"{' or '.join(ROLE_WORDS[role] for role in asked)} of {place}"


def is_used(stop: Stop, runs: Mapping[str, RunState]) -> bool:
    """Whether it says that cells were used whose permitted wait was over, and nobody has decided on them."""
    run = runs.get(stop.stage)
    is_begun = run is None or bool(run.started_at or run.is_done)
    return stop.doubt == Doubt.CELLS and stop.settlement is None and is_begun


def _next_kept(state: OrderState) -> list[str]:
    """What must not happen to the dose next: its release, then its transport, then its infusion; nothing once that has
    begun."""
    stages = state.flow.stages.values()
    if not all(state.run_of(one.code).is_done for one in stages if one.kind == StageKind.RELEASE):
        return ["the dose must not be released"]
    ways = [one for one in stages if one.direction == Direction.OUTBOUND] + [state.flow.stages[state.flow.exit]]
    runs = {one.name: state.run_of(one.code) for one in ways}
    return [f"{name} must not start" for name, run in runs.items() if not (run.started_at or run.is_done)][:1]


def to_judge(stop: Stop, state: OrderState) -> NextStep:
    """The decision on cells that were used although they are in doubt."""
    kept = [*_next_kept(state), "the order cannot be closed"]
    return _asked_first(stop, StagePlace.PLANT, ", and ".join(kept))


def to_pack_anew(stop: Stop, stage: StagePlan) -> NextStep:
    """What comes before a transport whose cells are in a shipper that does not keep them."""
    place = StagePlace.COLLECTION_SITE if stage.direction == Direction.INBOUND else StagePlace.PLANT
    return _asked_first(stop, place, f"{stage.name} must not start")


def _asked_first(stop: Stop, place: StagePlace, kept: str) -> NextStep:
    why = f"{stop.why} Until {stop.end.until}, {kept}."
    said = (stop.stage, "", StageStatus.READY.value, stop.next_step, place.value, _whose(stop.next_step))
    return NextStep(*said, stop.theirs_since, why=why, is_asked=True)
