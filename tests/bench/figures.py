"""What was measured: printed line by line and kept as JSON."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK, SHORT, INFORMATION = "ok", "short", ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the bench; `target` holds for `ratio` where there is one, else for `value`."""

    section: str
    name: str
    value: float
    unit: str
    baseline: str = ""
    ratio: float | None = None
    target: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty without one."""
        if self.target is None:
            return INFORMATION
        reached = self.value if self.ratio is None else self.ratio
        return OK if (reached <= self.target if self.at_most else reached >= self.target) else SHORT

    def line(self) -> str:
        """The figure for a person."""
        ratio = "" if self.ratio is None else f"{self.ratio:6.2f} × {self.baseline}"
        target = "" if self.target is None else f"{'at most' if self.at_most else 'at least'} {self.target:g}"
        return f"  {self.name:<58}{in_digits(self.value):>9} {self.unit:<10}{ratio:<32}{target:<16}{self.verdict}"


@dataclass(slots=True)
class Report:
    """Everything measured in one run, said as it comes."""

    facts: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def head(self, title: str) -> None:
        """Begin a section."""
        print(f"\n{title}", flush=True)

    def add(self, figure: Figure) -> None:
        """Keep and print a figure."""
        self.figures.append(figure)
        print(figure.line(), flush=True)

    def detail(self, name: str, rows: Any, text: str) -> None:
        """Keep rows for the JSON, print them as text."""
        self.details[name] = rows
        print(text, flush=True)

    def write(self, path: Path) -> None:
        """Keep the run for programs."""
        figures = [asdict(figure) | {"verdict": figure.verdict} for figure in self.figures]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"machine": self.facts, "figures": figures, "details": self.details}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def verdict(self) -> str:
        """One line on how many targets were met."""
        judged = [figure for figure in self.figures if figure.verdict]
        short = [figure.name for figure in judged if figure.verdict == SHORT]
        met = f"{len(judged) - len(short)} of {len(judged)} targets met"
        return f"{met}; short: {'; '.join(short)}" if short else f"{met}."


def in_digits(value: float) -> str:
    """Three significant digits, whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def median_ratio(values: Sequence[float], baselines: Sequence[float]) -> float:
    """Median of the ratios of neighbouring rounds: noise that lasts longer than two rounds cancels out."""
    return statistics.median(value / base for value, base in zip(values, baselines, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0–1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
