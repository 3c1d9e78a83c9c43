"""Many events at once, by REST and from a file, beside COPY of the same number of rows, in turns."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import baselines, programs
from tests.bench.figures import Figure, Report, median_ratio
from tests.bench.journeys import Journey
from tests.bench.load import post, run_load
from tests.bench.posting import EVENTS, whole
from tests.bench.stage import BASELINE, MANY, Stage

SECTION = "Many events at once"
# Enough that both web processes get some: granian's workers take connections as they come.
CONNECTIONS = 4
ROWS = 1_000
# orders in a list, events of each: the least share of COPY's rate
TARGETS = {(100, 10): 0.2, (1_000, 1): 0.08}
SHAPES = tuple(TARGETS)
IMPORT_TARGET = 0.2
COLUMNS = ("order", "kind", "stage", "occurred_at", "resource", "source_event_id", "donation_number", "batch_number",
           "tracking_number", "courier", "planned_pickup_at", "suite", "payload.operator")  # fmt: skip


def measure(report: Report, stage: Stage) -> None:
    """Lists by REST over a few connections to two web processes; files by one process."""
    report.head(f"{SECTION}: lists of {ROWS:,} events, {stage.sizes.many:,} open orders")
    copies: dict[int, list[float]] = {1: [], CONNECTIONS: []}
    lists: dict[tuple[int, int], list[float]] = {shape: [] for shape in SHAPES}
    files: list[float] = []
    with programs.web(MANY) as port:
        for number in range(stage.sizes.rounds + 1):
            for connections, rates in copies.items():
                rates.append(baselines.copy_rate(BASELINE, batches=10, connections=connections))
            for shape, rates in lists.items():
                rates.append(_post(stage, port, *shape))
            files.append(_import(stage, number))
    _say(report, copies, lists, files)


def _say(
    report: Report,
    copies: dict[int, list[float]],
    lists: dict[tuple[int, int], list[float]],
    files: list[float],
) -> None:
    """The first round, which warms everything up, does not count."""
    for connections, rates in copies.items():
        name = f"COPY in batches of 1,000, {connections} connection{'s' if connections > 1 else ''}"
        report.add(Figure(SECTION, name, median(rates[1:]), "rows/s"))
    for (orders, each), rates in lists.items():
        name = f"POST events/, {orders:,} orders × {each}, {CONNECTIONS} connections"
        ratio = median_ratio(rates[1:], copies[CONNECTIONS][1:])
        base = f"COPY, {CONNECTIONS} connections"
        report.add(Figure(SECTION, name, median(rates[1:]), "rows/s", base, ratio, TARGETS[orders, each]))
    ratio = median_ratio(files[1:], copies[1][1:])
    name = "import_events, 10 events an order, 1 process"
    report.add(Figure(SECTION, name, median(files[1:]), "rows/s", "COPY, 1 connection", ratio, IMPORT_TARGET))


def _post(stage: Stage, port: int, orders: int, each: int) -> float:
    """Rows a second over all connections."""
    given = lists_of(stage.journeys, orders, each)
    requests = [
        [post(EVENTS, stage.token, rows) for rows in islice(given, stage.sizes.bulk_lists)] for _ in range(CONNECTIONS)
    ]
    return whole(run_load(port, requests)).rate * ROWS


def lists_of(journeys: list[Journey], orders: int, each: int) -> Iterator[Sequence[dict[str, Any]]]:
    """Lists of the next `each` events of each of `orders` orders. Raises RuntimeError when too few are left."""
    moment = datetime.now(UTC)
    while True:
        chosen, rest = [], []
        for journey in journeys:
            (chosen if journey.left >= each and len(chosen) < orders else rest).append(journey)
        if len(chosen) < orders:
            raise RuntimeError("The world has too few events left for this round.")
        journeys[:] = rest + chosen
        yield [row for journey in chosen for row in journey.fresh(each, moment)]


def _import(stage: Stage, number: int) -> float:
    """Rows a second, from the file's first byte to its last."""
    path = stage.folder / f"events-{number}.csv"
    rows = [row for part in islice(lists_of(stage.journeys, 100, 10), stage.sizes.import_rows // ROWS) for row in part]
    _write(path, rows)
    seconds = stage.many.do("import_events", str(path))
    path.unlink()
    return len(rows) / seconds


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            said = row["payload"]
            payload = (said.get(name.removeprefix("payload."), "") for name in COLUMNS[6:])
            writer.writerow([*(row[name] for name in COLUMNS[:6]), *payload])
