"""The lists of the administration: each is found, names nothing out of reach, and costs the same however long it is."""

import pytest
from django.test import Client
from django.urls import reverse

from supplychain.administration.site import master_data
from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.custody.models import HandOverLink
from supplychain.custody.statuses import LinkEnd
from supplychain.people.models import User
from supplychain.systems.models import SourceSystem
from tests.supplychain.administration.forms import AdminWorld, address, browser
from tests.supplychain.builders import at, make_site, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


@pytest.fixture
def boss(world) -> Client:
    return browser(world.boss)


def test_every_table_is_found_on_the_first_page(world, boss):
    page = boss.get(reverse("admin:index"))
    shown = {model["model"] for group in page.context["app_list"] for model in group["models"]}
    assert shown == set(master_data._registry)


@pytest.mark.parametrize(
    "table",
    ["batches_pool", "batches_poolcapacity", "batches_suite", "supplychain_membership", "supplychain_statusevent"],
)  # fmt: skip
def test_no_filter_names_another_administrators_site_or_system(world, table):
    for name in ("foreign-one", "foreign-two"):
        make_source(name, make_site(name))
    filters = browser(world.local).get(address(table, "changelist")).content.decode()
    assert "foreign" not in filters.lower()


# Session, person, roles; count, rows, and what belongs to them.
QUERIES = {
    "supplychain_site": 5, "supplychain_product": 6, "supplychain_flow": 6, "supplychain_user": 7,
    "supplychain_membership": 6, "supplychain_sourcesystem": 6, "supplychain_statusevent": 6,
    "supplychain_identitycheck": 5, "supplychain_handoverlink": 5,
}  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("table", sorted(QUERIES))
def test_a_list_costs_the_same_for_one_row_and_for_three(world, django_assert_num_queries, table, rows):
    for number in range(rows):
        site = make_site(f"site-{number}")
        make_user(f"person-{number}", site)
        SourceSystem.objects.create(code=f"source-{number}", name="x", kind="logger").sites.set([site])
        order = world.order(coi=f"CO-{number}")
        said = {"by": world.reporter, "place": CheckPlace.REST, "client_id": str(number), "now": at(2)}
        check_identity(order.pk, read="CO-NOBODY", **said)
        HandOverLink.objects.create(
            order=order, stage="inbound", attempt=1, end=LinkEnd.PICKUP, token_hash=number, made_by=world.boss,
            made_at=at(1), expires_at=at(9),
        )  # fmt: skip
    client = browser(User.objects.create_superuser("root"))
    client.get(address(table, "changelist"))
    with django_assert_num_queries(QUERIES[table]):
        client.get(address(table, "changelist"))
