"""Who can act no longer keeps no flag: switched off, or without a role at the sites of its order."""

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from supplychain.people.actions import remove_membership
from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.administration.forms import WHY, address, browser, change
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def boss(world) -> User:
    return make_user("boss", world.plant, world.oslo, world.bergen, role=Role.ADMINISTRATOR)


def test_flags_of_a_person_who_is_switched_off_are_nobodys_again_and_that_is_said(world, boss):
    order = world.order()
    mine, other = raise_flag(order, owner=world.operations), raise_flag(order, subject="x", owner=world.coordinator)
    past = raise_flag(order, subject="y", owner=world.operations, cleared_at=at(20))
    client = browser(boss)
    saved = change(client, address("supplychain_user", "change", world.operations), is_active=False)
    told = client.get(saved.headers["Location"]).text
    assert "1 flag that operations had taken on is given back: nobody has it now." in told
    owners = dict(Flag.objects.values_list("pk", "owner__username"))
    assert owners == {mine.pk: None, other.pk: "coordinator", past.pk: "operations"}
    flip = mine.changes.get(kind=FlagChangeKind.GIVEN_BACK)
    assert (flip.person, flip.comment) == ("boss", "operations is switched off")


def test_who_loses_the_last_role_at_the_sites_of_an_order_gives_its_flags_back(world, boss):
    order = world.order()
    flag = raise_flag(order, owner=world.coordinator)
    second = make_user("second", world.oslo, world.plant, role=Role.QA)
    kept = raise_flag(order, subject="x", owner=second)
    lost = [world.coordinator.memberships.get(), second.memberships.get(site=world.oslo)]
    told = [words for one in lost for words in remove_membership(one, reason=WHY, by=boss)]
    assert told == ["1 flag that coordinator had taken on is given back: nobody has it now."]
    assert (Flag.objects.get(pk=flag.pk).owner, Flag.objects.get(pk=kept.pk).owner) == (None, second)


def test_the_page_says_that_an_owner_cannot_act(world):
    order = world.order()
    raise_flag(order, owner=world.coordinator)
    User.objects.filter(pk=world.coordinator.pk).update(is_active=False)
    page = browser_of(world.operations).get(reverse("order", args=[order.pk])).text
    assert "coordinator (cannot act: the account is off)" in page
