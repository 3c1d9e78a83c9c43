"""A browser window in which somebody is signed in, and waiting for what a script sees in it."""

from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from supplychain.people.models import User
from tests.dashboards.builders import browser_of
from tests.system import RunningSystem, wait_until


def sign_in(context: BrowserContext, system: RunningSystem, person: User) -> None:
    """Sign `person` in without the login page."""
    value = browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": system.address}])


def wait_for(page: Page, script: str, arg: Any = None) -> None:
    """Ask this script again and again until it says yes.

    Playwright's own wait asks a second time from inside the page, where the policy of the pages forbids it: it fails
    whenever the first answer is no.
    """
    wait_until(lambda: page.evaluate(script, arg), script)
