"""Signing in, in a real browser: a security key, the look that a person chose, and a page that nobody touches."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.dashboards.builders import TowerWorld
from tests.dashboards.windows import wait_for
from tests.supplychain.sign_in.visitors import PASSWORD, forget_attempts
from tests.system import RunningSystem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture(autouse=True)
def _people_have_cheap_passwords() -> None:
    """Not here: the program that checks the password knows the product's hash alone."""


@pytest.fixture
def address(system: RunningSystem) -> str:
    """Where the pages are, by a name: security keys know no numbers."""
    return system.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def context(chromium: Browser, transactional_db) -> Iterator[BrowserContext]:
    """A browser window without history."""
    forget_attempts()
    window = chromium.new_context(viewport={"width": 1200, "height": 800}, color_scheme="light")
    yield window
    window.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab of it, which complains of nothing (the content security policy, among other things)."""
    tab, said = context.new_page(), []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    yield tab
    assert said == []


def log_in(page: Page, address: str, path: str = "/profile/") -> None:
    page.goto(f"{address}{reverse('login')}?next={path}")
    page.get_by_label("User name or e-mail address").fill("operations")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_security_key_is_added_and_asked_for_at_the_next_login(page, context, address):
    TowerWorld()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})

    log_in(page, address, reverse("mfa_add_webauthn"))
    page.get_by_label("Name").fill("blue key")
    page.get_by_role("button", name="Add it now").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert (key.user.username, key.wrap().name) == ("operations", "blue key")

    page.get_by_role("button", name="Log out").click()
    log_in(page, address)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(f"{address}/profile/")
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_without_a_key_the_page_says_so_and_the_code_remains(page, context, address):
    world = TowerWorld()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    log_in(page, address, reverse("mfa_add_webauthn"))
    page.get_by_role("button", name="Add it now").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = Authenticator.objects.get(user=world.operations, type="recovery_codes").wrap().get_unused_codes()
    cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.get_by_role("button", name="Log out").click()
    log_in(page, address)
    page.get_by_role("button", name="Use a security key").click()
    expect(page.locator("[data-key-trouble]")).to_contain_text("That did not happen")
    page.get_by_label("Code of your authenticator app").fill(codes[0])
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{address}/profile/")


def test_the_chosen_look_is_there_from_the_first_paint_and_the_button_overrides_it(page, address):
    TowerWorld()
    log_in(page, address)
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("Saved.")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.get_by_label("As the device says").check()
    page.get_by_role("button", name="Save").click()
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_a_page_that_nobody_touches_warns_then_logs_out_and_leads_back(page, address):
    TowerWorld()
    page.clock.install()
    log_in(page, address)
    expect(page).to_have_url(f"{address}/profile/")
    warning = page.locator("#notice", has_text="Nobody has used this page for a while")
    expect(warning).to_be_hidden()
    page.clock.fast_forward(1000 * (settings.SESSION_IDLE_SECONDS - 110))
    expect(warning).to_be_visible()
    with page.expect_request(f"**{reverse('stay_signed_in')}") as told:
        page.keyboard.press("Shift")
    assert told.value.method == "POST"
    expect(warning).to_be_hidden()
    page.clock.fast_forward(1000 * settings.SESSION_IDLE_SECONDS)
    expect(page).to_have_url(re.compile(r"/login/\?ended=idle&next=%2Fprofile%2F$"))
    expect(page.locator("main")).to_contain_text("because nobody used the page for a while")


def test_what_the_board_fetches_by_itself_is_marked(page, address):
    TowerWorld()
    log_in(page, address, "/")
    wait_for(page, "'htmx' in window")
    with page.expect_request(f"**{reverse('control_tower_live')}**") as asked:
        page.evaluate("htmx.trigger(document.body, 'poll')")
    assert asked.value.headers["x-background"] == "1"
