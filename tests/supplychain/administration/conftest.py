"""The administration's small world, and the browsers of its administrators."""

import pytest
from django.test import Client

from tests.supplychain.administration.forms import AdminWorld, browser


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


@pytest.fixture
def boss(world) -> Client:
    return browser(world.boss)


@pytest.fixture
def local(world) -> Client:
    return browser(world.local)
