"""What is said of a material: a bag, vial or cassette of one order, and the lots that went into it. Pure.

Three kinds of report of the whole order: that there is a material (`material`), what became of it (`material_is`), and
that a reagent or vector lot was used (`lot_used`). What each means for the rows: supplychain/materials/rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.rules.characters import canonical, identifier_problem, lookup_key
from supplychain.orders.rules.duties import MATERIAL_DECIDED
from supplychain.orders.statuses import LotKind, MaterialKind, MaterialStatus, OrderEventKind
from supplychain.reasons import says_nothing

MOST_NAME = 64  # characters of a number, lot, product or storage condition
MOST_PARENTS = 50
MOST_VOLUME_ML = 100_000
MOST_CELLS = 10**15
# These warn, whoever says them; these take the material on to the patient.
WARNINGS = frozenset({MaterialStatus.QUARANTINE, MaterialStatus.REJECTED, MaterialStatus.DESTROYED})
CARRIED_ON = frozenset({MaterialStatus.RELEASED, MaterialStatus.SHIPPED, MaterialStatus.INFUSED})
# What is given to the patient, and what became of it where it can be given no more.
DOSES = frozenset({MaterialKind.FINAL_BAG, MaterialKind.VIAL, MaterialKind.CASSETTE})
GONE = frozenset({MaterialStatus.REJECTED, MaterialStatus.DESTROYED})
DECISIONS = frozenset({MaterialStatus.RELEASED, MaterialStatus.REJECTED})
# Why it was said must be told with it.
NEEDS_REASON = GONE
NUMBERS = ("number", "lot")
# The lot of a kit is told in its collection's record.
REPORTED_LOTS = tuple((kind.value, kind.label) for kind in LotKind if kind != LotKind.KIT)
CHOICES = {
    (OrderEventKind.MATERIAL, "kind"): MaterialKind.values,
    (OrderEventKind.MATERIAL_IS, "status"): MaterialStatus.values,
    (OrderEventKind.LOT_USED, "kind"): [code for code, _ in REPORTED_LOTS],
}
REQUIRED = {
    OrderEventKind.MATERIAL: ("number",),
    OrderEventKind.MATERIAL_IS: ("number",),
    OrderEventKind.LOT_USED: ("product", "lot"),
}
TEXTS = ("number", "lot", "product", "component", "storage", "stage")


def status_said(kind: str, payload: Mapping[str, Any]) -> str:
    """The status that a report gives a material; empty: it gives none."""
    return str(payload.get("status", "")) if kind == OrderEventKind.MATERIAL_IS else ""


def kind_meant(kind: str, payload: Mapping[str, Any]) -> str:
    """What a report of a material comes to, for who may say it: a decision on it is no mere status."""
    return MATERIAL_DECIDED if status_said(kind, payload) in DECISIONS else kind


def warns(kind: str, payload: Mapping[str, Any]) -> bool:
    """Whether it says that a material is kept back or gone: that counts whoever says it."""
    return status_said(kind, payload) in WARNINGS


def carries_on(kind: str, payload: Mapping[str, Any]) -> bool:
    """Whether it takes a material on to the patient, from which a critical flag keeps people."""
    return status_said(kind, payload) in CARRIED_ON


def is_said_late(kind: str, payload: Mapping[str, Any]) -> bool:
    """Whether it may well be said after its order has ended: what is recorded late, kept or destroyed."""
    return kind in REQUIRED and not carries_on(kind, payload)


def stage_meant(flow: FlowPlan, kind: str, payload: Mapping[str, Any]) -> StagePlan | None:
    """The stage whose people say it: where it was made or used, and of a decision the one that decides; None: any."""
    match status_said(kind, payload):
        case MaterialStatus.RELEASED | MaterialStatus.REJECTED:
            return next((plan for plan in flow.stages.values() if plan.kind == StageKind.RELEASE), None)
        case MaterialStatus.INFUSED:
            return flow.stages.get(flow.exit)
    return flow.stages.get(str(payload.get("stage", "")))


def names_stage(kind: str) -> bool:
    """Whether it is a report of the whole order that names its stage beside it: of a material, or of a label."""
    return kind in REQUIRED or kind == OrderEventKind.LABEL_PRINTED


def material_stage_problem(kind: str, payload: Mapping[str, Any], flow: FlowPlan) -> str:
    """Why the order's flow does not know the stage that the payload names; empty if it does, or none is named."""
    stage = payload.get("stage") if names_stage(kind) else None
    if not isinstance(stage, str) or not stage or stage in flow.stages:
        return ""  # what is no text is told of with the payload
    return f"payload.stage: “{stage}” is no stage of {flow.code} v{flow.version}; use one of {', '.join(flow.stages)}."


def names_in(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers in a payload in the one form in which they are stored."""
    if kind not in REQUIRED:
        return {}
    said: dict[str, Any] = {
        name: canonical(payload[name]) for name in (*NUMBERS, "product") if isinstance(payload.get(name), str)
    }
    if isinstance(parents := payload.get("parents"), list):
        said["parents"] = [canonical(one) if isinstance(one, str) else one for one in parents]
    return said


def material_problems(kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a payload of these kinds, each with its field in front."""
    if kind not in REQUIRED:
        return
    for name in TEXTS:
        if name in payload or name in REQUIRED[kind]:
            yield from _text_problems(name, payload.get(name), is_required=name in REQUIRED[kind])
    for (of_kind, name), choices in CHOICES.items():
        if of_kind == kind and payload.get(name) not in choices:
            yield f"payload.{name}: use one of {', '.join(choices)}."
    if kind == OrderEventKind.MATERIAL:
        yield from _measure_problems(payload)
        yield from _parent_problems(payload)
    elif status_said(kind, payload) in NEEDS_REASON and "reason" not in payload:
        yield "payload.reason: say why; a material is not rejected or destroyed without a reason."
    elif kind == OrderEventKind.LOT_USED and not (payload.get("number") or payload.get("stage")):
        yield "payload.number: name the material into which the lot went, or the stage that used it."


def _text_problems(name: str, value: Any, *, is_required: bool) -> Iterator[str]:
    if not isinstance(value, str) or says_nothing(value) or len(value) > MOST_NAME:
        yield f"payload.{name}: must be a text of 1 to {MOST_NAME} characters."
    elif name in NUMBERS and (problem := identifier_problem(value, is_required=is_required)):
        yield f"payload.{name}: {problem}"


def _measure_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    volume, cells = payload.get("volume_ml", 0), payload.get("cells", 0)
    if isinstance(volume, bool) or not isinstance(volume, int | float) or not 0 <= volume <= MOST_VOLUME_ML:
        yield f"payload.volume_ml: must be a number from 0 to {MOST_VOLUME_ML}, in millilitres."
    if isinstance(cells, bool) or not isinstance(cells, int) or not 0 <= cells <= MOST_CELLS:
        yield "payload.cells: must be a whole number of cells, such as 250000000."


def _parent_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    parents = payload.get("parents", [])
    if not isinstance(parents, list) or len(parents) > MOST_PARENTS or not all(isinstance(one, str) for one in parents):
        yield f"payload.parents: must be a list of at most {MOST_PARENTS} numbers of materials."
        return
    for one in parents:
        if problem := _number_problem(one):
            yield f"payload.parents: {problem}"
            return
    if lookup_key(str(payload.get("number", ""))) in map(lookup_key, parents):
        yield "payload.parents: a material is not made of itself; name those that it came from."


def _number_problem(text: str) -> str:
    if not text.strip():
        return "a number is empty; leave it out."
    return f"a number has at most {MOST_NAME} characters." if len(text) > MOST_NAME else identifier_problem(text)
