"""Where a person lands after signing in, and what the navigation says first."""

import pytest
from django.urls import reverse

from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of

pytestmark = pytest.mark.django_db


def landed(person) -> tuple[str, str]:
    """The page after sign-in, and the first link of its navigation."""
    answer = browser_of(person).get(reverse("start"), follow=True)
    return answer.redirect_chain[-1][0], answer.context["navigation"][0].address


def test_a_coordinator_begins_at_the_own_centre():
    world = TowerWorld()
    assert landed(world.coordinator) == (reverse("site"), reverse("site"))


def test_operations_begin_at_the_control_tower():
    world = TowerWorld()
    assert landed(world.operations) == (reverse("control_tower"), reverse("control_tower"))


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        ("alarms", "KPIs"), ("calibration", "KPIs"), ("calibration_predictions", "KPIs"), ("durations", "Lines"),
        ("resources", "Lines"), ("lines", "Lines"), ("inbox", "Inbox"), ("control_tower", "Control tower"),
    ],
)  # fmt: skip
def test_a_page_below_a_place_marks_its_tab(page, tab):
    places = browser_of(TowerWorld().operations).get(reverse(page)).context["navigation"]
    assert [place.name for place in places if place.is_current] == [tab]


def test_the_administration_has_the_scripts_of_the_bar_and_of_dates_in_words():
    world = TowerWorld()
    Membership.objects.create(user=world.operations, site=world.plant, role=Role.ADMINISTRATOR)
    page = browser_of(world.operations).get(reverse("admin:batches_poolcapacity_add"), follow=True).content.decode()
    assert all(f"dashboards/js/{name}.js" in page for name in ("tabs", "moments"))
    assert 'type="datetime-local"' in page


def test_who_does_both_begins_at_the_control_tower():
    world = TowerWorld()
    Membership.objects.create(user=world.operations, site=world.oslo, role=Role.SITE_COORDINATOR)
    assert landed(world.operations) == (reverse("control_tower"), reverse("control_tower"))
