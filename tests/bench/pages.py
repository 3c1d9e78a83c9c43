"""The pages with 20,000 orders of which 2,000 are open, against 200 open ones; and how soon a screen changes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.bench import programs
from tests.bench.endings import end_orders
from tests.bench.figures import Figure, Report, percentile
from tests.bench.growth import headers, in_turns, read_ms, say
from tests.bench.load import post, run_load
from tests.bench.posting import EVENTS, whole
from tests.bench.stage import FEW, MANY, Stage

SECTION = "Pages"
LEFT_OPEN, TARGET = 2_000, 1.2
# Fewer than of the lists: 108 reads of each page in each world took most of the bench where a page takes seconds.
ROUNDS, READS_A_ROUND = 5, 3
PAGES = (("control tower /", "/"), ("order list /orders/", "/orders/"), ("lines /lines/", "/lines/"),
         ("KPIs /kpis/", "/kpis/"))  # fmt: skip
CHANGES, SCREEN_TARGET = 40, 0.5
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


def measure(report: Report, stage: Stage) -> None:
    """What they cost, then how soon one changes."""
    measure_growth(report, stage)
    measure_screen(report, stage)


def measure_growth(report: Report, stage: Stage) -> None:
    """Ends all but LEFT_OPEN of the many orders: nothing that wants more of them open may come after."""
    report.head(f"{SECTION}: {stage.sizes.many:,} orders, {LEFT_OPEN:,} open, instead of {stage.sizes.few:,} open")
    end_orders(stage, LEFT_OPEN)
    with ExitStack() as stack:
        ports = [stack.enter_context(programs.web(name, workers=1)) for name in (FEW, MANY)]
        cookies = [headers(one)[1] for one in (stage.few, stage.many)]
        for name, path in PAGES:
            reads = [
                lambda p=port, c=cookie, path=path: read_ms(p, path, c, READS_A_ROUND)
                for port, cookie in zip(ports, cookies, strict=True)
            ]
            say(report, SECTION, name, in_turns(reads, ROUNDS), TARGET)


def measure_screen(report: Report, stage: Stage) -> None:
    """Events of one order, one after the other, while its page is open in Chromium; all programs run."""
    from tests.browser import find_chromium

    if find_chromium() is None:
        print("  no Chromium here: how soon a screen changes was not measured", flush=True)
        return
    order = stage.many.do("open_order")
    with (
        programs.stream(MANY) as stream_port,
        programs.web(MANY, CELLOPS_STREAM_PORT=str(stream_port)) as port,
        programs.workers_and_beat(MANY),
        _watched(stage, port, order) as page,
    ):
        waits = list(_waits(stage, port, order, page))
    report.add(Figure(SECTION, "event answered to changed screen, in Chromium: half", median(waits), "s"))
    name = "event answered to changed screen, in Chromium: 95 of 100"
    report.add(Figure(SECTION, name, percentile(waits, 0.95), "s", target=SCREEN_TARGET, at_most=True))


@contextmanager
def _watched(stage: Stage, port: int, order: str) -> Iterator[Any]:
    """The order's page in a real browser, live."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser import launch_arguments

    name, _, value = stage.many.do("cookie").partition("=")
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


def _waits(stage: Stage, port: int, order: str, page: Any) -> Iterator[float]:
    for number in range(CHANGES):
        row = {
            "source_event_id": f"screen-{number}", "order": order, "kind": "note", "stage": "enrolment",
            "occurred_at": datetime.now(UTC).isoformat(), "payload": {"text": "bench"},
        }  # fmt: skip
        outcome = whole(run_load(port, [[post(EVENTS, stage.token, row)]]))
        answered = time.time()
        if outcome.refused:
            raise RuntimeError(outcome.complaint)
        while page.evaluate("window.changes.length") <= number:
            if time.time() - answered > 20:
                raise RuntimeError("The screen did not change within 20 s.")
            time.sleep(0.02)
        yield page.evaluate("window.changes.at(-1)") - answered
        time.sleep(0.3)
