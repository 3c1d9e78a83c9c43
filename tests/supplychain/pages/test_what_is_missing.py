"""What is said of a field that was left empty: which one, and what to do; the same words on every page."""

import pytest
from django import forms
from django.urls import get_resolver

from supplychain.audit.refusals import Refused, refuse_unless_valid
from supplychain.pages.fields import MomentField
from supplychain.pages.missing import PlainForm, SaysWhatToDo
from supplychain.sites.models import Site

OURS = ("supplychain.", "batches.", "dashboards.", "cellops.")


class Sample(PlainForm):
    name = forms.CharField()
    hospital_order_number = forms.CharField(label="Hospital order number")
    plant = forms.ChoiceField(label="Made at", choices=[("a", "A")])
    sites = forms.MultipleChoiceField(choices=[("a", "A")])
    is_meant = forms.BooleanField(label="This is meant")
    file = forms.FileField()
    at = MomentField(label="When")
    token = forms.CharField(widget=forms.HiddenInput)
    own = forms.CharField(error_messages={"required": "Say why."})
    left = forms.CharField(required=False)


def test_each_field_says_by_its_label_what_to_do():
    assert Sample({}).errors == {
        "name": ["“Name” is missing: enter it."],
        "hospital_order_number": ["“Hospital order number” is missing: enter it."],
        "plant": ["“Made at” is missing: choose one."],
        "sites": ["“Sites” is missing: choose at least one."],
        "is_meant": ["“This is meant” is missing: tick it."],
        "file": ["“File” is missing: choose a file."],
        "at": ["“When” is missing: enter the day and the time."],
        "token": ["“Token” is missing: open the page again."],
        "own": ["Say why."],
    }


def test_what_is_asked_for_only_after_the_form_was_made_says_so_too():
    form = Sample({})
    form.fields["left"].required = True
    assert form.errors["left"] == ["“Left” is missing: enter it."]
    # What one form says is its own.
    assert Sample.base_fields["name"].error_messages["required"] == "This field is required."


def test_an_action_names_what_is_left_empty(db):
    with pytest.raises(Refused) as refused:
        refuse_unless_valid(Site(code="oslo", kind="treatment_centre", time_zone="Europe/Oslo"), but=["code"])
    assert refused.value.errors == {"name": "“Name” is missing: enter it."}


def test_every_form_of_ours_is_made_of_it():
    assert get_resolver().url_patterns
    bare = [kind for kind in _below(forms.BaseForm) if kind.__module__.startswith(OURS)]
    assert len(bare) > 30
    assert [str(kind) for kind in bare if not issubclass(kind, SaysWhatToDo)] == []


def _below(kind):
    return {below for one in kind.__subclasses__() for below in (one, *_below(one))}


def test_signing_in_names_it_as_well(client, db):
    errors = client.post("/login/", {}).context["form"].errors
    assert errors["password"] == ["“Password” is missing: enter it."]
