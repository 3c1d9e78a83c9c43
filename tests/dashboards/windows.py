"""A browser window in which somebody is signed in."""

from django.conf import settings
from playwright.sync_api import BrowserContext

from supplychain.people.models import User
from tests.dashboards.builders import browser_of
from tests.system import RunningSystem


def sign_in(context: BrowserContext, system: RunningSystem, person: User) -> None:
    """Sign `person` in without the login page."""
    value = browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": system.address}])
