"""Where each stage of a flow stands in its drawing: columns from left to right by what a stage waits for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from supplychain.flows.rules.graphs import Graph, board_order
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StagePlace

# Pixels of the drawing before it is scaled.
BOX_WIDTH, BOX_HEIGHT = 172, 112
GAP_ACROSS, GAP_DOWN, MARGIN = 40, 20, 8
FIRST_LINE, LINE_HEIGHT, TEXT_INDENT = 20, 16, 10
NAME_LETTERS, NAME_LINES = 18, 2
FACT_LETTERS = 24
LONG_HOURS = 48  # from here on whole days are written as days

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a box at its place; `is_name`: part of the stage's name, else a fact."""

    text: str
    x: int
    y: int
    is_name: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A stage in the drawing, in pixels."""

    code: str
    title: str
    x: int
    y: int
    lines: tuple[TextLine, ...]
    stands_aside: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a stage to one that waits for it; `path` is an SVG path."""

    before: str
    after: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A flow drawn: its size and what stands in it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def columns(graph: Graph) -> dict[str, int]:
    """The column of each stage, from 0: one further than the furthest that it waits for (the longest way to it)."""
    found: dict[str, int] = {}
    for code in board_order(graph):
        found[code] = max((found[before] + 1 for before in graph[code]), default=0)
    return found


def cells(graph: Graph) -> tuple[dict[str, Cell], dict[tuple[str, str], list[Cell]]]:
    """(column, row) of each stage, and of the free places through which an arrow past a column runs.

    A stage stands in the first row of what it waits for or the next free one below; what others wait for comes first,
    so the main way stays straight.
    """
    column = columns(graph)
    awaited = {before for after in graph.values() for before in after}
    rows: dict[object, int] = {}
    bends: dict[tuple[str, str], list[Cell]] = {}
    for number in range(max(column.values(), default=-1) + 1):
        here: list[tuple[int, bool, int, object]] = []
        for order, code in enumerate(column):
            if column[code] == number:
                came_from = [rows[_step_before(graph, column, code, before)] for before in graph[code]]
                here.append((min(came_from, default=0), code not in awaited, order, code))
            for before in graph[code]:
                if column[before] < number < column[code]:
                    key = (before, code, number - 1) if number - 1 > column[before] else before
                    here.append((rows[key], True, order, (before, code, number)))
        free = 0
        for wanted, _, _, key in sorted(here, key=lambda entry: entry[:3]):
            rows[key] = max(free, wanted)
            free = rows[key] + 1
            if isinstance(key, tuple):
                bends.setdefault(key[:2], []).append((number, rows[key]))
    return {code: (column[code], rows[code]) for code in column}, bends


def _step_before(graph: Graph, column: Mapping[str, int], code: str, before: str) -> object:
    """What an arrow into `code` leaves last: the stage itself or the free place in the column before."""
    return before if column[before] == column[code] - 1 else (before, code, column[code] - 1)


def draw_flow(stages: Iterable[StagePlan]) -> Drawing:
    """The drawing of a flow's stages, which come in board order."""
    known = {stage.code: stage for stage in stages}
    graph = {code: stage.after for code, stage in known.items()}
    places, bends = cells(graph)
    boxes = tuple(_box(known[code], places[code]) for code in places)
    arrows = tuple(
        Arrow(before, code, _path(places[before], bends.get((before, code), []), places[code]))
        for code, after in graph.items()
        for before in after
    )
    taken = [*places.values(), *(cell for bent in bends.values() for cell in bent)]
    last_x, last_y = (max((_corner(cell)[axis] for cell in taken), default=0) for axis in (0, 1))
    return Drawing(last_x + BOX_WIDTH + MARGIN, last_y + BOX_HEIGHT + MARGIN, boxes, arrows)


def _corner(cell: Cell) -> tuple[int, int]:
    """Upper left corner of a cell."""
    return MARGIN + cell[0] * (BOX_WIDTH + GAP_ACROSS), MARGIN + cell[1] * (BOX_HEIGHT + GAP_DOWN)


def _box(stage: StagePlan, cell: Cell) -> Box:
    x, y = _corner(cell)
    names, facts = _name_lines(stage.name), [_shortened(fact, FACT_LETTERS) for fact in box_facts(stage)]
    lines = tuple(
        TextLine(text, x + TEXT_INDENT, y + FIRST_LINE + number * LINE_HEIGHT, number < len(names))
        for number, text in enumerate([*names, *facts])
    )
    return Box(stage.code, stage.name, x, y, lines, stage.may_end_after_release)


def box_facts(stage: StagePlan) -> list[str]:
    """What a box says below the name: durations, the longest wait before it, the pool, the place."""
    wait = stage.longest_wait_hours
    facts = [f"{duration(stage.planned_hours)}, at most {duration(stage.worst_hours)}"]
    facts += [f"wait at most {duration(wait)}"] if wait is not None else []
    facts += [f"{'keeps' if stage.keeps_pool else 'pool'} {stage.pool}"] if stage.pool else []
    return [*facts, f"at {StagePlace(stage.place).label.lower()}"]


def duration(hours: float) -> str:
    """Hours in few letters: `36 h`, `7 d`."""
    return f"{hours / 24:g} d" if hours >= LONG_HOURS and hours % 24 == 0 else f"{hours:g} h"


def _name_lines(name: str) -> list[str]:
    return wrap(name, NAME_LETTERS, max_lines=NAME_LINES, placeholder=" …") or [name]


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _path(start: Cell, bends: Sequence[Cell], end: Cell) -> str:
    """From the right side of one box, through the free places, to the left side of another."""
    x, y = _side(start, right=True)
    path = f"M{x} {y}"
    for cell in [*bends, end]:
        (into_x, into_y), half = _side(cell, right=False), GAP_ACROSS // 2
        path += f" C{x + half} {y} {into_x - half} {into_y} {into_x} {into_y}"
        x, y = _side(cell, right=True)
        path += f" H{x}" if cell != end else ""
    return path


def _side(cell: Cell, *, right: bool) -> tuple[int, int]:
    x, y = _corner(cell)
    return x + (BOX_WIDTH if right else 0), y + BOX_HEIGHT // 2
