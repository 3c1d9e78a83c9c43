"""What a reporting system may say of an order: the scope that each kind of report needs (21 CFR 11.10(g)).

A system is always heard: what it says is a fact, and kept. Without the scope a critical flag names it, and where its
word alone would let something go on or end it (is_decision) it does not count until somebody says it who may. Facts
that stop or warn (failed, held) count whoever says them, and so does work that was done: cells do not wait for rights.
But of that only that it was done: what is said beside it (numbers, plans, by whom) needs the right.
"""

from collections.abc import Collection, Mapping

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.orders.rules.duties import SKIPPED_BY_QUALITY
from supplychain.orders.statuses import (
    LABEL_KINDS,
    MATERIAL_KINDS,
    PACKING_ENDS,
    TRANSPORT_KINDS,
    MaterialStatus,
    OrderEventKind,
    StageEventKind,
)
from supplychain.systems.statuses import ReportScope

# Whoever may place orders says with the order by when it is wanted, and asks the plant to hold, postpone or cancel it;
# what was promised changes only by who promises.
PLACE = "orders:write"

# Any one of these is enough; the first is the one that is named where all are missing.
Options = tuple[str, ...]
# Whoever works with the cells sees into whose hands they go.
HANDLES: Options = (
    ReportScope.TRANSPORT, ReportScope.CUSTODY, ReportScope.COLLECTION, ReportScope.MANUFACTURING,
    ReportScope.INFUSION,
)  # fmt: skip
OF_THE_ORDER: Mapping[str, Options] = {
    OrderEventKind.ORDERED: (ReportScope.PROMISE, PLACE),
    OrderEventKind.CONFIRMED: (ReportScope.PROMISE,),
    OrderEventKind.PROMISED: (ReportScope.PROMISE,),
    OrderEventKind.HELD: (ReportScope.HOLD,),
    OrderEventKind.RESUMED: (ReportScope.HOLD,),
    OrderEventKind.CANCELLED: (ReportScope.CANCEL,),
    OrderEventKind.CLOSED: (ReportScope.CLOSE,),
    OrderEventKind.HANDED_OVER: HANDLES,
    OrderEventKind.CHANGE_ASKED: (PLACE,),
    OrderEventKind.TAKEN_BACK: (PLACE,),
    OrderEventKind.ANSWERED: (ReportScope.PROMISE,),
    **dict.fromkeys(MATERIAL_KINDS | LABEL_KINDS, (ReportScope.MATERIALS,)),
}
OF_STAGES: Mapping[str, ReportScope] = {kind.value: ReportScope[kind.name] for kind in StageKind}
OPENS_ATTEMPT: Options = (ReportScope.NEW_ATTEMPT,)
# What is said of a material and decides on the dose: the right to that, besides the one to speak of materials.
OF_STATUSES: Mapping[str, ReportScope] = {
    MaterialStatus.RELEASED: ReportScope.RELEASE,
    MaterialStatus.INFUSED: ReportScope.INFUSION,
}
# The ends of a transport are seen by those who hand over and those who take in.
HAND_OVERS: Mapping[tuple[str, str], Options] = {
    (Direction.INBOUND, StageEventKind.STARTED): (ReportScope.COLLECTION,),
    (Direction.INBOUND, StageEventKind.COMPLETED): (ReportScope.MANUFACTURING,),
    (Direction.OUTBOUND, StageEventKind.STARTED): (ReportScope.MANUFACTURING,),
    (Direction.OUTBOUND, StageEventKind.COMPLETED): (ReportScope.CUSTODY, ReportScope.INFUSION),
}
GOES_ON = frozenset({StageEventKind.RESUMED, StageEventKind.SKIPPED})
# All that these say are numbers, plans and moments of others' work.
SAYS_DETAILS = TRANSPORT_KINDS | {StageEventKind.SCHEDULED, StageEventKind.NOTE, StageEventKind.COLLECTION_CHECKED}
# What counts whoever says it: it stops, asks, says where the cells are, or that there is a label to be accounted for.
NO_DECISION = frozenset(
    {OrderEventKind.HELD, OrderEventKind.CHANGE_ASKED, OrderEventKind.HANDED_OVER, OrderEventKind.LABEL_PRINTED}
)
# A test that is completed was passed; a dose that was given is watched no more.
VERDICTS: Mapping[str, frozenset[str]] = {
    StageKind.QUALITY_CONTROL: frozenset({StageEventKind.COMPLETED}),
    StageKind.RELEASE: frozenset({StageEventKind.STARTED, StageEventKind.COMPLETED}),
    StageKind.INFUSION: frozenset({StageEventKind.STARTED, StageEventKind.COMPLETED}),
}


def lacked_scope(
    held: Collection[str],
    plan: StagePlan | None,
    kind: str,
    *,
    opens_attempt: bool = False,
    says_details: bool = True,
    status: str = "",
) -> str:
    """The scope that a system with the scopes `held` lacks to say `kind` of the stage (None: of the order); else empty.

    `says_details`: the report carries numbers or moments that the stage keeps; a mere note needs no right but that to
    open the attempt which it names; taking back one's own word, and what an identity check found, need none here.
    `status`: what it says of a material.
    """
    if kind in (StageEventKind.WITHDRAWN, OrderEventKind.MISMATCH):
        return ""
    is_mere_note = kind == StageEventKind.NOTE and not says_details
    needed = ([] if is_mere_note else [_options(plan, kind)]) + ([OPENS_ATTEMPT] if opens_attempt else [])
    if status in OF_STATUSES:
        needed.append((OF_STATUSES[status],))
    for options in needed:
        if not any(option in held for option in options):
            return str(options[0])
    return ""


def _options(plan: StagePlan | None, kind: str) -> Options:
    if plan is None:
        return OF_THE_ORDER[kind]
    own = OF_STAGES[plan.kind]
    if kind == StageEventKind.SKIPPED and plan.kind in SKIPPED_BY_QUALITY:
        return (ReportScope.RELEASE,)
    if kind in (StageEventKind.HELD, StageEventKind.RESUMED):
        return (own, ReportScope.RELEASE)
    return (own, *HAND_OVERS.get((plan.direction, PACKING_ENDS.get(kind, kind)), ()))


def is_decision(plan: StagePlan | None, kind: str, *, opens_attempt: bool = False) -> bool:
    """Whether the word alone lets something go on or ends it: then it counts only from somebody who may say it."""
    if plan is None:
        return kind not in NO_DECISION
    return opens_attempt or kind in GOES_ON | SAYS_DETAILS or kind in VERDICTS.get(plan.kind, ())
