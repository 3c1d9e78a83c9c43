"""Looking at every page in a real browser: WCAG 2.2 AA by axe-core, no word of complaint, not wider than a phone."""

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page

from cellops.demo.writing import write_demo
from supplychain.people.models import User
from tests.dashboards.windows import SETTLED, sign_in, wait_for
from tests.every_page import DemoPage, demo_pages
from tests.system import RunningSystem

AXE = settings.NODE_MODULES / "axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST = 320
ORDERS = 60
# Only what is wrong comes out of the page: all that was found in order would be a thousand times as much to carry.
LOOK = f"""axe.run(document, {{runOnly: {RULES}, resultTypes: ["violations"]}}).then(found => found.violations.map(
    one => `${{one.id}} (${{one.impact}}): ${{one.help}} at ${{one.nodes[0].target}}`))"""


@pytest.fixture
def demo(transactional_db) -> None:
    """A small demo: every page has something to show."""
    write_demo(seed=8, orders=ORDERS, now=timezone.now())


def troubles_of_every_page(system: RunningSystem, chromium: Browser, *, width: int, scheme: str) -> list[str]:
    """What is wrong with each page of the demo at this width (px), light or dark."""
    troubles: list[str] = []
    pages = demo_pages()
    for login in dict.fromkeys(page.login for page in pages):
        # axe-core is brought in by the test, which the pages' own policy would forbid.
        window = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
        )
        if login:
            sign_in(window, system, User.objects.get(username=login))
        tab, said = window.new_page(), []
        tab.on("console", lambda message, said=said: said.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error, said=said: said.append(str(error)))
        for page in (one for one in pages if one.login == login):
            found = looked_at(tab, system, page, said)
            troubles += [f"{page.name}, {width} px, {scheme}: {one}" for one in found]
        window.close()
    return troubles


def looked_at(page: Page, system: RunningSystem, shown: DemoPage, said: list[str]) -> list[str]:
    """What is wrong with a page; the browser complains into `said`."""
    said.clear()
    answer = page.goto(system.address + shown.address)
    expected = 404 if shown.name == "not-found" else 200
    if answer is None or answer.status != expected or "/login/" in page.url.replace(shown.address, ""):
        return [f"answered {answer and answer.status} at {page.url}"]
    if expected == 200:
        wait_for(page, SETTLED)
        said += too_wide(page) if page.viewport_size["width"] < 500 else []
    page.evaluate(AXE.read_text())
    found = page.evaluate(LOOK)
    return [one for one in said if expected == 200 or "404" not in one] + found


def too_wide(page: Page) -> list[str]:
    page.set_viewport_size({"width": NARROWEST, "height": 900})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size({"width": 360, "height": 900})
    return [f"{over} px wider than {NARROWEST} px"] if over > 0 else []
