"""A site's telephone number is one that can be dialled."""

import pytest

from supplychain.audit.refusals import Refused
from supplychain.sites.actions import change_site, create_site
from supplychain.sites.rules import telephone_problem
from supplychain.sites.statuses import SiteKind


@pytest.mark.parametrize("text", ["", "+47 23 07 00 00", "(0)71 526 91 11", "+1 202-555-0143 ext. 12", "112 34"])
def test_what_can_be_dialled_is_taken(text):
    assert telephone_problem(text) == ""


@pytest.mark.parametrize("text", ["call me", "tbd", "+", "123", "0-0", "ask at the desk 12345"])
def test_what_cannot_says_what_to_write(text):
    assert telephone_problem(text) == (
        f"“{text}” is no telephone number: write it with its country code, such as +47 23 07 00 00."
    )


@pytest.mark.django_db
def test_neither_a_new_site_nor_a_change_takes_it():
    site = create_site(code="oslo", name="Oslo", kind=SiteKind.TREATMENT_CENTRE, by=None)
    with pytest.raises(Refused, match="telephone: “call me” is no telephone number"):
        create_site(code="bergen", name="Bergen", kind=SiteKind.TREATMENT_CENTRE, telephone="call me", by=None)
    with pytest.raises(Refused, match="telephone: “call me” is no telephone number"):
        change_site(
            site, name="Oslo", time_zone="UTC", telephone="call me", is_active=True, reason="New desk.", by=None
        )
