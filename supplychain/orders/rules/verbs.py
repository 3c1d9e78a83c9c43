"""What was reported, in words: one verb for the button, its dialog, the event, the status and what flags say of it."""

from collections.abc import Mapping
from typing import Any

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.agreed_ends import is_new_end
from supplychain.orders.statuses import OrderEventKind, StageEventKind

# Said as a plan of a stage at work: its end, which lies later than planned.
NEW_END = "new_end"
VERBS: dict[str, str] = {
    NEW_END: "new expected end",
    StageEventKind.SCHEDULED: "booked",
    StageEventKind.STARTED: "started",
    StageEventKind.COMPLETED: "completed",
    StageEventKind.FAILED: "failed",
    StageEventKind.HELD: "put on hold",
    StageEventKind.RESUMED: "resumed",
    StageEventKind.SKIPPED: "skipped",
    StageEventKind.NOTE: "note or correction",
    StageEventKind.COLLECTION_CHECKED: "record and checklist",
    StageEventKind.SHIPMENT_DELAYED: "delayed",
    StageEventKind.SHIPMENT_REROUTED: "rerouted",
    StageEventKind.SHIPMENT_PACKED: "packed",
    StageEventKind.SHIPMENT_UNPACKED: "unpacked",
    StageEventKind.WITHDRAWN: "a report said to be wrong",
}
# Of a stage's kind that has a verb of its own.
VERBS_OF_KIND: dict[tuple[str, str], str] = {
    (StageKind.TRANSPORT, NEW_END): "new expected delivery",
    (StageKind.TRANSPORT, StageEventKind.STARTED): "handed to the courier",
    (StageKind.TRANSPORT, StageEventKind.COMPLETED): "delivered",
    (StageKind.RELEASE, StageEventKind.STARTED): "review started",
    (StageKind.RELEASE, StageEventKind.COMPLETED): "released",
    (StageKind.RELEASE, StageEventKind.FAILED): "rejected",
}
# What is no deed of the stage, and the kinds of stages whose name is no subject of their verbs.
APART = frozenset({NEW_END, StageEventKind.NOTE, StageEventKind.COLLECTION_CHECKED, StageEventKind.WITHDRAWN})
KINDS_APART = frozenset({StageKind.TRANSPORT, StageKind.RELEASE})
OF_ORDER: dict[str, str] = {
    OrderEventKind.ORDERED: "Order placed",
    OrderEventKind.CONFIRMED: "Order confirmed",
    OrderEventKind.PROMISED: "Date promised",
    OrderEventKind.HELD: "Order put on hold",
    OrderEventKind.RESUMED: "Order resumed",
    OrderEventKind.CANCELLED: "Order cancelled",
    OrderEventKind.CLOSED: "Order closed",
    OrderEventKind.HANDED_OVER: "Cells handed over",
    OrderEventKind.WITNESSED: "Confirmed by a second person",
    OrderEventKind.SETTLED: "Flag settled",
    OrderEventKind.EXCURSION_DECIDED: "Excursion decided on",
    OrderEventKind.MISMATCH: "Identity mismatch",
    OrderEventKind.RESOLVED: "Identity mismatch resolved",
    OrderEventKind.CHANGE_ASKED: "Change asked for",
    OrderEventKind.TAKEN_BACK: "Request taken back",
    OrderEventKind.ANSWERED: "Request answered",
    OrderEventKind.WITHDRAWN: "Order: a report said to be wrong",
    OrderEventKind.MATERIAL: "Material recorded",
    OrderEventKind.MATERIAL_IS: "Status of a material set",
    OrderEventKind.LOT_USED: "Lot used",
    OrderEventKind.LABEL_PRINTED: "Label printed",
    OrderEventKind.LABEL_USED: "Label used",
    OrderEventKind.LABEL_SPOILED: "Label spoiled",
    OrderEventKind.LABEL_DESTROYED: "Label destroyed",
}


def kind_said(kind: str, payload: Mapping[str, Any]) -> str:
    """The kind of a report as its words have it: a plan that says an end alone is NEW_END."""
    return NEW_END if kind == StageEventKind.SCHEDULED and is_new_end(payload) else kind


def verb_of(stage_kind: str, kind: str) -> str:
    """“started”, “delivered”, “released”."""
    return VERBS_OF_KIND.get((stage_kind, kind)) or VERBS.get(kind, kind)


def event_words(plan: StagePlan | None, kind: str) -> str:
    """A report in words: “Expansion started”, “Disposition: released”, “Order placed”; None: of the whole order."""
    if plan is None:
        return OF_ORDER.get(kind) or f"Order {VERBS.get(kind, kind)}"
    return named_event_words(plan.name, plan.kind, kind)


def event_subject(plan: StagePlan | None, kind: str) -> str:
    """The same as the subject of a sentence: in quotation marks where a colon stands in it."""
    words = event_words(plan, kind)
    return f"“{words}”" if ": " in words else words


def event_words_in(stages: Mapping[str, StagePlan], stage: str, kind: str) -> str:
    """The same by the stage's code (empty: of the whole order); one of a flow that is gone by its code."""
    if stage and stage not in stages:
        return named_event_words(stage.replace("_", " ").capitalize(), "", kind)
    return event_words(stages[stage] if stage else None, kind)


def named_event_words(name: str, stage_kind: str, kind: str) -> str:
    """The same of a stage by its name and kind."""
    is_apart = kind in APART or stage_kind in KINDS_APART
    return f"{name}{':' if is_apart else ''} {verb_of(stage_kind, kind)}"
