"""What people say of a scenario: plain rows of changes, and unit costs."""

from collections.abc import Mapping
from typing import Any

from django import forms

from batches.ramp_ups.models import Scenario
from batches.ramp_ups.rules.changes import MOST_CHANGES, OF_POOL, SEASONS, ChangeKind
from batches.ramp_ups.rules.costs import cost_names, cost_words
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.runs import FEWEST, FEWEST_WEEKS, MOST, MOST_WEEKS
from batches.ramp_ups.rules.words import KIND_WORDS
from batches.ramp_ups.statuses import ScenarioBase
from supplychain.pages.missing import PlainForm

EMPTY_ROWS = 3
SMALL = {"class": "form-control", "inputmode": "decimal"}


class ScenarioForm(PlainForm):
    """A scenario without its changes and costs."""

    name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"class": "form-control"}))
    base = forms.ChoiceField(
        label="Start from", choices=ScenarioBase.choices, widget=forms.Select(attrs={"class": "form-select"})
    )
    weeks = forms.IntegerField(
        label="Weeks", min_value=FEWEST_WEEKS, max_value=MOST_WEEKS, initial=52,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip
    replications = forms.IntegerField(
        min_value=FEWEST, max_value=MOST, initial=100, widget=forms.NumberInput(attrs={"class": "form-control"})
    )


class ChangeForm(PlainForm):
    """One change; an empty row is none. The rule says what is wrong with it."""

    kind = forms.ChoiceField(
        label="Change", required=False, widget=forms.Select(attrs={"class": "form-select"}),
        choices=[("", "—"), *((kind.value, words) for kind, words in KIND_WORDS.items())],
    )  # fmt: skip
    subject = forms.ChoiceField(
        label="Pool, stage or flow", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    amount = forms.FloatField(label="Amount", required=False, widget=forms.TextInput(attrs=SMALL))
    from_day = forms.FloatField(label="From day", required=False, widget=forms.TextInput(attrs=SMALL))
    until_day = forms.FloatField(label="Until day", required=False, widget=forms.TextInput(attrs=SMALL))
    shift = forms.CharField(
        label="Shift, or orders by day", required=False, max_length=120,
        widget=forms.TextInput(attrs={"class": "form-control", "placeholder": "Mon-Fri 06-22"}),
    )  # fmt: skip

    def __init__(self, *args: Any, line: SimulatedLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = ""
        pools = [(f"pool:{code}", name) for code, name in line.pool_names.items()]
        stages = [(f"stage:{code}", name) for code, name in line.stages.items()]
        flows = [(f"flow:{journey.key}", journey.name) for journey in line.journeys]
        groups = (("Pools", pools), ("Stages", stages), ("Flows", flows))
        self.fields["subject"].choices = [("", "—"), *groups]

    @property
    def change(self) -> dict[str, Any] | None:
        """The change as it is kept; None for an empty row."""
        said = self.cleaned_data
        if not said["kind"]:
            return None
        is_season = said["kind"] in SEASONS
        return {
            "kind": said["kind"], "subject": said["subject"].partition(":")[2], "amount": said["amount"] or 0.0,
            "from_day": said["from_day"] or 0.0, "until_day": said["until_day"] or 0.0,
            "shift": "" if is_season else said["shift"], "pattern": said["shift"] if is_season else "",
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A row with something in it must say what kind of change it is, and of the right sort of thing."""
        said = super().clean()
        kind, (sort, _, code) = said.get("kind"), said.get("subject", "").partition(":")
        if not kind and any(said.get(name) for name in ("subject", "amount", "until_day", "shift")):
            self.add_error("kind", "Choose what to change, or empty the row.")
        wanted = "pool" if kind in OF_POOL else "flow" if kind == ChangeKind.FLOW else "stage"
        if kind and code and sort != wanted and kind not in (ChangeKind.DEMAND, ChangeKind.PLANT, *SEASONS):
            self.add_error("subject", f"Choose a {wanted} from the list for this change.")
        return said


class CostsForm(PlainForm):
    """Unit costs in one currency; an empty field is a cost that is not known."""

    currency = forms.CharField(
        label="Currency (ISO 4217)", required=False, max_length=3,
        widget=forms.TextInput(attrs={"class": "form-control", "placeholder": "EUR", "autocapitalize": "characters"}),
    )  # fmt: skip

    def __init__(self, *args: Any, line: SimulatedLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in cost_names(line):
            self.fields[name] = forms.FloatField(
                label=cost_words(name, line), required=False, min_value=0, widget=forms.TextInput(attrs=SMALL)
            )

    @property
    def costs(self) -> dict[str, float]:
        """Those that were said."""
        said = self.cleaned_data.items()
        return {name: value for name, value in said if name != "currency" and value is not None}

    @property
    def said_currency(self) -> str:
        """The currency as it was said."""
        return self.cleaned_data["currency"]

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Put what the action refused where it was said."""
        for field, text in errors.items():
            name = field.removeprefix("costs.")
            self.add_error(name if name in self.fields else None, text)


class PlanQuestionForm(PlainForm):
    """Treat so many more patients, on time with such a share, at a line."""

    line = forms.SlugField()
    more = forms.FloatField(min_value=-50, max_value=200)
    on_time = forms.FloatField(min_value=1, max_value=99)


class ScenarioForms:
    """The whole page: the scenario, its changes row by row, its costs."""

    def __init__(self, line: SimulatedLine, data: Mapping[str, Any] | None, scenario: Scenario | None = None) -> None:
        initial = {"name": scenario.name, "base": scenario.base, "weeks": scenario.weeks,
                   "replications": scenario.replications} if scenario else {}  # fmt: skip
        changes = [_row(change) for change in scenario.changes] if scenario else []
        self.main = ScenarioForm(data, initial=initial)
        count = min(MOST_CHANGES, max(len(changes) + EMPTY_ROWS, _rows_said(data)))
        self.rows = [
            ChangeForm(data, prefix=f"change-{at}", initial=changes[at] if at < len(changes) else {}, line=line)
            for at in range(count)
        ]
        own = scenario.costs | {"currency": scenario.currency} if scenario else {}
        self.costs = CostsForm(data, prefix="cost", initial=own, line=line)

    def is_valid(self) -> bool:
        """Whether every part can be read."""
        said = [form.is_valid() for form in (self.main, *self.rows, self.costs)]
        return all(said)

    def cleaned(self) -> dict[str, Any]:
        """What `save_scenario` takes."""
        changes = [row.change for row in self.rows if row.change]
        costs = {"costs": self.costs.costs, "currency": self.costs.said_currency}
        return self.main.cleaned_data | {"changes": changes} | costs

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Put what the action refused where it was said."""
        said = [row for row in self.rows if row.change]
        for field, text in errors.items():
            group, _, name = field.partition(".")
            if group == "changes" and name:
                said[int(name)].refusal = text
            elif group in ("costs", "currency"):
                self.costs.refuse({field: text})
            else:
                self.main.add_error(field if field in self.main.fields else None, text)


def _row(change: Mapping[str, Any]) -> dict[str, Any]:
    kind = change.get("kind")
    sort = "pool" if kind in OF_POOL else "flow" if kind == ChangeKind.FLOW else "stage"
    subject = f"{sort}:{change['subject']}" if change.get("subject") else ""
    days = {name: change.get(name) or "" for name in ("from_day", "until_day")}
    return {**change, **days, "subject": subject, "shift": change.get("pattern") or change.get("shift", "")}


def _rows_said(data: Mapping[str, Any] | None) -> int:
    numbers = {key.split("-")[1] for key in data or () if key.startswith("change-")}
    return max((at + 1 for at in range(MOST_CHANGES) if str(at) in numbers), default=0)
