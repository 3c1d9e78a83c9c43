"""Fields of forms that more than one theme asks for."""

from typing import Any

from django import forms

MINUTES = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment, typed to the minute in the person's zone."""

    def __init__(self, **given: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"}, format=MINUTES)
        super().__init__(widget=widget, **given)
