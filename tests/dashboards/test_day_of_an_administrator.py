"""An administrator's day in a real browser: a product with its flow, a site, a person, a capacity."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from batches.capacity.models import Pool, PoolCapacity
from supplychain.flows.models import Flow
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.dashboards.builders import TowerWorld
from tests.dashboards.windows import sign_in, wait_for
from tests.supplychain.builders import at, make_user
from tests.supplychain.flows.test_flow_files import SMALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WHY = "Change request 17"
IS_SEEN = """() => {
  const here = document.querySelector(".mainnav [aria-current]")?.getBoundingClientRect();
  return here && here.left >= 0 && here.right <= document.documentElement.clientWidth + 1;
}"""


@pytest.fixture
def page(chromium: Browser, system, transactional_db) -> Iterator[Page]:
    """A window of the administrator, watched for what the browser complains of: the content policy among others."""
    world = TowerWorld()
    pool = Pool.objects.create(site=world.plant, code="suite", name="Suites")
    PoolCapacity.objects.create(pool=pool, places=3, starts_at=at(0))
    boss = make_user("boss", world.plant, world.oslo, world.bergen, role=Role.ADMINISTRATOR)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=system.address)
    sign_in(context, system, boss)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def save(page: Page, name: str = "Save") -> None:
    page.get_by_label("Reason for the change").fill(WHY)
    page.get_by_role("button", name=name, exact=True).click()


def test_an_administrators_day(page):
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Master data").click()
    add_a_product_with_its_flow(page)
    add_a_site(page)
    add_a_person_there(page)
    give_the_suites_more_places(page)

    # All of it is in the audit trail, with who and why.
    page.goto("/admin/history/")
    for what in ("suite", "kari", "tromso", "small"):
        expect(page.locator("table.changes tbody tr", has_text=what).first).to_contain_text(WHY)
    assert Flow.objects.get(product__code="demo-a").version == 1
    assert Site.objects.get(code="tromso").time_zone == "Europe/Oslo"
    assert [(m.site.code, m.role) for m in User.objects.get(username="kari").memberships.all()] == [
        ("tromso", "site_coordinator")
    ]
    assert list(PoolCapacity.objects.order_by("starts_at").values_list("places", flat=True)) == [3, 5]


def add_a_product_with_its_flow(page: Page) -> None:
    """First with a mistake in it, then right."""
    page.get_by_role("link", name="Add to products").click()
    page.get_by_label("The flow:", exact=True).fill(SMALL.replace("after: [making]", "after: [makin]"))
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Line 9, stage culture, after[0]: no stage has the code “makin”")
    page.get_by_label("The flow:", exact=True).fill(SMALL)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Demo A (demo-a): small version 1, created")
    save(page, "Check and load")
    expect(page.get_by_role("heading", level=1)).to_contain_text("A small flow")
    expect(page.locator("svg.flow [data-stage]")).to_have_count(4)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download YAML").click()
    assert download.value.suggested_filename == "small-v1.yaml"


def add_a_site(page: Page) -> None:
    page.goto("/admin/supplychain/site/add/")
    page.get_by_label("Code").fill("tromso")
    page.get_by_label("Name").fill("Tromsø")
    page.get_by_label("Kind").select_option("treatment_centre")
    page.get_by_label("Time zone").select_option("Europe/Oslo")
    save(page)
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")


def add_a_person_there(page: Page) -> None:
    page.goto("/admin/supplychain/user/add/")
    page.get_by_label("Username").fill("kari")
    page.get_by_label("Last name").fill("Nordmann")
    page.get_by_label("Email address").fill("kari@example.org")
    page.get_by_label("Role").select_option("site_coordinator")
    page.get_by_label("Tromsø (treatment centre)").check()
    save(page)
    expect(page.locator(".messagelist")).to_contain_text("A link to set a password is on its way to kari@example.org")


def give_the_suites_more_places(page: Page) -> None:
    page.goto("/admin/batches/pool/")
    page.get_by_role("link", name="Suites").click()
    page.get_by_role("link", name="Change the capacity").click()
    page.get_by_label("From").fill(f"{timezone.now() + timedelta(days=8):%Y-%m-%dT06:00}")
    page.get_by_label("Places").fill("5")
    save(page)
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")


@pytest.mark.parametrize("path", ["/admin/", "/admin/supplychain/user/", "/admin/batches/pool/add/", "/admin/history/"])
def test_a_phone_shows_everything_without_scrolling_sideways(page, path):
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_shows_the_tab_one_is_at(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    for path in ("/admin/", "/admin/history/", "/inbox/", "/alarms/"):
        page.goto(path)
        wait_for(page, IS_SEEN)


def test_a_date_is_said_in_words_below_its_field(page):
    page.goto("/admin/history/")
    page.locator("input[type=date]").first.fill("2026-11-03")
    expect(page.locator("input[type=date] + .moment-words").first).to_have_text("Tuesday 3 November 2026")
    page.goto("/admin/batches/poolcapacity/add/")
    page.get_by_label("From").fill("2026-12-24T08:00")
    expect(page.locator("input[type=datetime-local] + .moment-words").first).to_have_text(
        "Thursday 24 December 2026, 08:00"
    )
