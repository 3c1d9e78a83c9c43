"""A collection's record and checklist as a form for one hand: an item a field, by its code."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms

from supplychain.collections.queries import ShownItem
from supplychain.flows.rules.checklists import NUMBERED, CheckItem, CheckKind
from supplychain.identifiers.rules.codes import plain_number
from supplychain.orders.rules.collections import MOST_ANSWER, MOST_KNOWN, unread_problem
from supplychain.pages.fields import DayField, MeasuredField, MomentField, says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REPORTED

YES_NO = (("yes", "Yes"), ("no", "No"))


class CollectionForm(PlainForm):
    """Every item with the answer that counts now; what is left as it is, is not said again."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why", required=False, max_length=MOST_REPORTED, validators=[says_why],
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
        help_text="For a correction, an expired kit, or a value that can hardly be. Kept for good.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, items: Sequence[ShownItem]) -> None:
        super().__init__(data, initial={"token": uuid4()})
        self.items = [one for one in items if one.item]
        self.kept = {one.code: one.newest.given.value for one in self.items if one.newest}
        for one in self.items:
            self.fields[one.code] = _field(one.item, self.kept.get(one.code))
        self.order_fields([*(one.code for one in self.items), "reason", "token"])

    def clean(self) -> dict[str, Any]:
        """With the answers that are new or other ones."""
        said = super().clean()
        for one in self.items:
            if one.code in self.kept and one.code not in self.errors and said.get(one.code) in (None, ""):
                self.add_error(one.code, "An answer is corrected, not taken away.")
        if not self.errors and not self.answers:
            self.add_error(None, "Nothing was filled in or changed.")
        return said

    @property
    def answers(self) -> dict[str, Any]:
        """What is answered anew, by code."""
        told = {one.code: _value(one.item, self.cleaned_data.get(one.code)) for one in self.items}
        return {
            code: value
            for code, value in told.items()
            if value not in (None, "") and (code not in self.kept or self.kept[code] != value)
        }

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show why it was not taken, at its field where there is one."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)

    def rows(self) -> list[tuple[ShownItem, forms.BoundField]]:
        """Each item with its field."""
        return [(one, self[one.code]) for one in self.items]


def _value(item: CheckItem, typed: Any) -> Any:
    """The answer as it is reported."""
    if typed in (None, ""):
        return None
    if item.kind == CheckKind.YES_NO:
        return typed == "yes"
    if item.kind == CheckKind.DATE:
        return typed.isoformat()
    if item.kind == CheckKind.NUMBER:
        return int(typed) if typed.is_integer() else typed
    return plain_number(typed) if item.code in NUMBERED else typed.strip()


def _field(item: CheckItem, kept: Any) -> forms.Field:
    given = {"label": item.text, "required": False}
    plain = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
    initial = "" if kept is None or unread_problem(item, kept) else kept
    match item.kind:
        case CheckKind.YES_NO:
            shown = {True: "yes", False: "no"}.get(initial, "")
            return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, initial=shown, **given)
        case CheckKind.CHOICE:
            return forms.ChoiceField(choices=item.choices, widget=forms.RadioSelect, initial=initial, **given)
        case CheckKind.DATE:
            field = DayField(initial=initial, **given)
            field.widget.attrs.update(plain)
            return field
        case CheckKind.NUMBER:
            shown = f"{initial:.15g}" if initial != "" else ""
            return MeasuredField(widget=forms.TextInput({"inputmode": "decimal", **plain}), initial=shown, **given)
    scan = {"data-camera-scan": "fill"} if item.code in NUMBERED else {}
    most = MOST_KNOWN if item.code in NUMBERED else MOST_ANSWER
    return forms.CharField(max_length=most, initial=initial, widget=forms.TextInput(plain | scan), **given)


class EarlierForm(PlainForm):
    """That the cells were collected before the order, and are at hand, frozen."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    donation_number = forms.CharField(
        label="Donation number of the frozen cells", max_length=MOST_KNOWN,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "spellcheck": "false",
                                "data-camera-scan": "fill"}),
        help_text="Scan it from the bag's label, or type it with the boxed character at its end.",
    )  # fmt: skip
    ended_at = MomentField(label="When they were collected", help_text="The end of that collection.")
    reason = forms.CharField(
        label="Why", required=False, max_length=MOST_REPORTED, validators=[says_why],
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
        help_text="For older cells than the flow permits, or a number that looks wrong. Kept for good.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, initial={"token": uuid4()}, auto_id="earlier_%s")

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show why it was not taken, at its field where there is one."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)
