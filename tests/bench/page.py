"""The tables of docs/benchmarks.md, written by the bench; what stands outside of the two marks is left alone.

A run replaces the sections that it measured; each says on what machine and of which commit.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import OK, Figure, Report, in_digits
from tests.bench.machine import in_one_line

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN = "<!-- From here to the end mark `make bench ARGS=--write` writes: change nothing by hand. -->"
END = "<!-- The end of what the bench writes. -->"
HEADING = "\n### "
TABLE_HEAD = ("| what | measured | in the same run | target | |", "|---|---|---|---|---|")


def write_page(report: Report) -> None:
    """Put the figures of this run there. Raises ValueError where the page has lost its marks."""
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), report), encoding="utf-8")


def with_figures(page: str, report: Report) -> str:
    """The page with the sections of this run in place of those of the same name; new ones stand last."""
    found = re.fullmatch(f"(.*{re.escape(BEGIN)}\n)(.*)({re.escape(END)}.*)", page, re.DOTALL)
    if not found:
        raise ValueError(f"docs/benchmarks.md has no place for figures: it wants the lines {BEGIN} and {END}")
    before, written, after = found.groups()
    sections = {part.partition("\n")[0]: part.rstrip() for part in written.split(HEADING)[1:]}
    for name in dict.fromkeys(figure.section for figure in report.figures):
        figures = [figure for figure in report.figures if figure.section == name]
        sections[name] = "\n".join(_section(name, in_one_line(report.facts), figures))
    return before + "".join(f"{HEADING}{part}\n" for part in sections.values()) + "\n" + after


def _section(name: str, facts: str, figures: Sequence[Figure]) -> Iterator[str]:
    yield from (name, "", facts, "", *TABLE_HEAD)
    yield from (f"| {' | '.join(_cells(figure))} |" for figure in figures)


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} × {figure.baseline}"
    target = "" if figure.target is None else f"{'at most' if figure.at_most else 'at least'} {figure.target:g}"
    reached = {OK: "reached", "": ""}.get(figure.verdict, "**missed**")
    return figure.name.strip(), f"{in_digits(figure.value)} {figure.unit}".strip(), ratio, target, reached
