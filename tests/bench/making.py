"""The worlds of the sections, made before anything is measured and at the same time: making one keeps a processor busy.

What several begin with is made once and copied as a whole database.
"""

import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.bench import baselines, programs
from tests.bench.databases import copy
from tests.bench.inside import Inside, inside
from tests.bench.journeys import Journey
from tests.bench.sizes import Sizes
from tests.bench.stage import (
    BASELINE,
    CHAIN,
    CHAIN_FEW,
    FEW,
    LINE,
    LINE_ORDERS,
    MANY,
    OPEN,
    USUAL,
    WORLDS,
    YEARS,
    Stage,
)

# More than wait for each other.
MOST_AT_ONCE = 12
# What can be asked for, with its databases.
OF_KIND = {"line": (LINE,), "pages": tuple(WORLDS), "chain": (CHAIN_FEW, CHAIN), "stage": (FEW, MANY, BASELINE)}


@dataclass(slots=True)
class Making:
    """What is being made; a result that is asked for is waited for, and raises what made it fail."""

    sizes: Sizes
    line: "Future[Inside]"
    pages: "Future[dict[str, Inside]]"
    chain: "Future[dict[str, Inside]]"
    few: "Future[tuple[Inside, list[Journey]]]"
    many: "Future[tuple[Inside, list[Journey]]]"
    bare: "Future[str]"

    def stage(self) -> Stage:
        """What the sections of many open orders work with. A look at what came due while it was made comes first."""
        (few, few_journeys), (many, journeys), bare_token = self.few.result(), self.many.result(), self.bare.result()
        for one in (few, many):
            one.do("judge_all")
        folder, token = programs.FOLDER.path, many.do("token")
        return Stage(self.sizes, folder, few, many, few_journeys, journeys, token, bare_token)

    def of_kind(self, kind: str) -> Collection[Future]:
        """What belongs to one of OF_KIND."""
        return (self.few, self.many, self.bare) if kind == "stage" else (getattr(self, kind),)


@contextmanager
def made(sizes: Sizes, wanted: Collection[str]) -> Iterator[Making]:
    """The worlds that are asked for (OF_KIND), all of them made; there are no others."""
    names = [name for kind, databases in OF_KIND.items() if kind in wanted for name in databases]
    start = time.monotonic()
    with ExitStack() as open_worlds, ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        worlds = dict(zip(names, open_worlds.enter_context(inside(*names)), strict=True))
        making = Making(
            sizes,
            line=pool.submit(lambda: _line(worlds[LINE])),
            pages=pool.submit(lambda: _pages(worlds, pool)),
            chain=pool.submit(lambda: _chain(worlds, sizes)),
            few=pool.submit(lambda: _orders(worlds[FEW], sizes.few)),
            many=pool.submit(lambda: _orders(worlds[MANY], sizes.many)),
            bare=pool.submit(lambda: _bare(worlds[BASELINE])),
        )
        wait([one for kind in wanted for one in making.of_kind(kind)])
        print(f"worlds made in {time.monotonic() - start:.0f} s: {', '.join(names) or 'none'}", flush=True)
        yield making


def _orders(world: Inside, orders: int) -> tuple[Inside, list[Journey]]:
    journeys = world.do("build", orders)
    world.do("judge_all")
    world.do("count_rows")  # as autovacuum has in a day: until then a plan depends on whether it came in time
    return world, journeys


def _line(world: Inside) -> Inside:
    return _orders(world, LINE_ORDERS)[0]


def _bare(world: Inside) -> str:
    baselines.make_tables(BASELINE)
    return world.do("bare_token")


def _pages(worlds: dict[str, Inside], pool: ThreadPoolExecutor) -> dict[str, Inside]:
    """Two of them differ in nothing but the years."""
    large = pool.submit(lambda: _with_years(worlds[OPEN], _with_past(worlds[OPEN], OPEN), OPEN))
    past = _with_past(worlds[USUAL], USUAL)
    worlds[USUAL].do("let_go")
    copy(USUAL, YEARS)
    for one in [pool.submit(_with_years, worlds[name], past, name) for name in (USUAL, YEARS)]:
        one.result()
    large.result()
    return {name: worlds[name] for name in WORLDS}


def _chain(worlds: dict[str, Inside], sizes: Sizes) -> dict[str, Inside]:
    worlds[CHAIN].do("build_chain")
    worlds[CHAIN].do("let_go")
    copy(CHAIN, CHAIN_FEW)
    worlds[CHAIN].do("copy_chain", sizes.chain_copies)
    return {name: worlds[name] for name in (CHAIN_FEW, CHAIN)}


def _with_past(world: Inside, name: str) -> list[str]:
    world.do("build", WORLDS[name][0])
    return world.do("build_past")


def _with_years(world: Inside, past: list[str], name: str) -> None:
    world.do("copy_past", past, WORLDS[name][1])
    world.do("judge_all")
