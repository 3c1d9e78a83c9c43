"""What a person says of a material or of a lot: one form for each of the three reports."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from supplychain.identifiers.rules.codes import plain_number
from supplychain.moments import written
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.materials import MOST_CELLS, MOST_NAME, MOST_VOLUME_ML, NEEDS_REASON, REPORTED_LOTS
from supplychain.orders.statuses import MaterialKind, OrderEventKind
from supplychain.pages.fields import MINUTES, MomentField, says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REPORTED

Choices = Sequence[tuple[str, str]]
NOBODY = ("", "Choose")


def _text(label: str, *, required: bool = False, **more: Any) -> forms.CharField:
    attrs = {"class": "form-control", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
    return forms.CharField(
        label=label, required=required, max_length=MOST_NAME, widget=forms.TextInput(attrs), **more
    )  # fmt: skip


def _choice(label: str, choices: Choices, *, required: bool = True, **more: Any) -> forms.ChoiceField:
    widget = forms.Select({"class": "form-select"})
    return forms.ChoiceField(label=label, choices=[NOBODY, *choices], required=required, widget=widget, **more)


class _Saying(PlainForm):
    """What all three have: the token, when it happened, and the stage, where it is said."""

    KIND: OrderEventKind
    TITLE = ""
    NUMBERS: tuple[str, ...] = ()
    MOMENT = "When it happened"
    MAY_SIGN = False  # whether some of what is said with it is signed, where the product asks for it
    token = forms.UUIDField(widget=forms.HiddenInput)
    occurred_at = MomentField()

    def __init__(self, data: Mapping[str, Any] | None, *, now: Any) -> None:
        initial = {"token": uuid4(), "occurred_at": timezone.localtime(now)}
        super().__init__(data, initial=initial, auto_id=f"{self.KIND}_%s")
        self.fields["occurred_at"].label = self.MOMENT
        self.fields["occurred_at"].widget.attrs["max"] = f"{timezone.localtime(now):{MINUTES}}"

    @property
    def payload(self) -> dict[str, Any]:
        """What is said, without what was left empty; numbers without what a scanner adds to them."""
        said = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("token", "occurred_at", "seen_version") and value not in ("", None, [])
        }
        if "expires_at" in said:
            said["expires_at"] = written(said["expires_at"])
        return said | {name: plain_number(said[name]) for name in self.NUMBERS if name in said}

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show why it was not taken, at its field where there is one."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)

    def shown_fields(self) -> list[forms.BoundField]:
        """What is asked, when it happened last."""
        bound = [one for one in self.visible_fields() if one.name != "occurred_at"]
        return [*bound, self["occurred_at"]]


class MaterialForm(_Saying):
    """That there is a material."""

    KIND, NUMBERS, MOMENT = OrderEventKind.MATERIAL, ("number",), "When it was made or taken"
    TITLE = "Record a material"
    number = _text("Its number", required=True, help_text="As on its label; scan it into this field.")
    kind = _choice("What it is", MaterialKind.choices)
    component = _text("Which cells", help_text="Such as CD4 or CD8, where there are several.")
    storage = _text("Storage condition", help_text="Such as ≤ −150 °C, or 2–8 °C.")
    volume_ml = forms.FloatField(
        label="Volume (ml)", required=False, min_value=0, max_value=MOST_VOLUME_ML,
        widget=forms.NumberInput({"class": "form-control", "step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    cells = forms.IntegerField(
        label="Number of cells", required=False, min_value=0, max_value=MOST_CELLS,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
    )  # fmt: skip
    expires_at = MomentField(label="Expires", required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, stages: Choices, numbers: Choices, now: Any) -> None:
        super().__init__(data, now=now)
        self.fields["stage"] = _choice("At which stage", stages)
        if numbers:
            boxes = forms.CheckboxSelectMultiple()
            self.fields["parents"] = forms.MultipleChoiceField(
                label="Made from", choices=numbers, required=False, widget=boxes
            )


class StatusForm(_Saying):
    """What became of a material."""

    KIND, TITLE, MAY_SIGN = OrderEventKind.MATERIAL_IS, "Say what became of a material", True
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why", required=False, max_length=MOST_REPORTED,
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any] | None, *, statuses: Choices, numbers: Choices, overrides: bool, version: int,
        now: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, now=now)
        self.initial["seen_version"] = self.version = version
        self.fields = {
            "number": _choice("Which material", numbers), "status": _choice("What became of it", statuses)
        } | self.fields  # fmt: skip
        if overrides:
            area = forms.Textarea({"rows": 2, "class": "form-control"})
            self.fields[OVERRIDE] = forms.CharField(
                label="Why it may go on although a critical flag stands", required=False, max_length=MOST_REPORTED,
                widget=area, validators=[says_why],
            )  # fmt: skip

    def look_again(self) -> None:
        """Sent again, it is of the order as this page shows it."""
        self.data = self.data.copy()
        self.data["seen_version"] = str(self.version)

    def clean(self) -> dict[str, Any]:
        """With the reason where one must be given."""
        said = super().clean()
        if said.get("status") in NEEDS_REASON and "reason" not in self.errors and not said.get("reason"):
            self.add_error("reason", "Say why: a material is not rejected or destroyed without a reason.")
        return said


class LotForm(_Saying):
    """That a lot was used."""

    KIND, NUMBERS, MOMENT = OrderEventKind.LOT_USED, ("lot",), "When it was used"
    TITLE = "Record a lot that was used"
    kind = _choice("What it is", REPORTED_LOTS)
    product = _text("Product", required=True)
    lot = _text("Lot number", required=True, help_text="As on its label; scan it into this field.")
    expires_at = MomentField(label="Expires", required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, stages: Choices, numbers: Choices, now: Any) -> None:
        super().__init__(data, now=now)
        self.fields["stage"] = _choice("At which stage", stages)
        if numbers:
            self.fields["number"] = _choice("Into which material", numbers, required=False)
