"""Flow files as people read them: a loaded flow written as a file again, and problems beside the lines they lie in."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from supplychain.flows.rules.checks import ProductDefinition
from supplychain.flows.rules.fields import STAGE_FIELDS
from supplychain.flows.rules.files import FileProblem, Path, read_document, written

MOST_SHOWN = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class ExplainedProblem:
    """A problem as a person sees it: the line with its text, the stage or product it belongs to, what to do."""

    line: int | None
    source: str
    subject: str
    field: str
    text: str


def explained(text: str, problems: Iterable[FileProblem]) -> list[ExplainedProblem]:
    """Each problem of a file with the line it stands in, and the name of the stage or product that it is about."""
    lines = text.splitlines()
    value = read_document(text).value
    return [_finding(problem, lines, value) for problem in problems]


def _finding(problem: FileProblem, lines: list[str], value: Any) -> ExplainedProblem:
    has_line = problem.line is not None and problem.line <= len(lines)
    source = lines[problem.line - 1].strip()[:MOST_SHOWN] if has_line else ""
    subject, rest = _subject(problem.path, value)
    return ExplainedProblem(problem.line if has_line else None, source, subject, written(rest), problem.text)


def _subject(path: Path, value: Any) -> tuple[str, Path]:
    """Whom the problem is about and the rest of the path: “stage harvest”, or “3rd stage” where it has no code."""
    if len(path) < 2 or path[0] not in ("stages", "products") or not isinstance(path[1], int):
        return "", path
    kind, number = str(path[0]).removesuffix("s"), path[1]
    try:
        code = value[path[0]][number]["code"]
    except (TypeError, KeyError, IndexError):
        code = None
    return (f"{kind} {code}" if isinstance(code, str) and code else f"{kind} number {number + 1}"), path[2:]


def write_flow(definition: Mapping[str, Any], products: Iterable[ProductDefinition]) -> str:
    """A flow file that reads back as this definition (`FlowDefinition.as_json`) for these products."""
    lines = ["# docs/flows.md explains every field. Durations are in hours."]
    lines += [f"{name}: {_scalar(definition[name])}" for name in ("code", "name")]
    lines += ["", "products:"]
    for product in products:
        lines += _item(asdict(product))
    lines += ["", f"restart_stage: {_scalar(definition['restart_stage'])}"]
    lines += [f"signatures: {_scalar(definition['signatures'])}"] if "signatures" in definition else []
    lines += ["", "stages:"]
    for stage in definition["stages"]:
        lines += [*_item(_stage_fields(stage)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _stage_fields(stage: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a stage as a file has them; those that say nothing are left out."""
    found = {}
    for name, rule in STAGE_FIELDS.items():
        value = stage.get(name, stage.get(f"{name}_hours", rule.default))
        if rule.required or value != rule.default:
            found[name] = value
    return found


def _item(fields: Mapping[str, Any]) -> list[str]:
    written_fields = [f"{name}: {_scalar(value)}" for name, value in fields.items()]
    return [f"  {'- ' if number == 0 else '  '}{text}" for number, text in enumerate(written_fields)]


def _scalar(value: Any) -> str:
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...").strip()
