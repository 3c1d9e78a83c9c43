"""People, their sites, and the history of both."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from supplychain.audit.refusals import Refused
from supplychain.people.actions import add_membership, create_user
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sites.actions import change_site, create_site
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.time_zones import time_zones

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery"


def test_a_person_is_created_without_any_right():
    user = create_user(username="olga", password=GOOD, first_name="Olga", last_name="Berg", by=None)
    assert user.check_password(GOOD)
    assert (str(user), user.is_staff, user.is_superuser, user.site_ids()) == ("Olga Berg", False, False, [])


def test_no_sites_code_is_anothers_in_other_letters():
    create_site(code="OSL", name="Oslo", kind=SiteKind.TREATMENT_CENTRE, by=None)
    with pytest.raises(Refused) as refused:
        create_site(code="osl", name="Another", kind=SiteKind.TREATMENT_CENTRE, by=None)
    assert list(refused.value.errors) == ["code"]


def test_a_person_without_a_password_cannot_sign_in_with_one():
    assert create_user(username="olga", password=None, by=None).has_usable_password() is False


def test_an_administrator_may_open_the_administration_pages():
    user = create_user(username="root", password=GOOD, is_administrator=True, by=None)
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "OLD"}, "username"),
        ({"username": "old"}, "username"),
        ({"password": "short"}, "password"),
        ({"email": "nowhere"}, "email"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_what_a_person_cannot_have_is_named_by_field(given, field):
    create_user(username="old", password=GOOD, by=None)
    words = {"username": "new", "password": GOOD} | given
    if field is None:
        assert create_user(**words, by=None).username == words["username"]
        return
    with pytest.raises(Refused) as refusal:
        create_user(**words, by=None)
    assert list(refusal.value.errors) == [field]
    assert User.objects.count() == 1


def test_a_membership_is_given_once():
    create_site(code="oslo", name="Oslo", kind=SiteKind.TREATMENT_CENTRE, by=None)
    user = create_user(username="olga", password=GOOD, by=None)
    first = add_membership(user=user, site="oslo", role=Role.QA, by=None)
    assert add_membership(user=user, site="oslo", role=Role.QA, by=None) == first
    assert list(Membership.objects.values_list("user__username", "site__code", "role")) == [("olga", "oslo", "qa")]
    assert (user.site_ids(Role.QA), user.site_ids(Role.OPERATIONS)) == ([first.site_id], [])


def test_a_membership_needs_a_known_site_and_role():
    user = create_user(username="olga", password=GOOD, by=None)
    with pytest.raises(Refused) as refusal:
        add_membership(user=user, site="oslo", role=Role.QA, by=None)
    assert refusal.value.errors == {"site": "unknown: oslo. Known sites: none yet."}
    create_site(code="oslo", name="Oslo", kind=SiteKind.PLANT, by=None)
    with pytest.raises(Refused) as refusal:
        add_membership(user=user, site="oslo", role="king", by=None)
    assert refusal.value.errors == {
        "role": "“king” is unknown; it is one of operations, site_coordinator, qa, administrator, inspector."
    }


def test_a_site_is_checked_before_it_is_created():
    with pytest.raises(Refused) as refusal:
        create_site(code="os lo", name="", kind="castle", time_zone="Oslo", by=None)
    assert sorted(refusal.value.errors) == ["code", "kind", "name", "time_zone"]
    assert refusal.value.errors["time_zone"] == "“Oslo” is no IANA time zone; write for example Europe/Oslo."
    assert Site.objects.count() == 0


def test_a_facility_number_belongs_to_one_site():
    oslo = create_site(code="oslo", name="Oslo", kind=SiteKind.TREATMENT_CENTRE, facilities=["G1234", "Z9908"], by=None)
    given = {"name": "Vienna", "time_zone": "UTC", "by": None}
    with pytest.raises(Refused, match=r"Z9908 is a facility number of Oslo \(oslo\): each belongs to one site alone"):
        create_site(code="vienna", kind=SiteKind.TREATMENT_CENTRE, facilities=["Z9908"], **given)
    vienna = create_site(code="vienna", kind=SiteKind.TREATMENT_CENTRE, facilities=["A9999"], **given)
    with pytest.raises(Refused, match="each belongs to one site alone"):
        change_site(vienna, is_active=True, facilities=["A9999", "Z9908"], reason="A new label", **given)
    assert Site.objects.get(code="vienna").facilities == ["A9999"]
    change_site(oslo, name="Oslo", time_zone="UTC", is_active=True, facilities=["G1234"], reason="Not ours", by=None)
    vienna.refresh_from_db()
    change_site(vienna, is_active=True, facilities=["A9999", "Z9908"], reason="Ours", **given)
    assert Site.objects.get(code="vienna").facilities == ["A9999", "Z9908"]


@pytest.mark.parametrize("zone", ["Factory", "localtime", "Etc/GMT+5", "EST"])
def test_a_zone_that_is_no_place_is_refused(zone):
    with pytest.raises(Refused, match="is no IANA time zone; write for example Europe/Oslo"):
        create_site(code="oslo", name="Oslo", kind=SiteKind.PLANT, time_zone=zone, by=None)
    assert {"UTC", "Europe/Oslo", "America/Argentina/Buenos_Aires"} < set(time_zones())


def test_the_history_says_who_did_it():
    boss = create_user(username="boss", password=GOOD, by=None)
    user = create_user(username="olga", password=GOOD, by=boss)
    create_site(code="oslo", name="Oslo", kind=SiteKind.PLANT, by=boss)
    add_membership(user=user, site="oslo", role=Role.QA, by=boss)
    told = {"user": str(boss.pk)}
    for model, action in ((Site, "create_site"), (Membership, "add_membership")):
        history = model.pgh_event_models["insert"].objects.get()
        assert history.pgh_context.metadata == told | {"action": action}
    assert User.pgh_event_models["insert"].objects.get(username="olga").pgh_context.metadata == told | {
        "action": "create_user"
    }


def run(monkeypatch, command: str, *words: str, said: str = "") -> str:
    out = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO(said))
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_commands_make_a_site_and_its_people(monkeypatch):
    site = ("--code", "oslo", "--kind", "plant", "--time-zone", "Europe/Oslo")
    assert run(monkeypatch, "create_site", *site) == "Manufacturing plant oslo (Europe/Oslo) is there.\n"
    person = ("--username", "olga", "--role", "qa", "--sites", "oslo")
    told = run(monkeypatch, "create_user", *person, said=f"{GOOD}\n")
    assert told == "olga may sign in: Quality assurance at oslo.\n"
    user = User.objects.get()
    assert (user.check_password(GOOD), len(user.site_ids(Role.QA))) == (True, 1)


def test_a_command_that_is_refused_leaves_nothing_behind(monkeypatch):
    person = ("--username", "olga", "--role", "qa", "--sites", "oslo")
    with pytest.raises(CommandError, match="site: unknown: oslo. Known sites: none yet."):
        run(monkeypatch, "create_user", *person, said=f"{GOOD}\n")
    with pytest.raises(CommandError, match="password: This password is too short"):
        run(monkeypatch, "create_user", *person, said="short\n")
    with pytest.raises(CommandError, match="time_zone: “Oslo” is no IANA time zone"):
        run(monkeypatch, "create_site", "--code", "oslo", "--kind", "plant", "--time-zone", "Oslo")
    assert (User.objects.count(), Site.objects.count()) == (0, 0)
