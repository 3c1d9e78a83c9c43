"""What a driver says on the page of a link."""

from typing import Any

from django import forms

from supplychain.custody.statuses import LinkEnd
from supplychain.names import validate_name
from supplychain.orders.rules.hand_overs import MOST_SAID
from supplychain.orders.statuses import Packaging, Seal
from supplychain.pages.missing import PlainForm

TYPED = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}


class DriverForm(PlainForm):
    """Who hands over and how the shipment looks."""

    driver = forms.CharField(
        label="Your name", max_length=MOST_SAID, validators=[validate_name], widget=forms.TextInput(attrs=TYPED)
    )
    other = forms.CharField(
        max_length=MOST_SAID, required=False, validators=[validate_name], widget=forms.TextInput(attrs=TYPED)
    )
    seal = forms.ChoiceField(label="The seal is", choices=Seal.choices, widget=forms.RadioSelect)
    packaging = forms.ChoiceField(label="The packaging is", choices=Packaging.choices, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, end: str) -> None:
        super().__init__(data)
        whom = "gives it to you" if end == LinkEnd.PICKUP else "takes it"
        self.fields["other"].label = f"Name of who {whom}"


class SecondForm(PlainForm):
    """Where the second person of a step shows who they are: their own name and password, never the first one's. The
    page draws its fields itself, with an id for each report."""

    name = forms.CharField(label="Second person: user name or e-mail address", max_length=254)
    password = forms.CharField(label="Second person: password", max_length=4096, strip=False)
    code = forms.CharField(label="Second person: code of their app", max_length=40, required=False)
