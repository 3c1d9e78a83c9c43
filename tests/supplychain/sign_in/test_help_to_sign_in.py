"""An administrator helps somebody in who lost a phone, a password or an account at the provider."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from supplychain.audit.trails import trail_of
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from tests.supplychain.administration.forms import WHY, AdminWorld, browser
from tests.supplychain.builders import make_user
from tests.supplychain.sign_in.visitors import PASSWORD, log_in

pytestmark = pytest.mark.django_db(transaction=True)
FORGET = {"second_factors": "on", "single_sign_on": "on", "reason": WHY}


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


@pytest.fixture
def kari(world) -> User:
    user = make_user("kari", world.oslo)
    user.email = "kari@ward.example"
    user.set_password(PASSWORD)
    user.save()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    SocialAccount.objects.create(user=user, provider="oidc", uid="kari-at-provider")
    return User.objects.get(pk=user.pk)


def ask(user: User, about: User, **said: str):
    return browser(user).post(reverse("admin:supplychain_user_sign_in", args=[about.pk]), said)


def counts(user: User) -> tuple[int, int]:
    return Authenticator.objects.filter(user=user).count(), SocialAccount.objects.filter(user=user).count()


def test_a_lost_phone_is_forgotten_with_who_when_and_why(world, kari):
    assert ask(world.local, kari, second_factors="on", reason=WHY).status_code == 302
    assert counts(kari) == (0, 1)
    kept = trail_of(kari, size=1)[0]
    assert (kept.who, kept.action, kept.reason) == ("local", "reset sign in", WHY)


def test_every_login_of_the_person_ends(world, kari):
    Authenticator.objects.all().delete()
    client, _ = log_in("kari", PASSWORD)
    assert client.get(reverse("profile")).status_code == 200
    ask(world.local, kari, **FORGET)
    assert client.get(reverse("profile")).status_code == 302


def test_a_link_goes_to_the_address_that_is_written_down(world, kari, mailoutbox):
    assert ask(world.local, kari, send_link="on", reason=WHY).status_code == 302
    assert [mail.to for mail in mailoutbox] == [["kari@ward.example"]]
    assert counts(kari) == (1, 1)


@pytest.mark.parametrize(
    "said", [{"reason": WHY}, {"second_factors": "on", "reason": " "}, {"second_factors": "on", "reason": "ok"}]
)
def test_nothing_chosen_or_no_reason_changes_nothing(world, kari, said):
    answer = ask(world.local, kari, **said)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert counts(kari) == (1, 1)


def test_nobody_helps_themselves_or_people_with_roles_elsewhere(world, kari):
    assert ask(world.local, world.local, **FORGET).status_code == 403
    Membership.objects.create(user=kari, site=world.bergen, role=Role.OPERATIONS)
    assert ask(world.local, kari, **FORGET).status_code == 403
    assert ask(kari, world.local, **FORGET).status_code == 403
    assert counts(kari) == (1, 1)


def test_the_invitation_says_who_invites_to_what(world, mailoutbox):
    data = {
        "username": "nils", "first_name": "Nils", "last_name": "Dahl", "email": "nils@ward.example", "role": "qa",
        "with_password": "on", "reason": WHY, "sites": [world.oslo.pk],
    }  # fmt: skip
    browser(world.local).post(reverse("admin:supplychain_user_add"), data)
    (mail,) = mailoutbox
    assert mail.subject == "CellOps: You are invited to CellOps"
    assert "local has given you an account on CellOps" in mail.body
    assert "Your user name: nils" in mail.body
    assert "/password/new/" in mail.body
