"""What the page tests share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import launch_arguments
from tests.system import RunningSystem


@pytest.fixture(autouse=True)
def _people_have_cheap_passwords(settings) -> None:
    """The product's password hash costs a third of a second on purpose; nobody here tries to guess one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def chromium(django_db_setup) -> Iterator[Browser]:
    """One browser for this module only: its event loop runs in this thread, where other tests want to run theirs."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Django would take every query of the tests for one made inside that loop.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(**launch_arguments())
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, transactional_db) -> Iterator[BrowserContext]:
    """A browser window without history."""
    window = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield window
    window.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of it."""
    return context.new_page()


@pytest.fixture(scope="module")
def system(tmp_path_factory, chromium) -> Iterator[RunningSystem]:
    """Web and stream, stopped afterwards; they are watched for queries inside an event loop."""
    running = RunningSystem(tmp_path_factory.mktemp("system"))
    running.environment["DJANGO_ALLOW_ASYNC_UNSAFE"] = ""
    running.start("web", "stream")
    yield running
    running.stop()
