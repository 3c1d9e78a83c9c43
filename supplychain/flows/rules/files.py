"""Reads a flow file: YAML to plain values, with the line of every field, so that a problem can say where it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from supplychain.nesting import MOST_LEVELS

LARGEST_FILE = 200_000  # characters; a flow of a hundred stages has some 30,000
Path = tuple[str | int, ...]
# YAML 1.1 reads 24:00 as 1,440, 010 as 8 and 2026-01-01 as a date: nobody who writes a duration means that.
_SURPRISING_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing that is wrong with a file: where, and what to do about it."""

    path: Path
    line: int | None
    text: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        where += [written(self.path)] if self.path else []
        return f"{', '.join(where) or 'file'}: {self.text}"


@dataclass(slots=True)
class Document:
    """A file's content as plain dicts, lists and scalars, with the line (from 1) of each path."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)

    def say(self, path: Path, text: str) -> None:
        """Note a problem at this path, or at the nearest line above it that the file has."""
        known = next((path[:size] for size in range(len(path), -1, -1) if path[:size] in self.lines), ())
        self.problems.append(FileProblem(path, self.lines.get(known), text))

    def sorted_problems(self) -> tuple[FileProblem, ...]:
        """Every problem once, in the order of the file."""
        return tuple(sorted(dict.fromkeys(self.problems), key=lambda problem: problem.line or 0))


def written(path: Path) -> str:
    """A path as people write it: `stages[3].after[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_document(text: str) -> Document:
    """Read one YAML document safely (no objects, no aliases); what cannot be read is in its `problems`."""
    document = Document()
    if len(text) > LARGEST_FILE:
        document.say((), f"the file is longer than {LARGEST_FILE:,} characters; is it really a flow?")
        return document
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
        if root is not None:
            document.value = _plain(loader, root, (), document)
    except yaml.MarkedYAMLError as error:
        _say_unreadable(document, error)
    except yaml.YAMLError as error:
        document.say((), f"this is no YAML text: {' '.join(str(error).split())}")
    return document


class _PlainLoader(yaml.SafeLoader):
    """A safe loader that refuses aliases (a few lines of them can stand for gigabytes) and deep nesting."""

    levels = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="an alias (*name); write the text out instead", problem_mark=mark)
        if self.levels > MOST_LEVELS:
            raise yaml.MarkedYAMLError(problem="fields nested too deeply", problem_mark=self.peek_event().start_mark)
        self.levels += 1
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node


def _say_unreadable(document: Document, error: yaml.MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    document.lines[()] = mark.line + 1 if mark else 1
    document.say((), f"YAML cannot be read here: {error.problem or error.context}")


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: Path, document: Document) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, index), document) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return dict(_fields(loader, node, path, document))
    if node.tag in _SURPRISING_TAGS and (":" in node.value or "-" in node.value[1:] or _has_leading_zero(node.value)):
        return node.value
    return loader.construct_object(node, deep=True)


def _has_leading_zero(text: str) -> bool:
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits[1] != "."


def _fields(
    loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path, document: Document
) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        line = key_node.start_mark.line + 1
        if key in seen:
            text = f"the field “{key}” stands here a second time (first on line {seen[key]})"
            document.problems.append(FileProblem((*path, key), line, text))
            continue
        seen[key] = document.lines[(*path, key)] = line
        yield key, _plain(loader, value_node, (*path, key), document)
