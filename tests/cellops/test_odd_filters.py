"""No filter of the interface that is blank, said twice or misspelt answers with more than was asked for."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, get_resolver
from django_filters import MultipleChoiceFilter

from supplychain.rest.endpoints import ListEndpoint
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World

pytestmark = pytest.mark.django_db


def lists(resolver=None, prefix: str = "/") -> Iterator[tuple[str, type[ListEndpoint]]]:
    """The address and class of every list."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from lists(pattern, address)
        elif issubclass(view := getattr(pattern.callback, "view_class", object), ListEndpoint):
            yield address, view


LISTS = dict(lists())
PARAMETERS = [
    (address, name, declared)
    for address, view in LISTS.items()
    for name, declared in [
        *(view.filterset_class.base_filters.items() if getattr(view, "filterset_class", None) else ()),
        ("page_size", None), ("cursor", None),
    ]
]  # fmt: skip


@pytest.fixture
def world() -> World:
    world = World()
    world.first = world.order()
    return world


def answer_of(world: World, address: str, query: str):
    return client_of(world.source).get(f"{address.replace('<uuid:order_id>', str(world.first.pk))}?{query}")


def test_every_list_is_asked():
    assert len(LISTS) >= 7
    assert not [address for address in LISTS if "<" in address.replace("<uuid:order_id>", "")]


@pytest.mark.parametrize(("address", "name", "declared"), PARAMETERS)
def test_a_blank_or_doubled_filter_is_refused(world, address, name, declared):
    blank = [answer_of(world, address, f"{name}={value}") for value in ("", "%20", "%09", "%C2%A0")]
    assert [(one.status_code, one.json()["errors"][name]) for one in blank] == [
        (400, ["It is blank, which would find everything; leave it out, or say what to look for."])
    ] * 4
    if not isinstance(declared, MultipleChoiceFilter):
        twice = answer_of(world, address, f"{name}=1&{name}=2")
        problem = ["Give it once; only one of these would count."]
        assert (twice.status_code, twice.json()["errors"][name]) == (400, problem)


@pytest.mark.parametrize("address", LISTS)
def test_a_filter_that_does_not_exist_is_refused(world, address):
    answer = answer_of(world, address, "identifer=CO1")
    assert answer.status_code == 400
    assert "identifer" in answer.json()["errors"]  # beside what else is missing
