"""A list of the administration is filtered by its declared filters alone: no address asks for anything else."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from django.contrib.admin import ModelAdmin
from django.core.exceptions import SuspiciousOperation
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from supplychain.administration.site import master_data
from supplychain.people.models import User
from tests.supplychain.administration.forms import AdminWorld, browser

pytestmark = pytest.mark.django_db
TABLES = {model._meta.label_lower: admin for model, admin in master_data._registry.items()}
# What is tried on every column, in turn: a request for each of all would take minutes.
KINDS = ("startswith", "regex", "gt", "isnull", "in")


def lookups(model: type[Model]) -> Iterator[str]:
    """Every column that an address could name: the table's own, and those of the tables next to it."""
    for field in model._meta.get_fields():
        yield field.name
        if field.related_model is None:
            yield from (f"{field.name}__{kind}" for kind in KINDS[:2])
        else:
            columns = field.related_model._meta.concrete_fields
            yield from (f"{field.name}__{c.name}__{kind}" for c, kind in zip(columns, cycle(KINDS), strict=False))


def declared(admin: ModelAdmin, client: Client) -> set[str]:
    """The names that the list's own filters take."""
    filters = client.get(list_of(admin)).context["cl"].filter_specs
    return {name for one in filters for name in one.expected_parameters()}


def list_of(admin: ModelAdmin) -> str:
    return reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")


@pytest.fixture
def local() -> Client:
    """An administrator of one site, who is shown rows of every table that has any there."""
    world = AdminWorld()
    world.order()
    return browser(world.local)


@pytest.mark.parametrize("hash_of", ["password", "password__startswith", "password__regex"])
def test_a_password_cannot_be_guessed_letter_by_letter(local, hash_of):
    stored = User.objects.get(username="local").password
    answer = local.get(reverse("admin:supplychain_user_changelist"), {hash_of: stored[:20]})
    assert answer.status_code == 400
    assert b"local" not in answer.content


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_in_reach_of_a_table_is_refused(local, table):
    taken = declared(TABLES[table], local)
    names = {*lookups(TABLES[table].model), "nonsense", "nonsense__startswith", "pk", "pk__in"} - taken
    for name in sorted(names):
        asked = RequestFactory().get(list_of(TABLES[table]), {name: "x"})
        asked.user = User.objects.get(username="local")
        with pytest.raises(SuspiciousOperation):
            TABLES[table].get_changelist_instance(asked)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_declared_filters_work(local, table):
    for name in declared(TABLES[table], local):
        assert local.get(list_of(TABLES[table]), {name: ""}).status_code in {200, 302}, name


@pytest.mark.parametrize("field", ["password", "email", "username", "memberships", "nonsense"])
@pytest.mark.parametrize("address", ["changelist", "add"])
def test_no_row_is_referred_to_by_another_column(local, address, field):
    answer = local.get(reverse(f"admin:supplychain_user_{address}"), {"_to_field": field, "_popup": "1"})
    assert answer.status_code == 400
