"""The pages with ten years of ended orders, with ten times the open ones as well; and how soon a screen changes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.bench import programs
from tests.bench.figures import Figure, Report, percentile
from tests.bench.growth import headers, in_turns, read_ms, say
from tests.bench.inside import Inside
from tests.bench.load import post, run_load
from tests.bench.posting import EVENTS, whole
from tests.bench.stage import OPEN, WORLDS

SECTION = "Pages"
TARGET = 1.2
# Fewer than of the lists: reads of pages in three worlds took most of the bench.
ROUNDS, READS = 5, 3
COMPARED = ("ten years of ended orders, not one", "and 2,000 open orders, not 200")
PAGES = (("control tower /", "/"), ("order list /orders/", "/orders/"), ("lines /lines/", "/lines/"),
         ("KPIs /kpis/", "/kpis/"), ("durations /durations/", "/durations/"))  # fmt: skip
# What shows every open order, or what each of them names, may cost more with more of them, not with more years.
OF_OPEN = (("My centre /site/", "/site/"), ("suites, shippers, couriers /resources/", "/resources/"),
           ("a courier /resources/courier/", "/resources/courier/?name=bench+courier"))  # fmt: skip
# More than a second on a busy machine.
SLOW = (("How right we were /calibration/", "/calibration/"),)
TASKS = ("batches.outcomes.refresh_outcomes", "batches.calibration.score_predictions",
         "batches.durations.refresh_typical_durations", "batches.durations.refresh_learned_durations")  # fmt: skip
SLOW_ROUNDS = 3
# What is kept for a minute costs the first who looks more.
KEPT = (("lines /lines/, first look of a minute", "/lines/"), ("KPIs /kpis/, first look of a minute", "/kpis/"))
CHANGES, SCREEN_TARGET = 25, 0.5
# The page itself writes down when its table of events has grown: looking from outside would be too coarse.
WATCH = """() => {
  window.changes = [];
  const rows = () => document.querySelectorAll("table.events > tbody > tr").length;
  let known = rows();
  new MutationObserver(() => {
    if (rows() === known) return;
    known = rows();
    window.changes.push(Date.now() / 1000);
  }).observe(document.body, { childList: true, subtree: true });
}"""


def measure(report: Report, worlds: dict[str, Inside]) -> None:
    """What they cost, then how soon one changes."""
    report.head(f"{SECTION}: 200 and 2,000 open orders, one year and ten years of ended ones")
    _measure_growth(report, worlds)
    _measure_screen(report, worlds[OPEN])


def _measure_growth(report: Report, worlds: dict[str, Inside]) -> None:
    with ExitStack() as stack:
        ports = {name: stack.enter_context(programs.web(name, workers=1)) for name in worlds}
        cookies = {name: headers(world)[1] for name, world in worlds.items()}

        def again(name: str, path: str) -> float:
            return read_ms(ports[name], path, cookies[name], READS)

        def first(name: str, path: str) -> float:
            worlds[name].do("forget_minute")
            return read_ms(ports[name], path, cookies[name], 1)

        for page, path in PAGES:
            for world in worlds.values():
                world.do("judge_all")  # as the worker would: the control tower tells of each order that waits for it
            _compare(report, page, lambda name, path=path: again(name, path))
        for page, path in KEPT:
            _compare(report, page, lambda name, path=path: first(name, path))
        for page, path in OF_OPEN:
            _compare(report, page, lambda name, path=path: again(name, path), targets=(TARGET, None))
        for page, path in SLOW:
            _compare(report, page, lambda name, path=path: read_ms(ports[name], path, cookies[name], 1), SLOW_ROUNDS)
    for task in TASKS:
        rounds, what = SLOW_ROUNDS if "durations" in task else ROUNDS, f"task {task.removeprefix('batches.')}, no news"
        _compare(report, what, lambda name, task=task: worlds[name].do("task_ms", task), rounds, (TARGET, None))


def _compare(
    report: Report,
    what: str,
    cost: Callable[[str], float],
    rounds: int = ROUNDS,
    targets: tuple[float | None, ...] = (TARGET, TARGET),
) -> None:
    usual, *others = zip(*in_turns([lambda name=name: cost(name) for name in WORLDS], rounds), strict=True)
    for than, larger, target in zip(COMPARED, others, targets, strict=True):
        say(report, SECTION, f"{what}: {than}", list(zip(usual, larger, strict=True)), target)


def _measure_screen(report: Report, world: Inside) -> None:
    """Events of one order, one after the other, while its page is open in Chromium; all programs run."""
    from tests.browser import find_chromium

    if find_chromium() is None:
        print("  no Chromium here: how soon a screen changes was not measured", flush=True)
        return
    order = world.do("open_order")
    with (
        programs.stream(OPEN) as stream_port,
        programs.web(OPEN, CELLOPS_STREAM_PORT=str(stream_port)) as port,
        programs.workers_and_beat(OPEN),
        _watched(world, port, order) as page,
    ):
        waits = list(_waits(world.do("token"), port, order, page))
    report.add(Figure(SECTION, "event answered to changed screen, in Chromium: half", median(waits), "s"))
    name = "event answered to changed screen, in Chromium: 95 of 100"
    report.add(Figure(SECTION, name, percentile(waits, 0.95), "s", target=SCREEN_TARGET, at_most=True))


@contextmanager
def _watched(world: Inside, port: int, order: str) -> Iterator[Any]:
    """The order's page in a real browser, live."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser import launch_arguments

    name, _, value = world.do("cookie").partition("=")
    address = f"http://127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        window = browser.new_context()
        window.add_cookies([{"name": name, "value": value, "url": address}])
        page = window.new_page()
        page.goto(f"{address}/orders/{order}/")
        expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live", timeout=20_000)
        page.wait_for_timeout(2_000)
        page.evaluate(WATCH)
        yield page
        browser.close()


def _waits(token: str, port: int, order: str, page: Any) -> Iterator[float]:
    for number in range(CHANGES):
        row = {
            "source_event_id": f"screen-{number}", "order": order, "kind": "note", "stage": "enrolment",
            "occurred_at": datetime.now(UTC).isoformat(), "payload": {"text": "bench"},
        }  # fmt: skip
        outcome = whole(run_load(port, [[post(EVENTS, token, row)]]))
        answered = time.time()
        if outcome.refused:
            raise RuntimeError(outcome.complaint)
        while page.evaluate("window.changes.length") <= number:
            if time.time() - answered > 20:
                raise RuntimeError("The screen did not change within 20 s.")
            time.sleep(0.02)
        yield page.evaluate("window.changes.at(-1)") - answered
        time.sleep(0.3)
