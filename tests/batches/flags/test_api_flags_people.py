"""What people do with flags over the interface, and systems for them."""

import pytest

from batches.flags.models import Flag, FlagChange
from batches.judgement.statuses import FlagCode, Severity
from supplychain.people.models import User
from tests.batches.api_rows import make_flag
from tests.batches.flags.acknowledging import said
from tests.supplychain.api_clients import PROBLEM, client_of, session_of
from tests.supplychain.builders import World, at, make_source, make_user

pytestmark = pytest.mark.django_db

FLAGS = "/api/v1/flags/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def make_person(login: str, site, first_name: str = "Ada", last_name: str = "Berg") -> User:
    person = make_user(login, site)
    person.first_name, person.last_name, person.email = first_name, last_name, f"{login}@site.example"
    person.save()
    return person


def test_a_person_acknowledges_in_their_own_name(world):
    flag, person = make_flag(world.order()), make_user("ada", world.oslo)
    person.first_name, person.last_name = "Ada", "Berg"
    person.save()
    answer = session_of(person).send(f"{FLAGS}{flag.pk}/acknowledge/", said())
    flag.refresh_from_db()
    change = FlagChange.objects.get()
    assert (answer.status_code, answer.json()["acknowledged_by"], answer.json()["comment"]) == (
        200, "Ada Berg", "Called the centre.",
    )  # fmt: skip
    assert (flag.acknowledged_by, flag.cleared_at) == ("Ada Berg", None)
    assert (change.kind, change.user, change.source, change.person) == ("acknowledged", person, None, "Ada Berg")
    assert [flip["kind"] for flip in answer.json()["changes"]] == ["acknowledged"]


@pytest.mark.parametrize("named", ["ada", "ADA", "ada@site.example", "Ada Berg", " ada berg "])
def test_a_system_acknowledges_for_the_person_it_names(world, client, named):
    flag = make_flag(world.order())
    ada = make_person("ada", world.oslo)
    answer = client.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of=named))
    change = FlagChange.objects.get()
    assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "Ada Berg")
    assert (change.user, change.source, change.person) == (ada, world.source, "Ada Berg")


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("Nobody At All", "is nobody with a role"),
        ("eve", "is nobody with a role"),  # of another hospital
        ("gone", "is nobody with a role"),  # switched off
        ("visitor", "is nobody with a role"),  # without any role
        ("Tom Dahl", "More than one person here is called"),
        ("\u202eada", "is nobody with a role"),
    ],
)
def test_a_system_speaks_for_nobody_who_does_not_exist_there(world, client, named, reason):
    flag = make_flag(world.order())
    make_person("ada", world.oslo)
    make_person("eve", world.bergen)
    User.objects.filter(pk=make_person("gone", world.oslo).pk).update(is_active=False)
    make_user("visitor")
    for login in ("tom", "tom2"):
        make_person(login, world.oslo, "Tom", "Dahl")
    answer = client.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of=named))
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (
        422, PROBLEM, ["on_behalf_of"],
    )  # fmt: skip
    assert reason in answer.json()["errors"]["on_behalf_of"][0]
    flag.refresh_from_db()
    assert (flag.acknowledged_at, FlagChange.objects.count()) == (None, 0)


def test_a_system_speaks_only_for_people_of_its_own_sites(world):
    flag = make_flag(world.order())
    make_person("plantperson", world.plant)
    ward = client_of(make_source("ward", world.oslo))
    assert ward.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of="plantperson")).status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"comment": "Seen."}, "on_behalf_of"),
        ({"comment": "Seen.", "on_behalf_of": "  "}, "on_behalf_of"),
        ({"on_behalf_of": "ada"}, "comment"),
        ({"comment": " ", "on_behalf_of": "ada"}, "comment"),
        ({"comment": "\x00", "on_behalf_of": "ada"}, "comment"),
        ({"comment": "x" * 501, "on_behalf_of": "ada"}, "comment"),
        ({"comment": "Seen.", "on_behalf_of": "ada", "cleared": True}, "cleared"),
    ],
)
def test_an_acknowledgement_needs_a_person_and_a_comment(world, client, body, field):
    flag = make_flag(world.order())
    make_person("ada", world.oslo)
    answer = client.send(f"{FLAGS}{flag.pk}/acknowledge/", body)
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (422, PROBLEM, [field])
    assert Flag.objects.get().acknowledged_at is None


def test_nobody_who_is_logged_in_speaks_for_another(world):
    flag = make_flag(world.order())
    client = session_of(make_user("ada", world.oslo))
    answer = client.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of="Grace"))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["on_behalf_of"])


def test_a_flag_that_was_cleared_meanwhile_is_told(world, client):
    flag = make_flag(world.order(), cleared_at=at(5))
    make_user("ada", world.oslo)
    answer = client.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of="Ada"))
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)


def test_reading_does_not_give_the_right_to_acknowledge(world):
    flag = make_flag(world.order())
    client = client_of(world.source, "flags:read")
    assert client.get(f"{FLAGS}{flag.pk}/").status_code == 200
    assert client.send(f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of="Ada")).status_code == 403


def test_no_address_clears_a_flag(world, client):
    flag = make_flag(world.order(), FlagCode.SILENT, severity=Severity.CRITICAL)
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert client.send(f"{FLAGS}{flag.pk}/", {"cleared_at": "now"}, method).status_code == 405


def test_a_flag_that_became_worse_than_what_was_seen_is_not_acknowledged(world, client):
    flag = make_flag(world.order(), severity=Severity.CRITICAL)
    make_user("ada", world.oslo)
    address, seen = f"{FLAGS}{flag.pk}/acknowledge/", said(on_behalf_of="Ada", seen_raised_at="2026-03-02T10:00:00Z")
    answer = client.send(address, seen | {"seen_severity": "attention"})
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)
    assert "has become critical meanwhile: read it again" in answer.json()["detail"]
    assert client.send(address, seen | {"seen_severity": "mild"}).status_code == 422
    assert client.send(address, seen | {"seen_severity": "critical"}).status_code == 200


def own(sender, flag: Flag, to: str, **more):
    answer = sender.send(f"{FLAGS}{flag.pk}/owner/", {"to": to} | more)
    flag.refresh_from_db()
    return answer


def flips_of(flag: Flag) -> list[tuple]:
    return list(flag.changes.order_by("changed_at", "pk").values_list("kind", "user__username", "source__code"))


def test_a_person_takes_a_flag_on_gives_it_to_another_and_back(world):
    flag = make_flag(world.order())
    ada, ola = make_person("ada", world.oslo), make_person("ola", world.plant, "Ola", "Dahl")
    assert own(session_of(ada), flag, "ada").json()["owner"] == "Ada Berg"
    assert own(session_of(ada), flag, "ola@site.example").json()["owner"] == "Ola Dahl"
    refused = own(session_of(ada), flag, "")
    assert (refused.status_code, refused["Content-Type"], flag.owner) == (409, PROBLEM, ola)
    assert own(session_of(ola), flag, "").json()["owner"] is None
    assert flips_of(flag) == [("taken_on", "ada", None), ("assigned", "ada", None), ("given_back", "ola", None)]


def test_a_system_passes_on_whose_it_is_among_people_of_its_own_sites(world):
    flag, ada = make_flag(world.order()), make_person("ada", world.oslo)
    make_person("plantperson", world.plant)
    ward = client_of(make_source("ward", world.oslo))
    assert own(ward, flag, "ada", on_behalf_of="ada").status_code == 200
    assert own(ward, flag, "ada", on_behalf_of="ada").status_code == 200
    assert (flag.owner, flips_of(flag)) == (ada, [("taken_on", "ada", "ward")])
    for to, on_behalf_of, field in (("ada", "", "on_behalf_of"), ("plantperson", "ada", "to"), ("eve", "ada", "to")):
        answer = own(ward, flag, to, on_behalf_of=on_behalf_of)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert flag.owner == ada


def test_a_cleared_flag_is_nobodys_and_another_sites_does_not_exist(world):
    cleared = make_flag(world.order(), cleared_at=at(50))
    ada = make_person("ada", world.oslo)
    assert own(session_of(ada), cleared, "ada").status_code == 409
    assert own(session_of(make_person("eve", world.bergen)), cleared, "eve").status_code == 404


def test_all_that_is_wrong_with_a_body_and_its_people_is_said_at_once(world, client):
    flag = make_flag(world.order())
    owner, seen = f"{FLAGS}{flag.pk}/owner/", f"{FLAGS}{flag.pk}/acknowledge/"
    assert set(client.send(owner, {"to": "nobody"}).json()["errors"]) == {"to", "on_behalf_of"}
    assert set(client.send(owner, {"to": 7, "on_behalf_of": "nobody", "odd": 1}).json()["errors"]) == {
        "to", "on_behalf_of", "odd",
    }  # fmt: skip
    assert set(client.send(seen, {"comment": " "}).json()["errors"]) == {"comment", "on_behalf_of"}
    person = session_of(make_user("ida", world.oslo))
    assert set(person.send(owner, {"to": "nobody", "on_behalf_of": "ida"}).json()["errors"]) == {"to", "on_behalf_of"}
