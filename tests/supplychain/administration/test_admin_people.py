"""People in the administration: added, invited, given and denied roles, switched off."""

import pytest
from django.urls import reverse

from supplychain.audit.trails import trail_of
from supplychain.people.models import Membership, User
from tests.supplychain.administration.forms import WHY, address, browser, change, said
from tests.supplychain.builders import make_user

pytestmark = pytest.mark.django_db


def new_person(**given) -> dict:
    return {
        "username": "kari", "first_name": "Kari", "last_name": "Nordmann", "email": "kari@example.org",
        "role": "site_coordinator", "with_password": "on", "reason": WHY,
    } | given  # fmt: skip


@pytest.mark.django_db(transaction=True)  # the invitation goes on commit
def test_a_person_is_added_and_invited(world, local, mailoutbox):
    answer = local.post(address("supplychain_user", "add"), new_person(sites=[world.oslo.pk]))
    assert answer.status_code == 302
    kari = User.objects.get(username="kari")
    assert (kari.is_staff, kari.is_superuser, kari.is_active) == (False, False, True)
    assert [(m.site.code, m.role) for m in kari.memberships.all()] == [("oslo", "site_coordinator")]
    assert [mail.to for mail in mailoutbox] == [["kari@example.org"]]
    assert "/password/new/" in mailoutbox[0].body
    added, given = trail_of(kari, size=1)[0], trail_of(kari.memberships.get(), size=1)[0]
    assert [(one.kind, one.action) for one in (added, given)] == [("Added", ""), ("Added", "give a role")]


def test_nobody_is_given_a_role_at_a_site_of_others(world, local):
    answer = local.post(address("supplychain_user", "add"), new_person(sites=[world.bergen.pk]))
    assert list(said(answer)) == ["sites"]
    answer = local.post(
        address("supplychain_membership", "add"),
        {"person": "boss", "role": "qa", "sites": [world.bergen.pk], "reason": WHY},
    )
    assert list(said(answer)) == ["sites"]
    assert not User.objects.filter(username="kari").exists()


def test_a_forged_form_makes_no_superuser(world, boss):
    boss.post(
        address("supplychain_user", "add"),
        new_person(sites=[world.oslo.pk], is_superuser="on", is_staff="on"),
    )
    person = User.objects.get(username="kari")
    change(boss, address("supplychain_user", "change", person), is_superuser="on", is_staff="on")
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_a_role_is_given_and_taken_away_and_both_are_kept(world, boss):
    person = make_user("olga", world.bergen)
    values = {"person": "olga", "role": "qa", "sites": [world.oslo.pk, world.plant.pk], "reason": WHY}
    assert boss.post(address("supplychain_membership", "add"), values).status_code == 302
    roles = set(person.memberships.values_list("site__code", "role"))
    assert roles == {("bergen", "operations"), ("oslo", "qa"), ("plant", "qa")}

    membership = Membership.objects.get(user=person, site=world.oslo)
    url = address("supplychain_membership", "delete", membership)
    assert boss.post(url, {"post": "yes", "reason": "She left the ward"}).status_code == 302
    taken = trail_of(membership, size=2)
    assert [(c.kind, c.who, c.reason) for c in taken] == [
        ("Deleted", "boss", "She left the ward"),
        ("Added", "boss", WHY),
    ]
    assert [(d.field, d.old, d.new) for d in taken[0].differences] == [
        ("user", "olga", ""), ("site", "Oslo", ""), ("role", "Quality assurance", ""),
    ]  # fmt: skip


def test_nobody_changes_their_own_roles_or_switches_themselves_off(world, boss):
    values = {"person": "boss", "role": "qa", "sites": [world.oslo.pk], "reason": WHY}
    refused = said(boss.post(address("supplychain_membership", "add"), values))
    assert refused == {"role": ["Nobody changes their own roles; ask another administrator."]}
    own = Membership.objects.filter(user=world.boss).first()
    boss.post(address("supplychain_membership", "delete", own), {"post": "yes", "reason": WHY})
    assert Membership.objects.filter(pk=own.pk).exists()
    person = address("supplychain_user", "change", world.boss)
    assert said(change(boss, person, is_active=False)) == {
        "is_active": ["You cannot switch yourself off; ask another administrator."]
    }


def test_a_person_who_is_switched_off_is_out_at_once(world, boss):
    person = make_user("olga", world.oslo)
    session = browser(person)
    assert change(boss, address("supplychain_user", "change", person), is_active=False).status_code == 302
    assert session.get(reverse("control_tower")).status_code == 302
    assert boss.get(address("supplychain_user", "delete", person)).status_code == 403
