"""The form that every page of the master data is made of: it asks why, and notices a change made meanwhile."""

from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import BLANK_CHOICE_DASH
from django.utils import timezone

from supplychain.audit.refusals import Refused
from supplychain.audit.trails import trail_of
from supplychain.pages.fields import says_why
from supplychain.pages.missing import RowForm
from supplychain.reasons import MOST_REASON
from supplychain.time_zones import time_zones
from supplychain.words import clock_words

KEPT = ("reason", "seen")


def zone_choices(*, empty: str = "") -> list[tuple[str, str]]:
    """Every zone to choose from; `empty`: what it means to choose none."""
    return ([("", empty)] if empty else []) + [(name, name) for name in time_zones()]


def reason_field(**given: Any) -> forms.CharField:
    """The field for the reason of a change, as `check_reason` takes it."""
    told: dict[str, Any] = {
        "label": "Reason for the change",
        "help_text": "Why, in a sentence. It is kept with the change for good (EU GMP Annex 11 §9).",
    }
    told |= {"max_length": MOST_REASON, "widget": forms.Textarea(attrs={"rows": 2}), "validators": [says_why]}
    return forms.CharField(**told | given)


class MasterDataForm(RowForm):
    """Fields of a row, the reason for the change, and a stamp of what the person was shown.

    The action behind the page decides; what it refuses comes back in `refusal` and is shown at its field.
    """

    reason = reason_field()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    refusal: Refused | None = None

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField) and field.choices[:1] == BLANK_CHOICE_DASH:
                field.choices = [("", f"Choose a {str(field.label).lower()}"), *field.choices[1:]]
        if not self.instance._state.adding:
            self.initial |= self.shown() | {"seen": ""}
            self.initial["seen"] = self._stamp()

    def shown(self) -> dict[str, Any]:
        """What the fields that are no columns show of the row."""
        return {}

    def _stamp(self) -> str:
        fields = sorted(set(self.fields).difference(KEPT))
        words = [f"{name}={self._plain(self.initial.get(name))}" for name in fields]
        return sha256("\n".join(words).encode()).hexdigest()[:20]

    def _plain(self, value: Any) -> str:
        many = isinstance(value, list | tuple | set) or hasattr(value, "all")
        return "|".join(sorted(str(getattr(one, "pk", one)) for one in value)) if many else str(value)

    def clean(self) -> dict[str, Any]:
        """Besides the fields: nobody changed the row meanwhile, and the action did not refuse."""
        cleaned = super().clean() or self.cleaned_data
        if not self.instance._state.adding and self.data.get(self.add_prefix("seen")) != self.initial["seen"]:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.initial["seen"]
            self.add_error(None, self._changed_meanwhile())
        for field, text in (self.refusal.errors if self.refusal else {}).items():
            self.add_error(field if field in self.fields else None, text[:1].upper() + text[1:])
        return cleaned

    def _changed_meanwhile(self) -> str:
        differing = [name for name in self.changed_data if name not in KEPT]
        now = [f"{self[name].label} is “{self._plain(self.initial.get(name))}”" for name in differing]
        return (
            f"{self._who_changed()} while you had this page open, so nothing was saved. "
            f"{'Now ' + '; '.join(now) + '. ' if now else ''}"
            "Your values still stand below: save again if they are to replace these."
        )

    def _who_changed(self) -> str:
        newest = next(iter(trail_of(self.instance, size=1)), None)
        if newest is None:
            return "This was changed"
        return f"{newest.who or 'A command'} changed this at {clock_words(timezone.localtime(newest.at), seconds=True)}"
