"""`make screenshots`: the pictures of the user guide, of the demo, taken by a real browser.

Runs on servers of its own (see the Makefile), seeds the demo, starts web and stream, signs in as each person.
"""

import os
import sys
import tempfile
from pathlib import Path

import django

FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
DESKTOP, PHONE, WALL = (1280, 860), (390, 844), (1920, 1080)
# Page of tests/every_page.py, size, theme; the file is called after them.
PICTURES = (
    ("login", DESKTOP, "light"),
    ("control-tower", DESKTOP, "light"),
    ("control-tower", DESKTOP, "dark"),
    ("wall", WALL, "dark"),
    ("orders", DESKTOP, "light"),
    ("order", DESKTOP, "light"),
    ("order", PHONE, "dark"),
    ("line", DESKTOP, "light"),
    ("bottlenecks", DESKTOP, "light"),
    ("kpis", DESKTOP, "light"),
    ("durations", DESKTOP, "light"),
    ("calibration", DESKTOP, "light"),
    ("ramp-ups", DESKTOP, "light"),
    ("site", PHONE, "light"),
    ("new-order", PHONE, "light"),
    ("record", DESKTOP, "light"),
    ("inbox", DESKTOP, "light"),
    ("handover", DESKTOP, "light"),
    ("admin-flow", DESKTOP, "light"),
)


def main() -> int:
    """Take every picture."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "CELLOPS_DEMO": "1"}
    django.setup()
    from django.core.management import call_command

    from batches.ramp_ups.models import ScenarioRun
    from batches.ramp_ups.statuses import RunStatus
    from tests.system import RunningSystem, wait_until

    call_command("migrate", verbosity=0)
    call_command("seed_demo")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs an event loop in this thread.
    with tempfile.TemporaryDirectory() as folder:
        system = RunningSystem(Path(folder))
        try:
            system.start("web", "stream", "worker", "reviewer", "simulator", "beat")
            ahead = ScenarioRun.objects.exclude(status=RunStatus.DONE)
            wait_until(lambda: not ahead.exists(), "the next four weeks of every line are simulated", seconds=300)
            _take_all(system.address)
        finally:
            system.stop()
    return 0


def _take_all(address: str) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser import launch_arguments
    from tests.every_page import demo_pages, password

    pages = {page.name: page for page in demo_pages()}
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        for name, (width, height), scheme in PICTURES:
            window = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page, shown = window.new_page(), pages[name]
            if shown.login:
                page.goto(f"{address}/login/")
                page.locator("input[name=login]").fill(shown.login)
                page.locator("input[name=password]").fill(password())
                page.locator("input[name=password]").press("Enter")
                page.wait_for_url(lambda url: "/login/" not in url)
            page.goto(address + shown.address)
            page.wait_for_timeout(1500)  # the live badge and the charts
            path = FOLDER / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path)
            print(path.relative_to(FOLDER.parents[1]), flush=True)
            window.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
