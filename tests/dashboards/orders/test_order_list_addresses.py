"""The address of the order list: read where it makes sense, harmless where it does not."""

from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from tests.dashboards.builders import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


HOSTILE = [
    "status=nonsense", "sort=;drop", "promised_from=abc", "promised_to=9999-12-31", "ordered_from=0001-01-01",
    "infused=2026-13", "infused=0000-01", "due=tomorrow", "flags=%00", "q=%00", "q=" + "x" * 3000, "stage=" + "é" * 500,
    "after=~~~", "after=0~zz~zz", "before=5~1e999~00000000-0000-0000-0000-000000000000",
    "after=0~nan~00000000-0000-0000-0000-000000000000", "after=1~~00000000-0000-0000-0000-000000000000",
    "after=9~~00000000-0000-0000-0000-000000000000", "sort=promise&after=0~12~00000000-0000-0000-0000-000000000000",
    "sort=promise&after=0~9999-12-31T23:59:59-12:00~00000000-0000-0000-0000-000000000000",
    "sort=coi&before=0~%00~00000000-0000-0000-0000-000000000000", "q=%25_%5C", "owner=you", "run=held", "size=-1",
    "sort=coi&sort=promise", "q='%22%3E<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("name", ["orders", "orders_live", "orders_csv"])
@pytest.mark.parametrize("query", HOSTILE)
def test_nonsense_in_the_address_does_no_harm(world, name, query):
    world.order()
    response = browser_of(world.operations).get(f"{reverse(name)}?{query}")
    assert response.status_code == 200
    body = response.getvalue() if response.streaming else response.content
    assert b"<script>alert" not in body


def test_what_was_not_understood_is_said(world):
    response = browser_of(world.operations).get(f"{reverse('orders')}?promised_from=abc&due=tomorrow&flags=critical")
    assert response.context["chosen"].ignored == ("wanted or promised", "wanted or promised from")
    assert "Left out" in response.text


def test_the_address_of_a_filter_leads_back_to_it(world):
    query = (
        "q=CO&status=any&stage=selection&run=held&flags=critical&owner=me&due=week&promised_from=2026-03-01&sort=-coi"
    )
    chosen = browser_of(world.operations).get(f"{reverse('orders')}?{query}").context["chosen"]
    again = browser_of(world.operations).get(f"{reverse('orders')}?{chosen.query}").context["chosen"]
    assert again == chosen
    assert parse_qs(chosen.query) == parse_qs(query)
