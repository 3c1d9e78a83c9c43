"""Checks a flow file: every problem at once, or a checked definition."""

from dataclasses import asdict, dataclass
from typing import Any

from supplychain.flows.rules.fields import (
    CODE_LENGTH,
    FLOW_FIELDS,
    PRODUCT_FIELDS,
    STAGE_FIELDS,
    FieldError,
    code,
    did_you_mean,
    read_fields,
)
from supplychain.flows.rules.files import Document, FileProblem, Path, read_document
from supplychain.flows.rules.graphs import board_order, entries, exits, find_cycle
from supplychain.flows.statuses import HOLDS_CELLS, StageKind

# What the simulation tells apart (batches/simulation/rules/network.py); journeys have some twelve.
MOST_STAGES = 63


@dataclass(frozen=True, slots=True)
class ProductDefinition:
    """A product that may take the flow; `default`: takes it when an order names no flow."""

    code: str
    name: str
    default: bool


@dataclass(frozen=True, slots=True)
class StageDefinition:
    """One checked stage. Durations in hours; `longest_wait_hours` None: any wait is permitted."""

    code: str
    name: str
    kind: str
    direction: str
    place: str
    after: tuple[str, ...]
    planned_hours: float
    worst_hours: float
    longest_wait_hours: float | None
    pool: str
    keeps_pool: bool
    may_end_after_release: bool
    words: dict[str, str]
    storage: dict[str, Any]
    checklist: list[Any]
    frozen_for_hours: float | None
    packing: list[Any]
    unpacking: list[Any]
    two_people: list[str]


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A checked flow; the stages stand in board order: each after all it waits for."""

    code: str
    name: str
    restart_stage: str
    signed_acts: list[str]
    stages: tuple[StageDefinition, ...]
    products: tuple[ProductDefinition, ...]

    def as_json(self) -> dict[str, Any]:
        """The journey itself as JSON values, without its products: what makes two versions differ."""
        stages = [asdict(stage) | {"after": list(stage.after)} for stage in self.stages]
        for stage in stages:
            for name in ("words", "storage", "checklist", "frozen_for_hours", "packing", "unpacking", "two_people"):
                if not stage[name]:
                    del stage[name]  # as in versions from before there were any
        signed = {"signatures": self.signed_acts} if self.signed_acts else {}
        said = {"code": self.code, "name": self.name, "restart_stage": self.restart_stage}
        return said | signed | {"stages": stages}


@dataclass(frozen=True, slots=True)
class CheckedFlow:
    """What a check came to: a definition, or the problems that stand in its way."""

    definition: FlowDefinition | None
    problems: tuple[FileProblem, ...]


def check_flow(text: str) -> CheckedFlow:
    """Check the text of a flow file. Raises nothing: everything wrong is in `problems`, with its line."""
    document = read_document(text)
    if document.problems and document.value is None:
        return CheckedFlow(None, document.sorted_problems())
    if document.value is None:
        document.say((), "the file is empty")
        return CheckedFlow(None, document.sorted_problems())
    flow = read_fields(document.value, FLOW_FIELDS, (), document)
    products = _read_items(flow.get("products"), "products", PRODUCT_FIELDS, document)
    stages = _read_items(flow.get("stages"), "stages", STAGE_FIELDS, document)
    if len(stages) > MOST_STAGES:
        document.say(("stages",), f"there are {len(stages)} stages; at most {MOST_STAGES} can be simulated")
    for index, stage in enumerate(stages):
        _check_stage(stage, ("stages", index), document)
    _check_journey(flow.get("restart_stage"), stages, document)
    if document.problems:
        return CheckedFlow(None, document.sorted_problems())
    return CheckedFlow(_definition(flow, products, stages), ())


def _read_items(items: list[Any] | None, name: str, rules: dict[str, Any], document: Document) -> list[dict[str, Any]]:
    if items is None:
        return []
    if not items:
        document.say((name,), f"at least one of the {name} is needed")
    read = [read_fields(item, rules, (name, index), document) for index, item in enumerate(items)]
    first: dict[str, int] = {}
    for index, item in enumerate(read):
        seen = first.setdefault(item.get("code", ""), index)
        if item.get("code") and seen != index:
            document.say((name, index, "code"), f"“{item['code']}” is already the code of {name}[{seen}]")
    return read


def _check_stage(stage: dict[str, Any], path: Path, document: Document) -> None:
    after = stage.get("after")
    stage["after"] = _read_after(after or [], path, document)
    stage["after_is_whole"] = after is not None and len(stage["after"]) == len(set(map(str, after)))
    if "planned" in stage and "worst" in stage and stage["worst"] < stage["planned"]:
        text = f"the worst case ({stage['worst']:g} h) is shorter than planned ({stage['planned']:g} h)"
        document.say((*path, "worst"), text)
    is_transport, direction = stage.get("kind") == StageKind.TRANSPORT, stage.get("direction")
    if is_transport and direction == "":
        document.say((*path, "direction"), "a transport needs a direction: inbound or outbound")
    if "kind" in stage and direction and not is_transport:
        document.say((*path, "direction"), "only a transport has a direction")
    for name in ("checklist", "frozen_for"):
        if stage.get(name) and stage.get("kind") != StageKind.COLLECTION:
            document.say((*path, name), f"only a collection has “{name}”")
    for name in ("packing", "unpacking"):
        if stage.get(name) and "kind" in stage and not is_transport:
            document.say((*path, name), f"only a transport has “{name}”")
    if stage.get("two_people") and "kind" in stage and stage["kind"] not in HOLDS_CELLS:
        kinds = ", ".join(kind.value for kind in HOLDS_CELLS)
        document.say((*path, "two_people"), f"two people check cells, so only a stage that has them asks: {kinds}")


def _read_after(after: list[Any], path: Path, document: Document) -> dict[str, int]:
    """The codes waited for, each with its place in the list."""
    read: dict[str, int] = {}
    for index, value in enumerate(after):
        try:
            before = code(CODE_LENGTH)(value)
        except FieldError as error:
            document.say((*path, "after", index), str(error))
            continue
        if before in read:
            document.say((*path, "after", index), f"“{before}” stands here twice")
        read.setdefault(before, index)
    return read


def _check_journey(restart_stage: str | None, stages: list[dict[str, Any]], document: Document) -> None:
    by_code = {stage["code"]: stage for stage in stages if "code" in stage}
    if not stages or len(by_code) < len(stages):
        return  # what waits for what can only be told once every stage has a code of its own
    for index, stage in enumerate(stages):
        _check_kept_pool(stage, by_code, ("stages", index), document)
    if restart_stage is not None:
        _check_restart(restart_stage, by_code, document)
    all_known = _check_predecessors(by_code, document)
    if all_known and all(stage["after_is_whole"] for stage in stages):
        _check_shape(by_code, document)


def _check_predecessors(by_code: dict[str, dict[str, Any]], document: Document) -> bool:
    all_known = True
    for index, stage in enumerate(by_code.values()):
        for before, place in stage["after"].items():
            if before not in by_code:
                all_known = False
                text = f"no stage has the code “{before}”{did_you_mean(before, by_code)}"
                document.say(("stages", index, "after", place), text)
    return all_known


def _check_kept_pool(stage: dict[str, Any], by_code: dict[str, dict[str, Any]], path: Path, document: Document) -> None:
    if not stage.get("keeps_pool"):
        return
    here = (stage.get("pool"), stage.get("place"))
    before = [by_code[code] for code in stage["after"] if code in by_code]
    if not stage.get("pool"):
        document.say((*path, "keeps_pool"), "a stage that keeps its pool must name it in “pool”")
    elif not any((other.get("pool"), other.get("place")) == here for other in before):
        text = f"no stage before it holds the pool “{here[0]}” at the same place, so there is nothing to keep"
        document.say((*path, "keeps_pool"), text)


def _check_restart(restart_stage: str, by_code: dict[str, dict[str, Any]], document: Document) -> None:
    if restart_stage not in by_code:
        text = f"no stage has the code “{restart_stage}”{did_you_mean(restart_stage, by_code)}"
        document.say(("restart_stage",), text)
    elif by_code[restart_stage].get("may_end_after_release"):
        text = f"a new attempt from “{restart_stage}” would make no dose: it is marked may_end_after_release"
        document.say(("restart_stage",), text)


def _check_shape(by_code: dict[str, dict[str, Any]], document: Document) -> None:
    graph = {code: list(stage["after"]) for code, stage in by_code.items()}
    places = {code: index for index, code in enumerate(graph)}
    if cycle := find_cycle(graph):
        text = f"these stages wait for each other: {' → '.join([*cycle, cycle[0]])}"
        document.say(("stages", places[cycle[0]], "after"), text)
        return
    first, *others = entries(graph)
    for other in others:
        text = f"“{other}” waits for nothing, but the flow already begins with “{first}”; write its “after”"
        document.say(("stages", places[other]), text)
    late = {code for code, stage in by_code.items() if stage.get("may_end_after_release")}
    _check_exits([code for code in exits(graph) if code not in late], places, document)
    for code_, after in graph.items():
        for before in [] if code_ in late else [before for before in after if before in late]:
            text = f"“{code_}” must end before release, so it cannot wait for “{before}”, which may end after it"
            document.say(("stages", places[code_], "after"), text)


def _check_exits(ends: list[str], places: dict[str, int], document: Document) -> None:
    if not ends:
        document.say(("stages",), "no stage ends the flow: every last stage is marked may_end_after_release")
    for other in ends[:-1]:
        text = f"nothing waits for “{other}”, but the flow ends with “{ends[-1]}”; a flow has one end"
        document.say(("stages", places[other]), f"{text} (only a stage marked may_end_after_release may stand aside)")


def _definition(flow: dict[str, Any], products: list[dict[str, Any]], stages: list[dict[str, Any]]) -> FlowDefinition:
    by_code = {stage["code"]: stage for stage in stages}
    ordered = [by_code[code] for code in board_order({code: stage["after"] for code, stage in by_code.items()})]
    return FlowDefinition(
        code=flow["code"],
        name=flow["name"],
        restart_stage=flow["restart_stage"],
        signed_acts=flow["signatures"],
        stages=tuple(_stage_definition(stage) for stage in ordered),
        products=tuple(ProductDefinition(**product) for product in products),
    )


def _stage_definition(stage: dict[str, Any]) -> StageDefinition:
    hours = {f"{name}_hours": stage[name] for name in ("planned", "worst", "longest_wait", "frozen_for")}
    rest = {name: stage[name] for name in STAGE_FIELDS if f"{name}_hours" not in hours}
    return StageDefinition(**rest | hours | {"after": tuple(stage["after"])})
