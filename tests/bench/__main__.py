"""`make bench` (or `make bench ARGS=--full`): measures, prints, keeps the figures in var/bench/result.json.

`--write` puts them into docs/benchmarks.md, too. A figure that misses its target is said to; the exit code is 0 all the
same.
"""

import logging
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from tests.bench import (  # fmt: skip
    bulk,
    chain,
    forecasts,
    growth,
    judgement,
    judging,
    pages,
    posting,
    programs,
    servers,
    smoke,
    steps,
    verifying,
    visibility,
)
from tests.bench.databases import databases
from tests.bench.figures import Report
from tests.bench.inside import inside
from tests.bench.machine import machine_facts, said
from tests.bench.making import Making, made
from tests.bench.page import write_page
from tests.bench.sizes import FULL, SMALL, with_orders
from tests.bench.stage import BASELINE, CHAIN, CHAIN_FEW, FEW, LINE, MANY, WORLDS, Stage

SERVER_ORDERS = 3_000
log = logging.getLogger(__name__)
RESULT = programs.FOLDER.path / "result.json"
# What needs no world of many orders.
APART: dict[str, Callable[[Report, Making], None]] = {
    "simulation": lambda report, _: judgement.measure(report),
    "forecasts": lambda report, making: forecasts.measure(report, making.line.result()),
    "pages": lambda report, making: pages.measure(report, making.pages.result()),
    "chain": lambda report, making: chain.measure(report, making.chain.result(), making.sizes),
}
WORLD_OF = {"forecasts": "line", "pages": "pages", "chain": "chain"}  # making.OF_KIND
# In this order: visibility takes places away.
SECTIONS: dict[str, Callable[[Report, Stage], None]] = {
    "growth": growth.measure,
    "steps": steps.measure,
    "posting": posting.measure,
    "bulk": bulk.measure,
    "judging": judging.measure,
    "visibility": visibility.measure,
    "verifying": verifying.measure,
}


def main() -> int:
    """Run the whole bench or the named sections; 0 unless something could not be measured."""
    options, start = _options(), time.monotonic()
    with databases(BASELINE, FEW, MANY, LINE, CHAIN_FEW, CHAIN, *WORLDS):
        report = Report(machine_facts(BASELINE, programs.FOLDER.path))
        print(said(report.facts), flush=True)
        if options.smoke or options.servers:
            return smoke.measure(report) if options.smoke else _compare_servers(report)
        failed = _measure(report, options)
    report.write(RESULT)
    if options.write:
        write_page(report)
    print(f"\n{report.verdict()} {time.monotonic() - start:.0f} s; figures in {RESULT}")
    if failed:
        print(f"Could not be measured: {', '.join(failed)}. Why stands above.")
    return 1 if failed else 0


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="longer and more rounds")
    parser.add_argument("--only", nargs="+", choices=[*APART, *SECTIONS], metavar="SECTION",
                        help=f"these sections alone: {', '.join([*APART, *SECTIONS])}")  # fmt: skip
    parser.add_argument("--orders", type=int, help="so many open orders instead of 20,000, to try a section")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    parser.add_argument("--smoke", action="store_true", help="count what a small world costs, without times")
    parser.add_argument("--servers", action="store_true", help="compare application servers instead")
    options = parser.parse_args()
    if options.write and options.orders:
        parser.error("--write is for figures of the whole world: leave out --orders.")
    return options


def _compare_servers(report: Report) -> int:
    with inside(MANY) as (many,):
        servers.measure(report, many, many.do("build", SERVER_ORDERS))
    return 0


def _measure(report: Report, options: Namespace) -> list[str]:
    """Measure the sections that are asked for; returns those that could not be."""
    names = options.only or [*APART, *SECTIONS]
    apart, staged = ([name for name in which if name in names] for which in (APART, SECTIONS))
    sizes = FULL if options.full else SMALL
    sizes = with_orders(sizes, options.orders) if options.orders else sizes
    wanted = [WORLD_OF[name] for name in apart if name in WORLD_OF] + (["stage"] if staged else [])
    with made(sizes, wanted) as making:
        failed = [name for name in apart if not _timed(name, APART[name], report, making)]
        if staged:
            stage = making.stage()
            failed += [name for name in staged if not _timed(name, SECTIONS[name], report, stage)]
    return failed


def _timed(name: str, measure: Callable[..., None], *given: Any) -> bool:
    """Say what the section itself took, so that one sees what to cut; of one that fails, why: the others go on."""
    start = time.monotonic()
    try:
        measure(*given)
    except Exception:
        log.exception("section could not be measured; the others go on: %s", name)
        return False
    print(f"  ({name}: {time.monotonic() - start:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
