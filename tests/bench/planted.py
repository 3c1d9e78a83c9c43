"""Lines of which it is known beforehand what limits them: one pool planted tighter than the others, or none.

Orders come at random (Poisson) and pass three pools one after the other, with room between them and first come, first
served; services are log-normal. The simulation is a few lines of its own, so that it shares no mistake with ours.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from math import log, sqrt
from typing import NamedTuple

import numpy as np

from batches.lines.rules.bottlenecks import BottleneckFinding, Root, find_bottleneck
from batches.lines.rules.confidence import FIRM
from batches.lines.rules.pools import PoolFacts
from batches.lines.rules.verdicts import FOLLOWED, after, limited, was_held_up
from batches.trials.rules.records import BEGIN, PoolRecord, line_pools, moment

EPOCH = BEGIN
POOLS = ("suite", "lane", "desk")
WARM_DAYS, DAYS = 60, 120
READ_DAYS = 28


class Site(NamedTuple):
    """Orders a week and places of the pools of a line."""

    per_week: float
    places: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PlantedLine:
    """One line: the pool that limits it until `moves_at` (days), then `then`; "" : none. Hours; arrays by order."""

    limits: str
    then: str
    moves_at: float
    places: Mapping[str, int]
    ready: Mapping[str, np.ndarray]
    start: Mapping[str, np.ndarray]
    end: Mapping[str, np.ndarray]
    service: Mapping[str, float]

    def right_at(self, day: float) -> str:
        """The pool that limits the line on a day."""
        return self.then if day >= self.moves_at else self.limits

    def facts_at(self, day: float, days: float = READ_DAYS) -> dict[str, PoolFacts]:
        """What the record says of the last days."""
        return {record.code: record.facts(day * 24, days * 24) for record in self.records}

    @property
    def records(self) -> list[PoolRecord]:
        """The pools in flow order."""
        return [
            PoolRecord(code, self.places[code], self.service[code], self.ready[code], self.start[code], self.end[code])
            for code in POOLS
        ]


def planted(
    seed: int, *, load: float, slower: float, moves: bool = False, spread: float = 0.4, site: Site | None = None
) -> PlantedLine:
    """A line whose tightest pool has this load (0–1), the others 1 / (1 + slower) of it; slower 0: none is planted.
    `site`: whose rate and places it has, else random ones."""
    luck = np.random.default_rng(seed)
    rate = luck.uniform(0.5, 4.0) / 24
    places = {code: int(luck.choice([1, 2, 4, 8])) for code in POOLS}
    if site:
        rate, places = site.per_week / 168, dict(zip(POOLS, site.places, strict=True))
    first, second = (str(code) for code in luck.choice(POOLS, 2, replace=False))
    moves_at = DAYS * 0.6 if moves else DAYS + 1.0
    count = int(luck.poisson(rate * DAYS * 24))
    came = np.sort(luck.uniform(0, DAYS * 24, count))
    ready: dict[str, np.ndarray] = {}
    start: dict[str, np.ndarray] = {}
    end: dict[str, np.ndarray] = {}
    service = {}
    arrives = came
    sigma = sqrt(log(1 + spread**2))
    for code in POOLS:
        tight = np.where(arrives < moves_at * 24, code == first, code == second)
        means = places[code] / rate * np.where(tight | (slower == 0), load, load / (1 + slower))
        hours = means * np.exp(luck.normal(-(sigma**2) / 2, sigma, count))
        ready[code] = arrives
        start[code], end[code] = _served(arrives, hours, places[code])
        service[code] = float(places[code] / rate * load)
        arrives = end[code]
    name, then = (first, second) if slower else ("", "")
    return PlantedLine(name, then if moves else name, moves_at, places, ready, start, end, service)


def _served(ready: np.ndarray, hours: np.ndarray, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of a queue with so many places, first come, first served."""
    start, end = np.empty(len(ready)), np.empty(len(ready))
    free = [0.0] * places
    for n in np.argsort(ready, kind="stable"):
        start[n] = max(ready[n], heappop(free))
        end[n] = start[n] + hours[n]
        heappush(free, end[n])
    return start, end


def verdicts(line: PlantedLine, every_days: float = 1.0) -> Iterator[tuple[float, BottleneckFinding]]:
    """The verdict of each day after the warm-up, each knowing the one before."""
    root: Root | None = None
    for day in np.arange(WARM_DAYS, DAYS, every_days):
        now = moment(float(day) * 24)
        finding = find_bottleneck(line_pools(line.records, float(day) * 24), root, now)
        root = Root(finding.pool, finding.since) if finding.pool and finding.since else None
        yield float(day), finding


@dataclass(slots=True)
class Tally:
    """What was said of lines of one kind, and how often it was right."""

    reviews: int = 0
    named: int = 0
    right: int = 0
    open: int = 0
    firm: int = 0
    firm_right: int = 0
    followed: int = 0
    shown: int = 0
    came: int = 0
    firm_followed: int = 0
    firm_came: int = 0

    def count(self, right: str, finding: BottleneckFinding) -> None:
        """One verdict more."""
        sure = finding.evidence["confidence"]
        self.reviews += 1
        if not finding.pool:
            return
        self.named += 1
        self.right += finding.pool == right
        self.open += bool(finding.evidence["not_told_apart"])
        if sure >= FIRM:
            self.firm += 1
            self.firm_right += finding.pool == right

    def follow(self, line: PlantedLine, day: float, finding: BottleneckFinding) -> None:
        """What the ledger will write of one verdict, whose four weeks lie within the time."""
        closed = day + FOLLOWED.days
        if closed > DAYS:
            return
        seen = after(line.facts_at(closed, FOLLOWED.days), EPOCH + timedelta(days=day))
        by = limited(seen)
        self.followed += 1
        self.shown += by == line.limits
        self.came += by == finding.pool if finding.pool else not was_held_up(seen)
        if finding.pool and finding.evidence["confidence"] >= FIRM:
            self.firm_followed += 1
            self.firm_came += by == finding.pool

    def ledger_row(self, kind: str) -> str:
        """The row of the table of what the ledger sees."""
        firm = f"{self.firm_came} of {self.firm_followed}" if self.firm_followed else "never"
        shares = f"{self.shown / self.followed:.2f} | {self.came / self.followed:.2f}"
        return f"| {kind} | {self.followed} | {shares} | {firm} |"

    def row(self, kind: str) -> str:
        """The row of the table in docs/judgement/bottleneck.md."""
        shares = (self.named / self.reviews, self.right / self.reviews, self.open / self.reviews)
        firm = f"{self.firm_right} of {self.firm}" if self.firm else "never"
        return f"| {kind} | {self.reviews} | " + " | ".join(f"{share:.2f}" for share in shares) + f" | {firm} |"


LOADS, SPREADS = (0.7, 0.8, 0.9), (0.2, 0.4, 0.8)
KINDS = {"none planted": 0.0, "10 % tighter": 0.1, "20 % tighter": 0.2, "30 % tighter": 0.3}


def table(lines: int, first_seed: int) -> list[str]:
    """How right the verdicts were on lines of each kind, and after how many days a moved bottleneck was named."""
    rows, ledger_rows = [], []
    for kind, slower in KINDS.items():
        tally = Tally()
        for number in range(lines):
            load = LOADS[number % 3] if not slower else (0.85, 0.92)[number % 2]
            line = planted(first_seed + number, load=load, slower=slower, spread=SPREADS[number // 3 % 3])
            for day, finding in verdicts(line, every_days=5.0):
                tally.count(line.limits, finding)
                tally.follow(line, day, finding)
        rows.append(tally.row(kind))
        ledger_rows.append(tally.ledger_row(kind))
    waits = [
        _days_until_named(planted(first_seed + number, load=0.92, slower=0.3, moves=True)) for number in range(lines)
    ]
    known = sorted(days for days in waits if days is not None)
    middle = f"after {known[len(known) // 2]:.0f} days (half of them)" if known else "never"
    return [
        *rows,
        *ledger_rows,
        f"Moved, 30 % tighter: the new one is named {middle}, in {len(known)} of {lines} lines within the time.",
    ]


def _days_until_named(line: PlantedLine) -> float | None:
    for day, finding in verdicts(line):
        if day >= line.moves_at and finding.pool == line.then:
            return day - line.moves_at
    return None


if __name__ == "__main__":
    print("\n".join(table(int(sys.argv[1]) if len(sys.argv) > 1 else 36, first_seed=10_000)))
