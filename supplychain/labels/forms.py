"""What a person says of labels: print some, or how one ended."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms

from supplychain.identifiers.rules.codes import LONGEST_CODE
from supplychain.labels.actions.printing import MOST_COPIES
from supplychain.labels.statuses import LabelStatus
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.pages.fields import says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REPORTED

Choices = Sequence[tuple[str, str]]
OF_ORDER = ("", "The order itself (shipper, papers)")
ENDS = [(one.value, one.label) for one in LabelStatus if one != LabelStatus.OPEN]


def _choice(label: str, choices: Choices, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select({"class": "form-select"}), **more)


def _why(label: str, **more: Any) -> forms.CharField:
    area = forms.Textarea({"rows": 2, "class": "form-control"})
    return forms.CharField(
        label=label, required=False, max_length=MOST_REPORTED, widget=area, validators=[says_why], **more
    )


class _Refusable(PlainForm):
    """A form whose action may say no."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show why it was not taken, at its field where there is one."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)


class PrintForm(_Refusable):
    """Labels to print."""

    copies = forms.IntegerField(
        label="How many", min_value=1, max_value=MOST_COPIES,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
    )  # fmt: skip
    reason = _why("Why again", help_text="Only where this label was printed before for the step.")

    def __init__(
        self, data: Mapping[str, Any] | None, *, numbers: Choices, stages: Choices, sizes: Choices, overrides: bool
    ) -> None:
        newest = numbers[0][0] if numbers else ""
        super().__init__(data, initial={"token": uuid4(), "copies": 1, "number": newest}, auto_id="print_%s")
        self.fields = {
            "number": _choice("Label of", [*numbers, OF_ORDER], required=False),
            "stage": _choice("For which step", stages),
            "layout": _choice("Size", sizes),
        } | self.fields
        if overrides:
            self.fields[OVERRIDE] = _why("Why it may be printed although a critical flag stands")


class EndForm(_Refusable):
    """How one label ended."""

    serial = forms.CharField(max_length=64, widget=forms.HiddenInput)
    end = forms.ChoiceField(choices=ENDS)
    reason = _why("Why")

    def clean(self) -> dict[str, Any]:
        """With the reason where one must be given."""
        said = super().clean()
        if said.get("end") in (LabelStatus.SPOILED, LabelStatus.DESTROYED) and not said.get("reason"):
            self.add_error("reason", "Say why: no label is spoiled or destroyed without a reason.")
        return said


class ScanForm(_Refusable):
    """A label that was stuck on, as a scanner reads it."""

    read = forms.CharField(
        label="Scan a label that was stuck on", max_length=LONGEST_CODE,
        help_text="Its bar code, along the lower edge. That it is this order’s is checked, and the label is used.",
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "autocapitalize": "off",
                                "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, initial={"token": uuid4()}, auto_id="scan_%s")
