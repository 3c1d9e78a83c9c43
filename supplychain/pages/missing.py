"""What a form says of a field that is left empty, or holds what cannot be taken: which one, and what to do."""

from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from supplychain.django_words import MOST_OFFERED, own_words
from supplychain.field_words import missing_words

_DJANGOS = forms.Field.default_error_messages["required"]


class SaysWhatToDo:
    """A form that says of each field by its label what to do, where the field has no words of its own."""

    def full_clean(self) -> None:
        """Django's, once every field has its words: some are only added, or asked for, after the form was made."""
        for name, field in self.fields.items():
            if field.error_messages["required"] == _DJANGOS:
                field.error_messages["required"] = missing_words(_label(name, field), _deed(field))
        super().full_clean()

    def add_error(self, field: str | None, error: Any) -> None:
        """Django's, in our words (django_words.py): of fields, validators and the row's own checks alike."""
        found = error if isinstance(error, ValidationError) else ValidationError(error)
        by_field = found.error_dict if hasattr(found, "error_dict") else {field or NON_FIELD_ERRORS: found.error_list}
        said = {name: [self._own(name, one) for one in ones] for name, ones in by_field.items()}
        super().add_error(None, ValidationError(said))

    def _own(self, name: str, error: ValidationError) -> ValidationError:
        field, (text,) = self.fields.get(name), error.messages
        own = field_words(text, name, field) if field else own_words(text, "It")
        return error if own == text else ValidationError(own, error.code, {})


class PlainForm(SaysWhatToDo, forms.Form):
    """A form of its own."""


class RowForm(SaysWhatToDo, forms.ModelForm):
    """A form of a row of a table."""

    def _update_errors(self, errors: ValidationError) -> None:
        """Django's, but what is wrong with an entry of a list is kept: the field's own words say only which entry."""
        for found in getattr(errors, "error_dict", {}).values():
            for one in found:
                one.code = None if one.code == "item_invalid" else one.code
        super()._update_errors(errors)


def field_words(text: str, name: str, field: forms.Field) -> str:
    """What Django says of a value of this field, as we say it."""
    choices = field.choices if isinstance(field, forms.ChoiceField) and "valid" in text else ()
    labels = (str(label) for value, label in choices if value and not isinstance(label, list | tuple))
    offered = list(islice(labels, MOST_OFFERED + 1))
    return own_words(text, _label(name, field), offered=offered, is_hidden=field.widget.is_hidden)


def _label(name: str, field: forms.Field) -> str:
    return str(field.label or name.replace("_", " ").capitalize())


def _deed(field: forms.Field) -> str:
    """What to do with a field that was left empty."""
    if field.widget.is_hidden:
        return "open the page again"
    if isinstance(field, forms.FileField):
        return "choose a file"
    if isinstance(field, forms.BooleanField):
        return "tick it"
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return "choose at least one"
    if isinstance(field, forms.ChoiceField):  # ModelChoiceField is one
        return "choose one"
    return "enter the day and the time" if isinstance(field, forms.DateTimeField) else "enter it"
