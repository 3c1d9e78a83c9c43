"""What people hand in of loggers, and what quality assurance decides."""

from collections.abc import Sequence
from typing import Any

from django import forms

from supplychain.conditions.rules.answers import answer_problems
from supplychain.conditions.rules.forms import ASKED, CELSIUS, FAHRENHEIT
from supplychain.conditions.rules.moments import DAY_FIRST, MONTH_FIRST
from supplychain.conditions.rules.names import LONGEST
from supplychain.orders.statuses import ExcursionDecision
from supplychain.pages.fields import says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REPORTED
from supplychain.time_zones import time_zones

CODE = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}

# Of a file that says its unit, where most of its temperatures could not be in that.
DOUBTED_UNIT = "Are its temperatures in °C or °F? In the unit that it says, most of them are unlikely for these cells."


class LoggerFileForm(PlainForm):
    """A logger's own export, or any CSV file of readings."""

    file = forms.FileField(
        label="File of the logger",
        help_text="CSV or text, as the logger's program exports it. It is kept as it is.",
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )


class AnswersForm(PlainForm):
    """What a file does not say of itself; `asks`: names of what must be answered; `probes`: columns that may
    be the temperature."""

    probe = forms.ChoiceField(label=ASKED["probe"], widget=forms.RadioSelect, required=False)
    zone = forms.CharField(
        label=ASKED["zone"], help_text="A place such as Europe/Berlin, or an offset such as UTC+01:00.", required=False,
        widget=forms.TextInput(attrs=CODE | {"list": "time-zones"}),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=ASKED["unit"], choices=[(CELSIUS, "°C"), (FAHRENHEIT, "°F")], widget=forms.RadioSelect, required=False
    )
    order = forms.ChoiceField(
        label=ASKED["order"], choices=[(DAY_FIRST, "Day first"), (MONTH_FIRST, "Month first")],
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    logger = forms.CharField(
        label=ASKED["logger"], max_length=LONGEST, widget=forms.TextInput(attrs=CODE), required=False
    )
    is_sure = forms.BooleanField(label="I have looked: the unit is right as it is", required=False)

    def __init__(self, *args: Any, asks: Sequence[str], probes: Sequence[str], doubted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.probes = probes
        if "unit" not in asks:
            self.fields["unit"].label = DOUBTED_UNIT
        self.fields["probe"].choices = [(name, name) for name in probes]
        for name in (*ASKED, "is_sure"):
            if name not in asks and not (doubted and name in ("unit", "is_sure")):
                del self.fields[name]
            elif name in asks:
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """A zone that there is, and a serial number as it is printed."""
        for name, problems in answer_problems(self.cleaned_data, self.probes).items():
            self.add_error(name, problems)
        return self.cleaned_data

    @property
    def zones(self) -> tuple[str, ...]:
        """Places to choose from."""
        return time_zones() if "zone" in self.fields else ()


class DecisionForm(PlainForm):
    """What quality assurance decides on an excursion; `seen`: which readings were known, `token`: which form."""

    seen = forms.CharField(widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label="Decision", choices=ExcursionDecision.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose one: use as is, reject, or ask for more data."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why (for example the stability data that cover it)", max_length=MOST_REPORTED,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}), validators=[says_why],
    )  # fmt: skip
