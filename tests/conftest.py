"""What every test may use: a clean database that forgets, sites, people, a loaded flow."""

import os
from collections.abc import Iterator

import pgtrigger
import pytest
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.test import TransactionTestCase
from hypothesis import settings

from supplychain import live

# The same examples every time, so that a red run is due to the change; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_may_be_emptied_between_tests() -> Iterator[None]:
    """Transactional tests empty the tables afterwards; outside the tests the database refuses that."""
    flush = TransactionTestCase._fixture_teardown

    def flush_past_the_triggers(self: TransactionTestCase) -> None:
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
