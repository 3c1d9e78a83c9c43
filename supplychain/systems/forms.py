"""The form of a reporting system."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from oauth2_provider.settings import oauth2_settings

from supplychain.administration.forms import MasterDataForm
from supplychain.people.forms import SitesField
from supplychain.systems.actions import USUAL_SCOPES
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import ReportScope, SourceKind

REPORTED = (
    "What it reports without the right to is kept and flagged with its name; a release, a cancellation or another "
    "decision does not count."
)


def scope_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a system may be allowed, with what each means: what it may do, and what it may say of orders."""
    scopes = [(scope, f"{scope}: {meaning}") for scope, meaning in oauth2_settings.SCOPES.items()]
    return [
        ("Use of the interface", [choice for choice in scopes if choice[0] not in ReportScope.values]),
        ("What it may report", [choice for choice in scopes if choice[0] in ReportScope.values]),
    ]


def usual_words() -> SafeString:
    """What a system without scopes of its own gets, for the form: a line for each kind."""
    rows = [(SourceKind(kind).label, ", ".join(scopes)) for kind, scopes in USUAL_SCOPES.items()]
    kinds = format_html_join("", "<li><strong>{}</strong>: {}</li>", rows)
    return format_html("None chosen: the usual ones of its kind.<ul>{}</ul>{}", kinds, REPORTED)


class SourceForm(MasterDataForm):
    """A reporting system: what it may do, and at which sites."""

    sites = SitesField(help_text="It sees and writes only the orders of these.")
    scopes = forms.MultipleChoiceField(choices=scope_choices, widget=forms.CheckboxSelectMultiple, help_text=REPORTED)

    class Meta:
        model = SourceSystem
        fields = ("code", "name", "kind", "is_active", "request_limit")
        labels = {"is_active": "In use"}
        help_texts = {
            "code": "Short and lasting: a-z, 0-9, - and _",
            "is_active": "Switched off, its tokens stop working within ten seconds. What it reported stays.",
        }

    def shown(self) -> dict[str, Any]:
        """Its sites, which another form field than the column's shows."""
        return {"sites": list(self.instance.sites.values_list("pk", flat=True))}


class NewSourceForm(SourceForm):
    """A new reporting system; without scopes it gets the usual ones of its kind."""

    scopes = forms.MultipleChoiceField(
        choices=scope_choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=usual_words(),
    )
