"""What a person says when they request an order."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StagePlace
from supplychain.identifiers.rules.characters import canonical, identifier_problem
from supplychain.identifiers.rules.codes import plain_number
from supplychain.identifiers.rules.pseudonyms import identifying_problem, pseudonym_problem
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.wanted import WantedDates
from supplychain.orders.queries import OrderOptions
from supplychain.orders.rules.placing import MOST_BAGS, REQUIRED, URGENT_WHY, OrderRequest, wanted_before_problem
from supplychain.orders.rules.stored_cells import stored_problems, takes_stored
from supplychain.orders.statuses import Priority
from supplychain.pages.fields import MomentField, says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REASON
from supplychain.sentences import said_in
from supplychain.sites.models import Site

CODE = {"class": "form-control", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
CHOICE = {"class": "form-select"}
SAME = "The ordering centre"
# What is said of cells that were collected earlier, and what it is where nothing is.
STORED: Mapping[str, Any] = {"collected_at": None, "donation_number": "", "bags": None, "donation_reason": ""}


class OrderRequestForm(PlainForm):
    """One therapy for one patient. `flow` is the journey chosen before; `options` what the person may order."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    patient_reference = forms.CharField(
        label="Patient reference",
        max_length=64,
        help_text="The pseudonym that your centre uses for this therapy. Never a name, birth date or record number.",
        widget=forms.TextInput(attrs=CODE),
        error_messages={"required": pseudonym_problem("")},
    )
    ordering_site = forms.ChoiceField(label="Ordering centre", widget=forms.Select(attrs=CHOICE))
    collection_site = forms.ChoiceField(
        label="Cells are collected at", required=False, widget=forms.Select(attrs=CHOICE)
    )
    infusion_site = forms.ChoiceField(label="Dose is infused at", required=False, widget=forms.Select(attrs=CHOICE))
    plant = forms.ChoiceField(label="Made at", widget=forms.Select(attrs=CHOICE))
    hospital_order_number = forms.CharField(
        label="Hospital order number (if there is one)",
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs=CODE),
    )
    coi = forms.CharField(
        label="Chain of identity (if your centre issues one)",
        max_length=42,
        required=False,
        help_text="Leave it empty, and CellOps makes one.",
        widget=forms.TextInput(attrs=CODE),
    )
    twin_reason = forms.CharField(
        label="Why is it another order all the same?",
        max_length=MOST_REASON,
        required=False,
        validators=[says_why],
        help_text="A number of it looks like that of an order that you have.",
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )
    promised_at = MomentField(label="Dose wanted ready to infuse by", required=False)
    promise_reason = forms.CharField(
        label="Why earlier than expected?",
        max_length=MOST_REASON,
        required=False,
        validators=[says_why],
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )
    collected_at = MomentField(label="Cells collected earlier: when", required=False)
    donation_number = forms.CharField(
        label="Donation number on the bags",
        max_length=64,
        required=False,
        help_text="With its check character, as on the label; or scan it into this field.",
        widget=forms.TextInput(attrs=CODE),
    )
    bags = forms.IntegerField(
        label="How many bags are stored",
        required=False,
        min_value=1,
        max_value=MOST_BAGS,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
    )
    donation_reason = forms.CharField(
        label="Why is the donation number right all the same?",
        max_length=MOST_REASON,
        required=False,
        validators=[says_why],
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )
    priority = forms.ChoiceField(
        label="Priority", choices=Priority.choices, initial=Priority.ROUTINE, widget=forms.Select(attrs=CHOICE)
    )
    priority_reason = forms.CharField(
        label="Why is it urgent?",
        max_length=MOST_REASON,
        required=False,
        validators=[says_why],
        help_text="Needed for an urgent order; kept with it.",
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        flow: Flow,
        options: OrderOptions,
        now: datetime,
    ) -> None:
        super().__init__(data, initial={"token": uuid4()}, label_suffix="")
        self.flow, self.options, self.now = flow, options, now
        self._offer("ordering_site", options.ordering_sites)
        self._offer("collection_site", options.other_sites, none_means=SAME)
        self._offer("infusion_site", options.other_sites, none_means=SAME)
        self._offer("plant", options.plants)
        self.is_too_early = self.has_twin = False
        if not takes_stored(flow_plan(flow.pk)):
            for name in STORED:
                del self.fields[name]

    def choose_plant(self, plant: Site) -> None:
        """Show this plant chosen already, of a form that nobody has filled in."""
        self["plant"].initial = plant.code

    def _offer(self, name: str, sites: Iterable[Site], none_means: str = "") -> None:
        """The sites to choose from; where there is but one, nothing is asked."""
        choices = [(site.code, site.name) for site in sites]
        field = self.fields[name]
        if none_means:
            choices = [("", none_means), *choices]
        elif len(choices) > 1:
            choices = [("", "Choose"), *choices]
        field.choices = choices
        if len(choices) == 1 or (none_means and len(choices) == 2 and len(self.options.ordering_sites) == 1):
            field.initial, field.widget = choices[0][0], forms.HiddenInput()

    def clean_patient_reference(self) -> str:
        """The pseudonym, if it is one."""
        given = self.cleaned_data["patient_reference"]
        if problem := pseudonym_problem(given):
            raise forms.ValidationError(problem)
        return given

    def clean_coi(self) -> str:
        """The chain of identity as it is stored, also where it was scanned."""
        given = plain_number(self.cleaned_data["coi"], IdentifierKind.COI)
        if problem := identifier_problem(given):
            raise forms.ValidationError(problem)
        if problem := identifying_problem(given):
            raise forms.ValidationError(f"{problem} A chain of identity names nobody.")
        return given

    def clean_hospital_order_number(self) -> str:
        """The hospital's number of the order, which must not be one of the patient."""
        given = canonical(self.cleaned_data["hospital_order_number"])
        if problem := identifier_problem(given):
            raise forms.ValidationError(problem)
        return given

    def clean(self) -> dict[str, Any]:
        """What the fields say together."""
        cleaned = super().clean()
        if cleaned.get("priority") == Priority.URGENT and not cleaned.get("priority_reason"):
            self.add_error("priority_reason", URGENT_WHY)
        self._check_stored(cleaned)
        if wanted_at := cleaned.get("promised_at"):
            self._check_wanted_date(wanted_at, cleaned)
        self._check_right(cleaned)
        return cleaned

    def _check_stored(self, cleaned: Mapping[str, Any]) -> None:
        """What is wrong with cells that were collected earlier, before anything is looked over."""
        if not STORED.keys() & self.fields.keys() or STORED.keys() & self.errors.keys():
            return
        said = {name: cleaned.get(name) or usual for name, usual in STORED.items()}
        request = OrderRequest(**dict.fromkeys(REQUIRED, ""), **said)
        for name, problem in stored_problems(request, flow_plan(self.flow.pk), self.now).items():
            self.add_error(name, problem)

    @property
    def is_stored(self) -> bool:
        """Whether the order's cells were collected earlier."""
        return bool("collected_at" in self.fields and self["collected_at"].value())

    def _check_wanted_date(self, wanted_at: datetime, cleaned: Mapping[str, Any]) -> None:
        """Ask why, where the date wanted lies before what this form says of a dose ordered now."""
        sites = {place: site.pk for place, site in self.chosen_sites.items()}
        if problem := wanted_before_problem(wanted_at, self.now):
            self.add_error("promised_at", problem)
        elif question := WantedDates(self.now).question(
            wanted_at, self.flow, sites, cleaned.get("priority", ""), is_stored=self.is_stored
        ):
            self.is_too_early = True
            if not cleaned.get("promise_reason"):
                self.add_error("promised_at", said_in(question, timezone.get_current_timezone(), self.now))

    def _check_right(self, cleaned: Mapping[str, Any]) -> None:
        site, plant = cleaned.get("ordering_site"), cleaned.get("plant")
        if site and plant and not self.options.permits(site, plant):
            self.add_error("plant", "You may order from this plant only for the centres that you coordinate.")

    @property
    def chosen_sites(self) -> dict[str, Site]:
        """The order's sites as chosen so far, by place: a place not named is the ordering centre's."""
        named = {place.value: self.options.sites.get(str(self[place.value].value() or "")) for place in StagePlace}
        centre = named[StagePlace.ORDERING_SITE.value] or next(iter(self.options.ordering_sites), None)
        chosen = {place: site or centre for place, site in named.items()}
        chosen[StagePlace.PLANT.value] = named[StagePlace.PLANT.value]
        return {place: site for place, site in chosen.items() if site}

    @property
    def request(self) -> dict[str, Any]:
        """The request as the action takes it; only what was said."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "token" and value}
        if said["priority"] != Priority.URGENT:
            said.pop("priority_reason", None)
        if not self.is_too_early:
            said.pop("promise_reason", None)
        return said | {"product": self.flow.product.code, "flow": self.flow.code}

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the action refused at the fields that it concerns."""
        for field, text in errors.items():
            self.add_error(field if field in self.fields else None, text.replace("in twin_reason", "below"))
        self.is_too_early = self.is_too_early or "promise_reason" in errors
        self.has_twin = any("twin_reason" in text for text in errors.values())
