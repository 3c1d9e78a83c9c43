"""A phone's camera reads the label of a bag, without a network too: what nobody answered is not taken for verified."""

from collections.abc import Iterator

import numpy as np
import pytest
import zxingcpp
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect, sync_playwright

from supplychain.chain.models import IdentityCheck
from supplychain.orders.models import PatientOrder
from tests.browser import launch_arguments
from tests.dashboards.builders import TowerWorld, browser_of
from tests.dashboards.windows import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

COI = "CHA999926K7M3XQ"
WIDTH, HEIGHT = 640, 480


def film(text: str) -> bytes:
    """A film (YUV4MPEG2) of one picture that a camera could see: a Data Matrix on a white label."""
    symbol = np.array(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=6))
    picture = np.full((HEIGHT, WIDTH), 235, dtype=np.uint8)
    top, left = (HEIGHT - symbol.shape[0]) // 2, (WIDTH - symbol.shape[1]) // 2
    picture[top : top + symbol.shape[0], left : left + symbol.shape[1]] = np.where(symbol > 127, 235, 16)
    grey = np.full(HEIGHT * WIDTH // 2, 128, dtype=np.uint8)
    frame = b"FRAME\n" + picture.tobytes() + grey.tobytes()
    return f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10


@pytest.fixture(scope="module")
def chromium(django_db_setup, tmp_path_factory) -> Iterator[Browser]:
    """A browser whose camera sees the label, and whose person lets pages use it."""
    seen = tmp_path_factory.mktemp("camera") / "label.y4m"
    seen.write_bytes(film(f"&/{COI}"))
    arguments = launch_arguments()
    arguments["args"] += [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(**arguments)
        yield browser
        browser.close()


def test_the_camera_reads_a_label_and_says_what_is_not_verified(system, context, page: Page):
    world = TowerWorld()
    world.order(coi=COI)
    sign_in(context, system, world.operations)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(system.address + reverse("operations"))

    # Read where there is no network: kept, and said to be unverified.
    page.route("**/operations/", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator("#scan-waiting")).to_contain_text(f"&/{COI}: read, not verified yet")
    expect(page.locator("#scan-waiting")).to_contain_text("No answer from the server")
    expect(page.locator("#scan-said")).not_to_contain_text("Match")
    page.unroute("**/operations/")

    # The network is back: asked by itself, and the order is on the list once.
    expect(page.locator("#scan-said")).to_contain_text("Match")
    expect(page.locator("#scan-waiting")).to_be_hidden()
    expect(page.locator(".listed-coi")).to_have_text(COI)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.get_by_role("button", name="Stop camera").click()
    expect(page.get_by_role("button", name="Camera", exact=True)).to_be_focused()
    assert troubles == []


# A form as a dialog brings it, whose answer is only counted here.
A_DIALOG = """() => {
  const form = document.createElement("form");
  form.innerHTML = '<input id="check" name="code" aria-label="Scan to verify" data-camera-scan>'
    + '<input id="number" aria-label="Donation number" data-camera-scan="fill">';
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.title = `sent ${new FormData(form).get("code")}`;
  });
  document.getElementById("scan-form").remove();
  document.querySelector("main").append(form);
  document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
}"""


def test_any_form_takes_a_reading_and_sends_it_once_there_is_a_network(system, context, page: Page):
    sign_in(context, system, TowerWorld().operations)
    page.goto(system.address + reverse("operations"))
    expect(page.get_by_role("button", name="Camera", exact=True)).to_be_visible()
    page.evaluate(A_DIALOG)
    cameras = page.get_by_role("button", name="Camera", exact=True)
    cameras.nth(1).click()
    expect(page.get_by_label("Donation number")).to_have_value(f"&/{COI}")
    expect(page.get_by_label("Donation number")).to_be_focused()
    assert "sent" not in page.title()  # the person sends the form, once all of it is filled in
    cameras.first.click()
    expect(page).to_have_title(f"sent &/{COI}")  # the decoder is here from now on

    page.evaluate("document.title = ''")
    context.set_offline(True)
    cameras.first.click()
    kept = page.get_by_text("Read, not verified yet. There is no network.")
    expect(kept).to_be_visible()
    expect(page.get_by_label("Scan to verify")).to_have_value(f"&/{COI}")
    assert page.title() == ""
    context.set_offline(False)
    expect(page).to_have_title(f"sent &/{COI}")
    expect(kept).to_be_hidden()


def test_an_identity_check_reads_with_the_camera_and_loses_nothing_without_a_network(system, context, page: Page):
    world = TowerWorld()
    world.order(coi=COI)
    order = world.order(coi="CO-MINE")
    sign_in(context, system, world.operations)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(system.address + reverse("identity_checks", args=[order.pk]))
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.get_by_text("MISMATCH: stop").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Stop camera").click()

    context.set_offline(True)
    page.get_by_role("button", name="Camera", exact=True).click()
    kept = page.get_by_text("is not verified yet: the server did not answer.")
    expect(kept).to_be_visible()
    assert IdentityCheck.objects.count() == 1
    context.set_offline(False)
    expect(kept).to_be_hidden()
    assert set(IdentityCheck.objects.values_list("order", "outcome")) == {(order.pk, "mismatch")}
    assert IdentityCheck.objects.count() == 2


def test_a_code_does_not_go_with_the_session_that_has_ended(system, context, page: Page):
    world = TowerWorld()
    order = world.order(coi="CO-MINE")
    sign_in(context, system, world.operations)
    page.goto(system.address + reverse("identity_checks", args=[order.pk]))
    field = page.locator("#check-read")
    field.fill("CO-MINE")
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.on("dialog", lambda asked: asked.dismiss())  # “Leave this page?”
    field.press("Enter")
    expect(page.get_by_text("CO-MINE is not verified yet: the server did not answer.")).to_be_visible()
    assert IdentityCheck.objects.count() == 0


def test_without_a_camera_there_is_no_button_and_without_leave_there_are_words(system, context):
    sign_in(context, system, TowerWorld().operations)
    address = system.address + reverse("operations")
    refused = context.new_page()
    refused.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }"
    )
    refused.goto(address)
    refused.get_by_role("button", name="Camera", exact=True).click()
    expect(refused.get_by_text("The camera is not allowed here. Allow it for this site")).to_be_visible()
    expect(refused.get_by_role("button", name="Camera", exact=True)).to_be_focused()

    without = context.new_page()
    without.add_init_script(
        "navigator.mediaDevices.enumerateDevices = async () => { document.title = 'asked'; return []; }"
    )
    without.goto(address)
    expect(without).to_have_title("asked")
    expect(without.get_by_role("button", name="Camera", exact=True)).to_have_count(0)


def test_only_pages_that_read_with_a_camera_may_compile_a_decoder():
    world = TowerWorld()
    client, order = browser_of(world.operations), reverse("order", args=[world.order().pk])
    checks = reverse("identity_checks", args=[PatientOrder.objects.get().pk])
    pages = [reverse("operations"), order, reverse("site"), checks, reverse("control_tower"), reverse("orders")]
    answers = [client.get(page) for page in pages]
    policies = ["'wasm-unsafe-eval'" in answer["Content-Security-Policy"] for answer in answers]
    scripts = ["js/camera.js" in answer.text for answer in answers]
    assert policies == scripts == [True] * 4 + [False] * 2
