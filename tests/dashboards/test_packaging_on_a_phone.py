"""A flag of packaging on a telephone: its inputs make the page no wider than the screen."""

import pytest
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from supplychain.orders.actions.events import record_event
from tests.dashboards.windows import sign_in
from tests.supplychain.builders import at, report
from tests.supplychain.chain.checking import CheckedWorld
from tests.supplychain.transport.test_shippers import make_shipper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_inputs_of_a_packaging_flag_fit(transactional_db, system, page, context):
    world = CheckedWorld()
    make_shipper(world.plant, "BOX-7-OF-THE-HOUSE", coldest=2, warmest=8, is_retired=True)
    said = {"shipper_number": "BOX-OF-ANOTHER-HOUSE-4711", "answers": {}}
    record_event(report(world.mine, "shipment_packed", "inbound", 7, payload=said), by=world.reporter, now=at(7))
    evaluate_due_orders(now=at(8))
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(context, system, world.operator)
    page.goto(system.address + reverse("order", args=[world.mine.pk]))
    details = page.locator("details.flag-more", has_text="Rule and its inputs")
    assert details.count()
    for one in details.all():
        one.locator("summary").click()
    assert page.locator(".evidence-rows").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
