"""A scanner at a hand-over, in a browser on a phone: codes that follow one another, a swapped bag, and two people."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.chain.models import IdentityCheck
from tests.dashboards.windows import sign_in
from tests.supplychain.chain.checking import CheckedWorld

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def world(transactional_db) -> CheckedWorld:
    return CheckedWorld()


def test_a_swapped_bag_is_caught_at_the_hand_over_and_two_people_resolve_it(world, system, page, context):
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(context, system, world.coordinator)
    page.goto(system.address + reverse("order", args=[world.mine.pk]))
    page.locator(".actions-main").get_by_role("button", name="handed to the courier").click()
    field = page.locator("dialog [data-check]")
    expect(field).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    field.press_sequentially("CO-MINE")
    field.press("Enter")
    expect(page.locator("dialog .check-word")).to_have_text("Match")
    field.press_sequentially("CO-NOBODY")
    field.press("Tab")
    field.press_sequentially("CO-THEIRS")
    field.press("Enter")
    expect(page.locator("dialog .check-word")).to_have_text("MISMATCH: stop")
    expect(page.locator("dialog #check-said")).to_contain_text("Put it aside and call quality assurance")
    kept = IdentityCheck.objects.order_by("recorded_at").values_list("read", "outcome", "stage", "place")
    assert list(kept) == [
        ("CO-MINE", "match", "inbound", "hand_over"),
        ("CO-NOBODY", "unknown", "inbound", "hand_over"),
        ("CO-THEIRS", "mismatch", "inbound", "hand_over"),
    ]

    evaluate_due_orders(now=timezone.now())
    flag = Flag.objects.get(code=FlagCode.IDENTITY_MISMATCH)
    for person in (world.second, world.quality):
        sign_in(context, system, person)
        page.goto(system.address + reverse("order", args=[world.mine.pk]))
        page.locator(f"#resolve-{flag.pk}").click()
        page.locator("dialog textarea").fill("This order’s own bag was found and read.")
        page.locator("dialog button[type=submit]").click()
        expect(page.locator("dialog")).not_to_be_visible()
        evaluate_due_orders(now=timezone.now())
    flag.refresh_from_db()
    assert flag.cleared_at is not None
