"""Django's own words about a value stand on no page: every form says in ours what is wrong, and what to do."""

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core import validators
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver

from supplychain.administration.site import master_data as administration
from supplychain.django_words import own_words
from supplychain.pages.missing import PlainForm, field_words
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import make_site, make_user
from tests.supplychain.pages.test_what_is_missing import OURS, _below

NASTY = ["", " ", "x", "nonsense", "-1", "1e99", "9" * 30, "ü/…", "x" * 5_000, "\x00",
         ["a", "b"], ["\x00"], "2026-13-45",
         "2026-01-01T25:00", "a,b,,", "{", "http://", "a@", {}, 7, -7.5, SimpleUploadedFile("x.txt", b"")]  # fmt: skip
# What a value of a form cannot bring about.
NEVER = {"", "The inline value did not match the parent instance."}


def said_by_django() -> list[str]:
    """The sentences of all fields and validators, with what they name to be filled in."""
    fields = [*_below(forms.Field), forms.Field, models.Field]
    found = {str(text) for kind in fields for text in vars(kind).get("default_error_messages", {}).values()
             if kind.__module__.startswith("django.")}  # fmt: skip
    kinds = [kind for kind in vars(validators).values() if isinstance(kind, type) and hasattr(kind, "message")]
    found |= {str(kind.message) for kind in kinds}
    found |= {str(text) for kind in kinds for text in getattr(kind, "messages", {}).values()}
    return sorted(found - NEVER)


def pattern_of(text: str) -> str:
    return re.sub(r"%\\\([a-z_]+\\\)\w|\\{[a-z_]+\\}", ".*", re.escape(text))


DJANGOS = re.compile("|".join(map(pattern_of, said_by_django())) + r"|Item \d+ in the array.*", re.DOTALL)


def all_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of ours, and those that the administration makes of its tables."""
    assert get_resolver().url_patterns
    yield from (kind for kind in _below(forms.BaseForm) if kind.__module__.startswith(OURS))
    request = RequestFactory().get("/")
    request.user = make_user("boss", make_site("alone"), role=Role.ADMINISTRATOR)
    pages = (page for page in administration._registry.values() if page.has_add_permission(request))
    yield from (page.get_form(request) for page in pages)


def test_there_is_an_own_sentence_for_each_of_django():
    left = [
        text for text in said_by_django() if own_words(re.sub(r"%\([a-z_]+\)\w|\{[a-z_]+\}", "7", text), "Name") == text
    ]
    assert left == []


def test_no_field_of_any_form_answers_in_djangos_words(db):
    answered, djangos = 0, set()
    for kind in all_forms():
        for name, field in kind.base_fields.items():
            for value in NASTY:
                for text in _refusals(field, value):
                    answered += 1
                    if DJANGOS.fullmatch(field_words(text, name, field)) or "“required”" in text:
                        djangos.add((kind.__name__, name, text))
    assert answered > 500
    assert {one for one in djangos if one[2] != "This field is required."} == set()


def _refusals(field: forms.Field, value: object) -> list[str]:
    try:
        field.clean(value, None) if isinstance(field, forms.FileField) else field.clean(value)
    except ValidationError as error:
        return error.messages
    except (TypeError, AttributeError):  # a value that no browser sends to this kind of field
        return []
    return []


class Sample(PlainForm):
    plant = forms.ChoiceField(label="Made at", choices=[("", "Choose"), ("a", "Porto"), ("b", "Lyon")])
    numbers = SimpleArrayField(forms.CharField(max_length=5), label="Facility numbers")
    places = forms.IntegerField(max_value=9)
    token = forms.UUIDField(widget=forms.HiddenInput)


def test_it_is_said_what_is_wrong_and_what_to_do():
    assert Sample({"plant": "100 %", "numbers": "G1234,G12345", "places": "many", "token": "x"}).errors == {
        "plant": ["“100 %” cannot be chosen here: choose one of Porto, Lyon."],
        "numbers": ["Entry 2: 6 characters are too many: write at most 5."],
        "places": ["Write a whole number in digits, such as 12."],
        "token": ["This names nothing that there is: open the page again, then send it."],
    }


@pytest.mark.django_db
def test_a_page_of_the_administration_says_so_too():
    world = TowerWorld()
    world.coordinator.is_superuser = world.coordinator.is_staff = True
    world.coordinator.save()
    page = browser_of(world.coordinator).post("/admin/supplychain/site/add/", {
        "code": "two words", "name": "x" * 300, "kind": "nonsense", "time_zone": "nowhere", "facilities": "G1234,5%",
        "reason": "A new centre.",
    })  # fmt: skip
    texts = [text for texts in page.context["errors"] for text in texts]
    assert len(texts) > 3
    assert [text for text in texts if DJANGOS.fullmatch(text)] == []
    assert any(text.startswith("Entry 2: this is no facility number") for text in texts)
