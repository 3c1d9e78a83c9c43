"""A new installation: what is needed still, and nothing that is claimed before anything is known."""

import pytest
from django.urls import reverse

from batches.capacity.models import PoolCapacity
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from tests.dashboards.builders import TowerWorld, browser_of, make_pool
from tests.supplychain.builders import at, make_site, make_user

pytestmark = pytest.mark.django_db


def board(person) -> str:
    return browser_of(person).get(reverse("control_tower")).content.decode()


def test_the_list_ticks_itself_off():
    plant = make_site("plant", SiteKind.PLANT)
    admin = make_user("admin", plant, role=Role.ADMINISTRATOR)
    page = board(admin)
    assert "To begin with" in page
    for step in ("Sites", "People", "A flow", "Capacity", "Systems"):
        assert f">{step}</a>" in page
    make_user("olga", plant)
    assert ">People</a>" not in board(admin)


def test_it_is_gone_when_all_is_there_and_never_there_for_others():
    world = TowerWorld()
    admin = make_user("admin", world.plant, role=Role.ADMINISTRATOR)
    assert "To begin with" in board(admin)
    assert "To begin with" not in board(world.operations)
    pool = make_pool(world.plant, "suite", "Suites")
    PoolCapacity.objects.create(pool=pool, starts_at=at(0), places=1)
    assert "To begin with" not in board(admin)


def test_an_empty_line_is_not_called_free():
    plant = make_site("plant", SiteKind.PLANT)
    person = make_user("olga", plant)
    assert "nothing to judge yet" in board(person)
    assert "no bottleneck" not in board(person)
    lines = browser_of(person).get(reverse("lines")).content.decode()
    assert ("Nothing to judge yet" in lines, "No bottleneck" in lines) == (True, False)


def test_a_trial_without_demo_data_is_not_called_a_demo(settings, client):
    settings.DEMO, settings.HAS_DEMO_DATA = True, False
    page = board(make_user("olga", make_site("plant", SiteKind.PLANT)))
    assert ("Demo data" in page, "not for real patients" in page) == (False, True)
    login = client.get(reverse("login")).content.decode()
    assert ("printed the logins" in login, "create_user" in login) == (False, True)
