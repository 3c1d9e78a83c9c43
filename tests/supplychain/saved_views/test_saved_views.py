"""A person's own views of the order list."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from supplychain.audit.refusals import Refused
from supplychain.saved_views import actions as saved_views
from supplychain.saved_views.models import SavedView
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def post(person, view: str, /, *args, **data):
    """The answer and what was said to the person."""
    response = browser_of(person).post(reverse(view, args=args), data)
    assert response.status_code == 302
    return response.headers["Location"], [str(message) for message in get_messages(response.wsgi_request)]


def names(person) -> list[str]:
    return list(person.saved_views.values_list("name", flat=True))


def test_a_view_is_kept_under_a_name_and_shown_beside_the_others(world):
    where, said = post(world.operations, "save_view", name=" Mine, critical ", query="flags=critical&owner=me")
    assert (where, said) == (f"{reverse('orders')}?flags=critical&owner=me", ["Saved as “Mine, critical”."])
    post(world.operations, "save_view", name="Held", query="status=on_hold")
    response = browser_of(world.operations).get(where)
    assert [(view.name, query) for view, query in response.context["own_views"]] == [
        ("Mine, critical", "flags=critical&owner=me"),
        ("Held", "status=on_hold"),
    ]
    assert response.context["own_view"].name == "Mine, critical"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name."),
        ("  ", "Give the view a name."),
        ("x" * 41, "Use at most 40 characters."),
        ("Held", "You have a view of this name already; choose another name."),
    ],
)
def test_a_name_must_be_there_short_and_new(world, name, said):
    saved_views.save_view(name="Held", query="status=on_hold", by=world.operations)
    assert post(world.operations, "save_view", name=name, query="due=week") == (f"{reverse('orders')}?due=week", [said])
    assert names(world.operations) == ["Held"]


def test_two_people_may_use_one_name(world):
    for person in (world.operations, world.coordinator):
        saved_views.save_view(name="Held", query="status=on_hold", by=person)
    assert SavedView.objects.count() == 2


def test_there_is_a_most(world):
    for number in range(saved_views.MOST_VIEWS):
        saved_views.save_view(name=f"View {number}", query="", by=world.operations)
    with pytest.raises(Refused, match="delete one first"):
        saved_views.save_view(name="One more", query="", by=world.operations)


def test_a_view_can_be_renamed_and_deleted(world):
    view = saved_views.save_view(name="Held", query="status=on_hold", by=world.operations)
    assert post(world.operations, "rename_view", view.pk, name="Stopped")[1] == ["“Held” is now “Stopped”."]
    assert post(world.operations, "rename_view", view.pk, name="")[1] == ["Give the view a name."]
    where, said = post(world.operations, "delete_view", view.pk)
    assert (where, said) == (f"{reverse('orders')}?status=on_hold", ["The view “Stopped” is deleted."])
    assert names(world.operations) == []


@pytest.mark.parametrize("name", ["rename_view", "delete_view"])
def test_other_peoples_views_do_not_exist(world, name):
    view = saved_views.save_view(name="Held", query="status=on_hold", by=world.operations)
    colleague = make_user("colleague", world.plant)
    assert browser_of(colleague).post(reverse(name, args=[view.pk]), {"name": "Mine"}).status_code == 404
    assert names(world.operations) == ["Held"]


def test_a_view_leads_to_our_own_page_only(world):
    where, _ = post(world.operations, "save_view", name="Odd", query="//evil.example/?x=1\r\nSet-Cookie: a=b")
    assert where.startswith(f"{reverse('orders')}?")
    assert "\n" not in where


def test_a_view_that_makes_no_sense_any_more_shows_open_orders(world):
    saved_views.save_view(name="Old", query="status=vanished&sort=nothing&%00=%ff", by=world.operations)
    world.order(coi="CO-1")
    response = browser_of(world.operations).get(reverse("orders"))
    assert [query for _, query in response.context["own_views"]] == [""]


def test_what_people_do_with_views_is_kept(world):
    view = saved_views.save_view(name="Held", query="status=on_hold", by=world.operations)
    saved_views.rename_view(view_id=view.pk, name="Stopped", by=world.operations)
    kept = list(SavedView.pgh_event_model.objects.order_by("pgh_id").values_list("name", "pgh_context__metadata__user"))
    assert kept == [("Held", str(world.operations.pk)), ("Stopped", str(world.operations.pk))]
