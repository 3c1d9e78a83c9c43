"""Names that look like another's, or hold what nobody sees: refused with a clear word by every way in."""

import unicodedata
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from batches.capacity.models import Pool
from batches.ramp_ups.models import Scenario
from supplychain.audit.refusals import Refused
from supplychain.flows.models import Flow, Product, Stage
from supplychain.names import NameField
from supplychain.people.actions import change_person, create_person, create_user
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.saved_views.models import SavedView
from supplychain.sites.actions import change_site, create_site
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.models import SourceSystem
from tests.supplychain.builders import make_site, make_user

HIDDEN = [
    "Os\u200blo",
    "Os\u202elo",
    "Os\u00adlo",
    "Os\x07lo",
    "Os\ufefflo",
    "Os\u2060lo",
    "Os\u3164lo",
    "Os\nlo",
    "Os\ue000lo",
]
NAMED = (Site, User, Product, Flow, Stage, SourceSystem, SavedView, Pool, Scenario)
LONG = "a long enough word"


def new_user(username: str, **given: str) -> User:
    return create_user(username=username, password=LONG, by=None, **given)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "username",
    [
        "ADA",
        "Ada",
        "\u0430da",
        "ad\u0430",
        "\uff41da",
        "a\u200bda",
        "ada\u00a0",
        "ad\u00e0",
        "a da",
        "ada\n",
        "ada'",
        "\u00df",
    ],
)
def test_a_user_name_that_looks_like_anothers_is_refused(username):
    new_user("ada")
    with pytest.raises(Refused) as refused:
        new_user(username)
    assert list(refused.value.errors) == ["username"]
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "second"), [("ann1", "annl"), ("ann1", "annI"), ("j.doe", "j_doe"), ("b0b", "bob")])
def test_a_user_name_that_is_one_with_anothers_to_the_eye_is_refused(first, second):
    new_user(first)
    with pytest.raises(Refused) as refused:
        new_user(second)
    assert first in refused.value.errors["username"]


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["ada.lovelace", "ada@example.org", "ada+1", "ada_2", "A-3"])
def test_a_plain_user_name_is_taken_as_it_was_typed(username):
    assert new_user(username).username == username


@pytest.mark.django_db
def test_the_database_knows_one_person_by_a_name():
    new_user("ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(username="ADA")])


@pytest.mark.django_db
def test_one_signs_in_in_whatever_capitals():
    ada = new_user("ada")
    assert authenticate(None, username="ADA", password=LONG) == ada


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["ADA", "\u0430da", "a\u200bda"])
def test_the_commands_refuse_them_too(username, monkeypatch):
    new_user("ada")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", LONG)
    with pytest.raises(CommandError):
        call_command("createsuperuser", "--noinput", "--username", username, "--email", "x@example.org")
    make_site("oslo")
    monkeypatch.setattr("supplychain.management.commands.create_user._password", lambda: LONG)
    with pytest.raises(CommandError):
        call_command("create_user", "--username", username, "--role", "qa", "--sites", "oslo")
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", HIDDEN)
def test_a_name_with_a_hidden_character_is_refused_with_its_number(name):
    with pytest.raises(Refused) as refused:
        create_site(code="oslo", name=name, kind=SiteKind.PLANT, by=None)
    assert "holds a hidden character (U+" in refused.value.errors["name"]
    assert name not in refused.value.errors["name"]
    site = make_site("bergen")
    with pytest.raises(Refused):
        change_site(site, name=name, time_zone="UTC", is_active=True, reason="Renamed", by=None)
    for field in ("first_name", "last_name"):
        with pytest.raises(Refused) as refused:
            new_user("ada", **{field: name})
        assert list(refused.value.errors) == [field]


@pytest.mark.django_db
def test_an_invitation_refuses_them():
    make_site("oslo")
    with pytest.raises(Refused):
        create_person(username="ada", first_name="A\u200bda", last_name="L", email="a@example.org", time_zone="",
                      sites=["oslo"], role=Role.QA, with_password=True, reason="New colleague", by=None)  # fmt: skip


@pytest.mark.django_db
def test_blanks_and_accents_of_a_name_are_stored_in_one_form():
    site = create_site(code="oslo", name=" Rikshospitalet\u00a0 Oslo ", kind=SiteKind.PLANT, by=None)
    user = new_user("zoe", first_name="Zoe\u0308")
    assert (site.name, user.first_name) == ("Rikshospitalet Oslo", unicodedata.normalize("NFC", "Zoe\u0308"))


@pytest.mark.django_db
def test_a_person_of_before_with_an_odd_user_name_can_still_be_switched_off():
    user = make_user("\u0430da")
    same = {"first_name": "", "last_name": "", "email": "", "time_zone": ""}
    assert not change_person(user, **same, is_active=False, reason="Left the site", by=None).is_active


@pytest.mark.parametrize("model", NAMED)
def test_every_name_that_people_read_is_checked(model):
    names = [field for field in model._meta.fields if field.name in ("name", "first_name", "last_name")]
    assert names
    assert {type(field) for field in names} == {NameField}


@pytest.mark.django_db
def test_the_upgrade_names_people_of_one_name(monkeypatch):
    migration = import_module("supplychain.migrations.0022_one_person_per_username")

    class Old:
        objects = type(
            "M", (), {"order_by": lambda *_: type("Q", (), {"values_list": lambda *_, **__: ["ada", "bo", "ADA"]})()}
        )()

    monkeypatch.setattr(apps, "get_model", lambda *_: Old)
    with pytest.raises(RuntimeError, match="ada, ADA"):
        migration.refuse_twins(apps, None)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ada@example.org\u200b", "ada@exam\u2060ple.org", "ada@ex\u00adample.org"])
def test_an_address_for_mail_holds_nothing_that_nobody_sees(address):
    with pytest.raises(Refused) as created:
        new_user("ada", email=address)
    names = {"first_name": "Ada", "last_name": "L", "time_zone": "", "is_active": True}
    with pytest.raises(Refused) as changed:
        change_person(new_user("bob"), email=address, **names, reason="A typing error", by=None)
    assert all("hidden character" in one.value.errors["email"] for one in (created, changed))
