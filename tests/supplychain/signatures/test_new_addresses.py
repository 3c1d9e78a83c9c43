"""Nobody alone signs as another by changing the address to which links for a new password go (21 CFR 11.200(a)(3))."""

from datetime import timedelta

import pytest
import time_machine

from supplychain.audit.models import RefusedSigning
from supplychain.people.actions import change_person
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sign_in.actions import set_password
from tests.supplychain.builders import at, make_user
from tests.supplychain.sign_in.visitors import _forgetful  # noqa: F401
from tests.supplychain.signatures.signing import PASSWORD, SignedWorld, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
OWN = {"sign-password": PASSWORD}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(50), tick=False) as travels:
        yield travels


@pytest.fixture
def world() -> SignedWorld:
    world = SignedWorld()
    world.boss = make_user("boss", world.plant, role=Role.ADMINISTRATOR)
    for name, role in (("qadir", Role.QA), ("ops", Role.OPERATIONS)):
        make_user(name, world.plant, role=role)
        User.objects.filter(username=name).update(email=f"{name}@example.org")
    User.objects.filter(username="quynh").update(email="quynh@example.org")
    world.quality = User.objects.get(username="quynh")
    return world


def moved(person: User, by: User, email: str = "mallory@example.org") -> User:
    change_person(
        person, first_name="", last_name="", email=email, time_zone="", is_active=True, reason="Address changed.", by=by
    )
    return User.objects.get(pk=person.pk)


def anew() -> User:
    return User.objects.get(username="quynh")


def given_password(person: User) -> None:
    set_password(user=person, password=PASSWORD, by=person, now=at(50))


def test_the_old_address_and_quality_assurance_are_told(world, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        moved(world.quality, world.boss)
    assert sorted(mail.to for mail in mailoutbox) == [["qadir@example.org"], ["quynh@example.org"]]
    assert mailoutbox[0].subject == "[CellOps] The e-mail address of quynh was changed"
    assert "boss changed the e-mail address of quynh (user name quynh)" in mailoutbox[0].body


def test_the_password_that_follows_signs_nothing_for_a_day(world, clock):
    order = world.releasable()
    given_password(moved(world.quality, world.boss))
    refused = world.release(order, by=anew(), **OWN)[1]
    assert "nothing is signed with it before 5 Mar 2026 10:00 UTC." in refused.text
    assert (RefusedSigning.objects.get().user.username, signed()) == ("quynh", [])
    given_password(User.objects.get(username="quynh"))
    assert "nothing is signed with it before 5 Mar" in world.release(order, by=anew(), **OWN)[1].text
    clock.shift(timedelta(hours=24))
    assert "Recorded" in world.release(order, by=anew(), **OWN)[1].text
    assert signed() == [("quynh", "release")]


def test_an_address_that_stayed_and_a_new_password_stop_nobody(world, mailoutbox, django_capture_on_commit_callbacks):
    order = world.releasable()
    with django_capture_on_commit_callbacks(execute=True):
        given_password(moved(world.quality, world.boss, email="quynh@example.org"))
    assert mailoutbox == []
    assert "Recorded" in world.release(order, by=anew(), **OWN)[1].text
