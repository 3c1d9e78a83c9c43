"""What every test may use: a clean database that forgets, sites, people, a loaded flow."""

import gc
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pgtrigger
import pytest
from django.core.signals import setting_changed
from django.db import connection
from django.dispatch import receiver
from django.test import TransactionTestCase
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from supplychain import live
from supplychain.garbage import collect_seldom
from supplychain.orders.actions import feed_cursors
from supplychain.orders.queries.feed import NEXT_SQL, Horizon
from supplychain.sql import read
from tests.browser import launch_arguments
from tests.system import PATIENCE, RunningSystem, wait_until

# The same few examples every time, so that a red run is due to the change; many new ones are looked for by
# `make test ARGS=--hypothesis-profile=thorough`.
settings.register_profile("same", derandomize=True, max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile("same")

expect.set_options(timeout=1000 * PATIENCE)


# What has a turn of its own in `make test`: of all other files nothing needs to be read then, which takes long.
OWN_TURNS = ("browser", "bad_luck")


@cache
def _names(path: Path, mark: str) -> bool:
    return f"pytest.mark.{mark}" in path.read_text()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file cannot have a test with the mark whose turn it is unless it names it."""
    mark = config.option.markexpr.partition(" and ")[0]
    if mark not in OWN_TURNS or collection_path.suffix != ".py" or _names(collection_path, mark):
        return None
    return True


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test marked from elsewhere would be left out of its turn; the turn that reads all files finds it."""
    for mark in OWN_TURNS:
        if item.get_closest_marker(mark) and not _names(item.path, mark):
            raise pytest.UsageError(f"{item.nodeid}: its own file has to say pytest.mark.{mark}.")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: to look through it for rubbish again and again took a third of the time.

    Later rubbish is looked for as seldom as in the product's own processes.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        collect_seldom()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with a long test first, then those with many: one that begins last works on while other processors wait."""
    if not hasattr(config, "workerinput"):
        return  # One process alone takes them as Django likes them, those that empty the tables last.
    long = {item.path for item in items if item.get_closest_marker("long") or item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    # One key for a whole file, the same on every worker: a file's tests stay together and in their order.
    items.sort(key=lambda item: (item.path not in long, -tests[item.path], item.path))


OTHERS_AT_WORK = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND xact_start IS NOT NULL"""


def nobody_else_is_at_work() -> bool:
    """Whether no other connection is amid a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS_AT_WORK)
        return cursor.fetchone() is None


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_may_be_emptied_between_tests() -> Iterator[None]:
    """Transactional tests empty the tables afterwards; outside the tests the database refuses that.

    What a window asked for before it closed may still be at work: it reads one table after the other, and with whoever
    locks all of them each would wait for the other.
    """
    flush = TransactionTestCase._fixture_teardown

    def flush_past_the_triggers(self: TransactionTestCase) -> None:
        wait_until(nobody_else_is_at_work, "everybody's last transaction has ended")
        with pgtrigger.ignore():
            flush(self)

    TransactionTestCase._fixture_teardown = flush_past_the_triggers
    yield
    TransactionTestCase._fixture_teardown = flush


@receiver(setting_changed)
def _the_redis_client_follows_its_address(*, setting: str, **_: object) -> None:
    """A test that takes Valkey away leaves no client of nowhere to the next one."""
    if setting == "REDIS_URL":
        live.client.cache_clear()


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
    window.set_default_timeout(1000 * PATIENCE)
    yield window
    window.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of it."""
    return context.new_page()


programs_key = pytest.StashKey[RunningSystem]()


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config, tmp_path_factory, django_db_setup) -> Iterator[RunningSystem]:
    """None of them runs yet; they are watched for queries inside an event loop."""
    running = pytestconfig.stash[programs_key] = RunningSystem(tmp_path_factory.mktemp("system"))
    running.environment["DJANGO_ALLOW_ASYNC_UNSAFE"] = ""
    yield running
    running.stop()


@pytest.fixture
def system(programs: RunningSystem, chromium) -> RunningSystem:
    """Web and stream and nothing else, whatever the test before left: their start costs eight seconds of computing."""
    programs.run_only("web", "stream")
    return programs


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Who drives no browser has the database to itself."""
    if (programs := item.config.stash.get(programs_key, None)) and not item.get_closest_marker("browser"):
        programs.run_only()


@pytest.fixture
def no_one_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the test is at work in the database: PostgreSQL's own housekeeping takes a number too, at times."""

    def horizon() -> Horizon:
        following, database, cluster = read(NEXT_SQL)[0]
        return Horizon(following, f"{cluster}/{database}")

    monkeypatch.setattr(feed_cursors, "change_horizon", horizon)
