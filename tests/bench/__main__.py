"""`make bench` (or `make bench ARGS=--full`): measures, prints, keeps the figures in var/bench/result.json.

A figure short of its target is said to be short; the exit code is 0 all the same.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import baselines, bulk, forecasts, growth, judgement, judging, pages, posting, programs, servers, steps
from tests.bench.databases import databases
from tests.bench.figures import Report
from tests.bench.inside import inside
from tests.bench.machine import machine_facts, said
from tests.bench.sizes import FULL, SMALL, Sizes
from tests.bench.stage import BASELINE, FEW, MANY, Stage

SERVER_ORDERS = 3_000
RESULT = programs.FOLDER.path / "result.json"


def main() -> int:
    """Run the whole bench; 0 unless something could not be measured."""
    options, start = _options(), time.monotonic()
    with databases(BASELINE, FEW, MANY):
        facts = machine_facts(BASELINE, programs.FOLDER.path)
        print(said(facts), flush=True)
        report = Report(facts)
        if options.servers:
            return _compare_servers(report)
        if not options.pages:
            judgement.measure(report)
            forecasts.measure(report)
        if options.judgement:
            return 0
        with _staged(report, FULL if options.full else SMALL) as stage:
            (_measure_pages if options.pages else _measure)(report, stage)
    report.write(RESULT)
    print(f"\n{report.verdict()} {time.monotonic() - start:.0f} s; figures in {RESULT}")
    return 0


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="longer and more rounds (about 20 minutes)")
    parser.add_argument("--pages", action="store_true", help="the pages alone")
    parser.add_argument("--judgement", action="store_true", help="forecast, ramp-up and active periods alone")
    parser.add_argument("--servers", action="store_true", help="compare application servers instead")
    return parser.parse_args()


def _compare_servers(report: Report) -> int:
    with inside(MANY) as (many,):
        servers.measure(report, many, many.do("build", SERVER_ORDERS))
    return 0


@contextmanager
def _staged(report: Report, sizes: Sizes) -> Iterator[Stage]:
    with inside(FEW, MANY, BASELINE) as (few, many, bare):
        report.head(f"Making {sizes.few:,} and {sizes.many:,} open orders with their events")
        few_journeys = few.do("build", sizes.few)
        start = time.monotonic()
        journeys = many.do("build", sizes.many)
        print(f"  {time.monotonic() - start:.0f} s", flush=True)
        baselines.make_tables(BASELINE)
        few.do("judge_all")
        start = time.monotonic()
        judged = many.do("judge_all")
        print(
            f"  first judgement of all: {judged / (time.monotonic() - start):,.0f} orders/s in one process", flush=True
        )
        tokens = {"token": many.do("token"), "bare_token": bare.do("bare_token")}
        yield Stage(sizes, programs.FOLDER.path, few, many, few_journeys, journeys, **tokens)


def _measure(report: Report, stage: Stage) -> None:
    growth.measure(report, stage)
    steps.measure(report, stage)
    with programs.web(MANY) as port:
        with programs.web(BASELINE, target="tests.bench.bare.wsgi:application") as bare_port:
            posting.measure(report, stage, port=port, bare_port=bare_port)
        bulk.measure(report, stage, port=port)
    judging.measure_rate(report, stage)
    with programs.web(MANY) as port:
        judging.measure_visibility(report, stage, port=port)
    _measure_pages(report, stage)


def _measure_pages(report: Report, stage: Stage) -> None:
    pages.measure_growth(report, stage)
    pages.measure_screen(report, stage)


if __name__ == "__main__":
    sys.exit(main())
