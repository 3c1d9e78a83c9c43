"""The patient's chain: a code that is read, readings that are stored, an order page with them, a lot that is traced."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from statistics import median

from tests.bench import programs
from tests.bench.figures import Figure, Report, median_ratio
from tests.bench.growth import headers, in_turns, read_ms, say
from tests.bench.inside import Inside
from tests.bench.load import post, run_load
from tests.bench.posting import whole
from tests.bench.sizes import Sizes
from tests.bench.stage import CHAIN, CHAIN_FEW

SECTION = "Identity, custody and condition"
SCAN_TARGET_MS, READINGS_TARGET_SECONDS, TRACE_TARGET_SECONDS, TARGET = 50.0, 6.0, 1.0, 1.2
SCANS, FILES, READS, TRACES = 12, 3, 5, 3
LOT_PATH = "/trace/?lot=VEC-7001"  # chain_world.LOT
_numbers = count(1)


def measure(report: Report, worlds: dict[str, Inside], sizes: Sizes) -> None:
    """Scans, pages and traces through the server, readings inside one process."""
    orders, materials = worlds[CHAIN].do("chain_size")
    report.head(f"{SECTION}: {orders:,} orders with {materials:,} materials, and {sizes.readings:,} readings")
    _measure_readings(report, worlds[CHAIN], sizes)
    with ExitStack() as stack:
        names = (CHAIN_FEW, CHAIN)
        ports = {name: stack.enter_context(programs.web(name, workers=1)) for name in names}
        _measure_scans(report, worlds, ports)
        _measure_page(report, worlds[CHAIN], ports[CHAIN], sizes)
        _measure_trace(report, worlds[CHAIN], ports[CHAIN])


def _measure_scans(report: Report, worlds: dict[str, Inside], ports: dict[str, int]) -> None:
    """Each answer that a check can give, in turns in both worlds."""
    codes = {name: worlds[name].do("codes_to_read", SCANS) for name in ports}
    tokens = {name: worlds[name].do("token") for name in ports}
    slowest = 0.0
    for outcome in codes[CHAIN]:
        scans = [lambda n=name: _scan_ms(ports[n], tokens[n], codes[n][outcome]) for name in (CHAIN_FEW, CHAIN)]  # noqa: B023
        rounds = in_turns(scans)
        slowest = max(slowest, median(many for _, many in rounds))
        say(report, SECTION, f"a code read with an order in hand: {outcome}", rounds, TARGET)
    report.add(Figure(SECTION, "the slowest of these answers", slowest, "ms", target=SCAN_TARGET_MS, at_most=True))


def _scan_ms(port: int, token: str, codes: Sequence[tuple[str, str]]) -> float:
    """Milliseconds for one answer, of one code after the other the median."""
    requests = [
        post(f"/api/v1/orders/{order}/identity-checks/", token, {"id": f"scan-{next(_numbers)}", "read": code})
        for order, code in codes
    ]
    return median(whole(run_load(port, [requests])).durations) * 1000


def _measure_readings(report: Report, world: Inside, sizes: Sizes) -> None:
    seconds, own, copied = zip(*(world.do("store_a_file", sizes.readings, n) for n in range(FILES)), strict=True)
    base, name = f"{median(copied):.3g} s by COPY", f"{sizes.readings:,} readings of a file"
    report.add(Figure(SECTION, f"{name} kept, stored and judged", median(seconds), "s",
                      target=READINGS_TARGET_SECONDS, at_most=True))  # fmt: skip
    report.add(Figure(SECTION, f"{name}: the same rows", median(seconds), "s", base, median_ratio(seconds, copied)))
    report.add(Figure(SECTION, f"{name}: our own process", median(own), "s of processor"))


def _measure_page(report: Report, world: Inside, port: int, sizes: Sizes) -> None:
    readings = sizes.readings // 2
    pages = [f"/orders/{order}/" for order in world.do("orders_alike", readings, FILES)]
    _, cookie = headers(world)
    rounds = in_turns([lambda p=path: read_ms(port, p, cookie, READS) for path in pages])
    few, many = zip(*rounds, strict=True)
    name, base = f"an order’s page with {readings:,} readings", f"{median(few):.3g} ms without"
    report.add(Figure(SECTION, name, median(many), "ms", base, median_ratio(many, few), TARGET, at_most=True))


def _measure_trace(report: Report, world: Inside, port: int) -> None:
    """All of it as a file, against reading the rows alone."""
    _, cookie = headers(world)
    measures = [lambda: world.do("rows_of_lot")[1], lambda: read_ms(port, f"{LOT_PATH}&json", cookie, 1) / 1000]
    rows, traced = zip(*in_turns(measures, TRACES), strict=True)
    doses, base = world.do("rows_of_lot")[0], f"{median(rows):.3g} s for its rows alone"
    name = f"a lot in {doses:,} doses traced, as a file"
    report.add(Figure(SECTION, name, median(traced), "s", target=TRACE_TARGET_SECONDS, at_most=True))
    report.add(Figure(SECTION, f"{name}: the same rows", median(traced), "s", base, median_ratio(traced, rows)))
    page = median(read_ms(port, LOT_PATH, cookie, 1) for _ in range(TRACES + 1)) / 1000
    report.add(Figure(SECTION, f"a lot in {doses:,} doses traced, the page", page, "s",
                      target=TRACE_TARGET_SECONDS, at_most=True))  # fmt: skip
