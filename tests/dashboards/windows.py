"""A browser window in which somebody is signed in, and waiting for what a script sees in it."""

from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Page, Request, Response, expect

from supplychain.people.models import User
from tests.dashboards.builders import browser_of
from tests.system import RunningSystem, wait_until


def sign_in(context: BrowserContext, system: RunningSystem, person: User) -> None:
    """Sign `person` in without the login page."""
    value = browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": system.address}])


# Nothing is being fetched or swapped, the live badge has found its state; by the second frame charts are drawn.
SETTLED = """() => document.readyState === "complete"
    && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, [data-live-state=starting]")
    && new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""


def open_live(page: Page, address: str) -> None:
    """Open a page that follows what happens; what it fetches afterwards is due to a change.

    The refresh that follows the opening of the stream is over.
    """
    opened: list[Response] = []
    refreshes: list[Request] = []
    page.on("response", lambda one: opened.append(one) if one.request.resource_type == "eventsource" else None)
    page.on("request", lambda one: refreshes.append(one) if opened and one.headers.get("hx-target") == "live" else None)
    page.goto(address)
    expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    # Playwright hears of requests only while it is asked something.
    wait_until(lambda: page.evaluate("1") and refreshes, "the page is refreshed once its stream is open")
    wait_for(page, SETTLED)


def wait_for(page: Page, script: str, arg: Any = None) -> None:
    """Ask this script again and again until it says yes.

    Playwright's own wait asks a second time from inside the page, where the policy of the pages forbids it: it fails
    whenever the first answer is no.
    """
    wait_until(lambda: page.evaluate(script, arg), script)
