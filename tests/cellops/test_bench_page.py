"""The bench writes its own tables into docs/benchmarks.md and leaves the rest of the page alone."""

import pytest

from tests.bench.figures import Figure, Report
from tests.bench.page import BEGIN, END, PAGE, with_figures

FACTS = {
    "measured_at": "2026-11-27T16:00:00+00:00", "commit": "abc123456", "processor": "A Processor", "processors": 2,
    "memory_gib": 23.5, "load_before": 0.1, "disk_sync_ms": 0.35, "python": "3.11.7",
    "postgres": {"server_version": "18.6"},
}  # fmt: skip
LINE = (
    "Measured on 2026-11-27 at commit abc123456: 2 × A Processor, 23.5 GiB, load 0.1 before the run, one disk sync "
    "0.35 ms, Python 3.11.7, PostgreSQL 18.6."
)
HEAD = "| what | measured | in the same run | target | |\n|---|---|---|---|---|\n"


def report(*figures: Figure) -> Report:
    return Report(FACTS, list(figures))


def a_page(*sections: str) -> str:
    return f"# Benchmarks\n\nBy hand.\n\n{BEGIN}\n{''.join(sections)}{END}\n\n## More by hand\n"


def test_a_run_writes_value_ratio_target_and_whether_it_is_reached():
    made = report(
        Figure("Growth", "one event", 8.61, "ms", "8.7 ms with few", 0.99, 1.2, at_most=True),
        Figure("Growth", "reviewing", 2509.0, "ms", target=150.0, at_most=True),
        Figure("Posting", "POST events/", 258.0, "a second"),
    )
    growth = (
        f"\n### Growth\n\n{LINE}\n\n{HEAD}"
        "| one event | 8.61 ms | 0.99 × 8.7 ms with few | at most 1.2 | reached |\n"
        "| reviewing | 2,509 ms |  | at most 150 | **missed** |\n"
    )
    posting = f"\n### Posting\n\n{LINE}\n\n{HEAD}| POST events/ | 258 a second |  |  |  |\n"
    assert with_figures(a_page(), made) == a_page(growth, posting, "\n")


def test_sections_that_were_not_measured_stay_and_those_that_were_are_written_anew():
    before = a_page("\n### Growth\n\nOld.\n", "\n### Pages\n\nKept.\n", "\n")
    after = with_figures(before, report(Figure("Growth", "one event", 9.0, "ms")))
    growth = f"\n### Growth\n\n{LINE}\n\n{HEAD}| one event | 9 ms |  |  |  |\n"
    assert after == a_page(growth, "\n### Pages\n\nKept.\n", "\n")
    assert with_figures(after, report(Figure("Growth", "one event", 9.0, "ms"))) == after


def test_a_page_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="has no place for figures"):
        with_figures("# Benchmarks\n", report())


def test_the_real_page_has_its_place_for_figures():
    assert PAGE.read_text(encoding="utf-8").count(BEGIN) == PAGE.read_text(encoding="utf-8").count(END) == 1
