"""The form of a site."""

from functools import partial

from django import forms

from supplychain.administration.forms import MasterDataForm, zone_choices
from supplychain.sites.models import Site


class SiteForm(MasterDataForm):
    """A site."""

    time_zone = forms.ChoiceField(
        choices=partial(zone_choices, empty="Choose the zone of the site"),
        help_text="Times of this site are shown in it.",
    )

    class Meta:
        model = Site
        fields = ("code", "name", "kind", "time_zone", "telephone", "facilities", "is_active")
        labels = {"is_active": "In use"}
        help_texts = {"is_active": "Switched off, it takes no new orders. A site with open orders stays on."}
