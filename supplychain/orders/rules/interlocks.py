"""What critical flags keep people from reporting, and who may go on all the same.

Facts from systems are kept whatever is flagged. A person is told no where the identity of the cells, a test or the dose
is in doubt, until quality assurance says why it may go on (21 CFR 11.10(f), 211.192).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import HOLDS_CELLS, StageKind, StagePlace
from supplychain.orders.rules.duties import NEW_ATTEMPT, Roles, right_problem
from supplychain.orders.rules.flag_ends import SETTLED, FlagEnd
from supplychain.orders.rules.verbs import event_words
from supplychain.orders.statuses import LABEL_ENDS, TRANSPORT_KINDS, Doubt, OrderEventKind, StageEventKind
from supplychain.people.statuses import Role

# The field of a report's payload in which quality assurance says why it may go on.
OVERRIDE = "override"
# Of the report of a failure, to the people of a centre.
SAID_WRONG = (
    "is said to be wrong: a second person of quality assurance confirms or rejects that; until then discard nothing"
)
# Doubts that hang on a failure: they stop what the dose hangs on.
OF_FAILURE = (Doubt.FAILURE, Doubt.REPORT)
# What is asked and settled, and keeps nobody from any report.
KEEPS_NOBODY = (Doubt.SAID_WRONG, Doubt.CHECKLIST)
# On the way to whoever decides on them: rejected cells, too, are brought, taken in, and on record.
IS_BROUGHT = frozenset({StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.CUSTODY})
# What stops, says, or puts right: never kept from anybody.
NEVER_STOPPED = frozenset(
    {
        StageEventKind.NOTE, StageEventKind.COLLECTION_CHECKED, StageEventKind.HELD, StageEventKind.FAILED,
        StageEventKind.WITHDRAWN, *TRANSPORT_KINDS,
        OrderEventKind.CANCELLED, OrderEventKind.SETTLED, OrderEventKind.CHANGE_ASKED, OrderEventKind.TAKEN_BACK,
        OrderEventKind.ANSWERED, OrderEventKind.MATERIAL, OrderEventKind.LOT_USED, OrderEventKind.HANDED_OVER,
        OrderEventKind.EXCURSION_DECIDED, OrderEventKind.MISMATCH, OrderEventKind.RESOLVED, *LABEL_ENDS,
        OrderEventKind.WITNESSED,
    }
)  # fmt: skip


# What ends a step for those who work on it: its labels are accounted for before.
ENDS_STEP = frozenset({StageEventKind.COMPLETED, StageEventKind.SKIPPED})
LABELS_FIRST = "Mark each as used, spoiled or destroyed first, on the order’s page under “Labels”."


@dataclass(frozen=True, slots=True)
class Settlement:
    """What quality assurance decided of a flag; `beside`: what stands all the same (Stop)."""

    by: str
    reason: str
    settled_at: datetime
    beside: str = ""


class AskFirst(NamedTuple):
    """The stage before which a flag asks people to ask the plant, and why: “no place for Cell selection is sure”."""

    stage: str
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A critical flag of an order, as those who report must see it, or another that asks them to wait with a stage
    (`asks_first`; `is_critical`: which). `flag_id` None: not raised yet, found just now.

    `doubt`: what it puts in doubt (Doubt; empty: it is shown and keeps nobody from reporting);
    `since`: when what it tells of happened, where that is another moment than when the flag was raised;
    `key`: what tells it apart from the order's other flags; `beside`: what stands although this flag is settled;
    `is_tested_again`: what failed has begun again, so that its new result may be reported;
    `end`: how it ends, and whether anybody settles it;
    `keeps_start`: the stage itself is not begun either, as cells in a shipper that does not fit are not sent;
    `leaves_work`: settled or not, the order stands still until what it tells of has begun.
    """

    order_id: UUID
    flag_id: UUID | None
    words: str
    stage: str
    why: str
    next_step: str
    raised_at: datetime
    doubt: str = ""
    key: tuple[str, ...] = ()
    settlement: Settlement | None = None
    since: datetime | None = None
    beside: str = ""
    is_tested_again: bool = False
    leaves_work: bool = False
    keeps_start: bool = False
    asks_first: AskFirst | None = None
    is_critical: bool = True
    end: FlagEnd = SETTLED

    @property
    def is_to_pack_anew(self) -> bool:
        """Whether the cells wait in a shipper that does not keep them, and are packed anew: nobody decides on them."""
        return self.keeps_start and self.doubt == Doubt.CELLS and self.settlement is None

    @property
    def is_of_labels(self) -> bool:
        """Whether it is no flag, but tells of labels of a step (of the order) that are still open."""
        return self.doubt == Doubt.LABELS and not self.is_critical

    @property
    def theirs_since(self) -> datetime:
        """Since when the flag, or the decision on it, is a matter of whoever it asks: not since what it tells of."""
        return self.settlement.settled_at if self.settlement else self.raised_at


def is_dose_in_doubt(flow: FlowPlan, stage: str) -> bool:
    """Whether a failure of this stage puts the dose in doubt: a test, the release, or what comes after it."""
    plan = flow.stages.get(stage)
    if plan is None:
        return False
    return plan.kind == StageKind.QUALITY_CONTROL or decides_dose(flow, stage)


def decides_dose(flow: FlowPlan, stage: str) -> bool:
    """Whether it is the release of the dose or comes behind it: with it the cells go to the patient."""
    releases = [one.code for one in flow.stages.values() if one.kind == StageKind.RELEASE]
    return any(stage in flow.followers[code] for code in releases)


def stop_of_failure(order_id: UUID, flow: FlowPlan, stage: str, now: datetime) -> Stop:
    """The stop of a stage that was reported failed at this very moment."""
    why = f"{event_words(flow.stages[stage], StageEventKind.FAILED)}."
    return Stop(order_id, None, "Stage failed", stage, why, "", now, Doubt.FAILURE)


def is_failure_said_wrong(stops: Iterable[Stop], stage: str) -> bool:
    """Whether somebody says that the report of this failure is wrong, and no second person has decided on it."""
    return any(stop.doubt == Doubt.REPORT and stop.stage == stage and not stop.settlement for stop in stops)


def keeps_people_back(flow: FlowPlan, doubt: str, stage: str) -> bool:
    """Whether a flag that puts this in doubt at a stage keeps people from any report: a failure only where it puts the
    dose in doubt, and never what is only asked."""
    if doubt == Doubt.FAILURE:
        return is_dose_in_doubt(flow, stage)
    return bool(doubt) and doubt not in KEEPS_NOBODY


def binding_stops(flow: FlowPlan, stops: Iterable[Stop], kind: str, plan: StagePlan | None) -> list[Stop]:
    """Those of an order's critical flags that keep people from saying `kind` of a stage (None: of the whole order).

    A new attempt (duties.NEW_ATTEMPT) is what follows a failure; it is kept back by the other doubts, and while the
    report of the failure is said to be wrong: the cells may live. Tests go on: they work on samples, and may be what
    clears the doubt. Only what failed is not begun again without a reason.
    """
    if kind in NEVER_STOPPED:
        return []
    return [stop for stop in stops if stop.doubt and _is_open(flow, stop, plan) and _binds(flow, stop, kind, plan)]


def _is_open(flow: FlowPlan, stop: Stop, plan: StagePlan | None) -> bool:
    """Whether it stands without a decision. That what failed may begin again decides nothing of the dose."""
    if stop.settlement is None:
        return True
    is_behind = plan is not None and plan.code != stop.stage and decides_dose(flow, plan.code)
    return stop.doubt == Doubt.FAILURE and stop.leaves_work and is_behind


def _binds(flow: FlowPlan, stop: Stop, kind: str, plan: StagePlan | None) -> bool:
    if stop.doubt in KEEPS_NOBODY:
        return False
    if kind == OrderEventKind.LABEL_PRINTED:
        return stop.doubt == Doubt.IDENTITY  # nothing is labelled of which nobody knows whose it is
    if stop.is_of_labels:
        return _ends_step_of(stop, kind, plan)
    if stop.keeps_start and plan and (plan.code, kind) == (stop.stage, StageEventKind.STARTED):
        return True
    if stop.doubt == Doubt.REJECTED:
        return _uses_rejected(flow, stop, kind, plan)
    if stop.doubt in (Doubt.CELLS, Doubt.LABELS):
        is_behind = plan is not None and decides_dose(flow, plan.code) and not _says_where(kind, plan)
        return kind == OrderEventKind.CLOSED or is_behind
    if stop.doubt in OF_FAILURE and kind == NEW_ATTEMPT:
        return stop.doubt == Doubt.REPORT
    if stop.doubt in OF_FAILURE and not is_dose_in_doubt(flow, stop.stage):
        return False
    return not (plan and goes_on(stop, kind, plan))


def _says_where(kind: str, plan: StagePlan) -> bool:
    """Whether it says only that cells which had left arrived and were taken in: they are looked at where they are."""
    is_arrival = plan.kind == StageKind.TRANSPORT and kind in (StageEventKind.COMPLETED, StageEventKind.FAILED)
    return is_arrival or plan.kind == StageKind.CUSTODY


def _uses_rejected(flow: FlowPlan, stop: Stop, kind: str, plan: StagePlan | None) -> bool:
    """Whether it carries an order on with cells that quality assurance rejected. A new attempt takes others where it
    begins before the stage at which they were rejected; at a later one it would begin with the same."""
    if plan is None:
        return kind in (OrderEventKind.CLOSED, StageEventKind.COMPLETED)
    if kind == NEW_ATTEMPT:
        return stop.stage not in flow.followers[plan.code]
    is_used = is_made_of(flow, stop.stage, plan.code) and not _says_where(kind, plan)
    return is_used and not goes_on(stop, kind, plan)


def is_made_of(flow: FlowPlan, stage: str, code: str) -> bool:
    """Whether a stage (`code`) works on the cells as they were at another, `stage`, or gives what was made of them."""
    plan = flow.stages[code]
    is_behind = code != stage and code in flow.followers.get(stage, ())
    is_of_cells = plan.kind in HOLDS_CELLS and plan.kind not in IS_BROUGHT
    return is_behind and (is_of_cells or decides_dose(flow, code))


def are_rejected(stops: Iterable[Stop]) -> bool:
    """Whether quality assurance rejected the cells: then a new attempt needs no failure."""
    return any(stop.doubt == Doubt.REJECTED and stop.settlement is None for stop in stops)


def _ends_step_of(stop: Stop, kind: str, plan: StagePlan | None) -> bool:
    """Whether this ends the step to which open labels belong; those of no step belong to the whole order."""
    if not stop.stage:
        return kind == OrderEventKind.CLOSED
    return plan is not None and plan.code == stop.stage and kind in ENDS_STEP


def goes_on(stop: Stop, kind: str, plan: StagePlan) -> bool:
    """Whether a test is carried on although the flag stands."""
    if plan.kind != StageKind.QUALITY_CONTROL or kind in (StageEventKind.SKIPPED, NEW_ATTEMPT):
        return False
    is_its_own = stop.doubt in OF_FAILURE and stop.stage == plan.code
    return not is_its_own or (stop.is_tested_again and kind != StageEventKind.STARTED)


def may_override(plan: StagePlan | None, roles: Roles) -> bool:
    """Whether these are the roles of quality assurance of the plant, or of the place that performs the stage."""
    places = (StagePlace.PLANT, plan.place) if plan else (StagePlace.PLANT,)
    return any(Role.QA in roles.get(place, ()) for place in places)


def right_kept_from(plan: StagePlan | None, kind: str, roles: Roles, binding: Sequence[Stop]) -> str:
    """Why a person with these roles may not say `kind` at all; empty if they may. What `binding` flags keep from those
    who do it is quality assurance's to say, with a reason: else nobody could record where the cells are."""
    if binding and may_override(plan, roles):
        return ""
    return right_problem(plan, kind, roles)


def interlock_problem(
    plan: StagePlan | None, binding: Sequence[Stop], kind: str, *, override: str, roles: Roles
) -> str:
    """Why a person may not say `kind` while `binding` flags stand; empty if they may. An order is closed only once
    they are settled; anything else quality assurance may say with its reason (`override`)."""
    if not binding:
        return ""
    if all(stop.is_of_labels for stop in binding):
        return _labels_problem(plan, binding, override=override, roles=roles)
    binding = sorted(binding, key=lambda stop: stop.is_of_labels)
    why = f"Stopped by a critical flag: {binding[0].why}" + (f" ({len(binding) - 1} more.)" if binding[1:] else "")
    if kind == OrderEventKind.CLOSED:
        return f"{why} {binding[0].end.closing} first; then the order can be closed."
    if may_override(plan, roles):
        return "" if override else f"{why} Quality assurance gives a reason why it may go on all the same."
    return f"{why} Only quality assurance may go on, with a reason, or {binding[0].end.asked}: call them."


def _labels_problem(plan: StagePlan | None, binding: Sequence[Stop], *, override: str, roles: Roles) -> str:
    """The same where nothing but open labels keeps somebody from ending a step."""
    why = f"{' '.join(stop.why for stop in binding)} {LABELS_FIRST}"
    if not may_override(plan, roles):
        return f"{why} Where one cannot be found, quality assurance ends the step with a reason."
    return "" if override else f"{why} Or give a reason why the step ends all the same."
