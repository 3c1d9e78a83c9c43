"""Pages that lose no row and repeat none, whatever happens between two of them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from batches.flags.models import Flag
from batches.judgement.statuses import Harm
from tests.batches.api_rows import make_flag
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at
from tests.supplychain.query_plans import Explained

pytestmark = pytest.mark.django_db
FLAGS = "/api/v1/flags/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


@pytest.fixture
def flags(world) -> list[str]:
    """Nine flags, in the order of the list: two classes of harm, equal and missing moments."""
    order, now = world.order(), timezone.now()
    wanted = [(harm, hours) for harm in (Harm.CELLS, Harm.FAILED) for hours in (1, 2, 2, None, None)][:-1]
    rows = [
        make_flag(order, stage=str(place), harm=harm, due=hours and now + timedelta(hours=hours))
        for place, (harm, hours) in enumerate(wanted)
    ]
    return [str(row.pk) for row in rows]


def ids(page: dict) -> list[str]:
    return [row["id"] for row in page["results"]]


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9, 10])
def test_the_pages_together_are_the_list_there_and_back(client, flags, size):
    page = client.get(FLAGS, {"page_size": size}).json()
    there, pages = ids(page), 1
    assert page["previous"] is None
    while page["next"]:
        page = client.get(page["next"]).json()
        there, pages = there + ids(page), pages + 1
    assert (there, pages) == (flags, -(-9 // size))
    back = ids(page)
    while page["previous"]:
        page = client.get(page["previous"]).json()
        back = ids(page) + back
    assert back == flags


def test_a_row_that_goes_between_two_pages_costs_no_other(client, flags):
    first = client.get(FLAGS, {"page_size": 3}).json()
    Flag.objects.filter(pk__in=flags[:2]).update(cleared_at=timezone.now())
    second = client.get(first["next"]).json()
    assert (ids(first), ids(second)) == (flags[:3], flags[3:6])


def test_a_row_that_comes_between_two_pages_repeats_no_other(client, world, flags):
    first = client.get(FLAGS, {"page_size": 3}).json()
    make_flag(world.order(ordered_at=at(1)), severity="critical", due=timezone.now())
    assert ids(client.get(first["next"]).json()) == flags[3:6]


def test_a_link_keeps_the_filters(client, flags):
    page = client.get(FLAGS, {"page_size": 2, "severity": ["attention"], "code": "stage_late"}).json()
    query = parse_qs(urlsplit(page["next"]).query)
    del query["cursor"]
    assert query == {"page_size": ["2"], "severity": ["attention"], "code": ["stage_late"]}


def test_orders_of_one_moment_are_all_paged(client, world):
    orders = {str(world.order().pk) for _ in range(7)}
    seen, path = [], "/api/v1/orders/?page_size=2"
    while path:
        page = client.get(path).json()
        seen, path = seen + ids(page), page["next"]
    assert (len(seen), set(seen)) == (7, orders)


def test_a_page_beyond_the_first_takes_no_query_more(client, flags, django_assert_num_queries):
    following = client.get(FLAGS, {"page_size": 3}).json()["next"]
    with django_assert_num_queries(1):
        client.get(following)


def test_a_page_of_orders_reads_no_other_orders_flags(world, client):
    """Also while nobody has counted the flags yet: a plan that reads all of them costs more with every order."""
    for number in range(60):
        order = world.order(ordered_at=at(number / 100))
        Flag.objects.bulk_create(raised(order, stage) for stage in range(20))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'batches_flag', 'relpages',"
                       " 0, 'reltuples', 0::real)")  # fmt: skip
    explained = Explained()
    with connection.execute_wrapper(explained):
        page = client.get("/api/v1/orders/", {"page_size": 50}).json()
    assert [len(row["flags"]) for row in page["results"]] == [20] * 50
    assert any("one_flag_per_subject_and_code" in line for line in explained.plans)
    assert not any("raised_flags" in line for line in explained.plans)


def raised(order, stage: int) -> Flag:
    return Flag(order=order, code="stage_late", stage=str(stage), severity="attention", harm=Harm.FAILED,
                since=at(1), raised_at=at(1), evidence={})  # fmt: skip
