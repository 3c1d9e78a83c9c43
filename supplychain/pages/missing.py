"""What a form says of a field that must be filled in and is not: which one, and what to do."""

from django import forms

from supplychain.field_words import missing_words

_DJANGOS = forms.Field.default_error_messages["required"]


class NamesWhatIsMissing:
    """A form that says of each required field by its label what to do, where the field has no words of its own."""

    def full_clean(self) -> None:
        """Django's, once every field has its words: some are only added, or asked for, after the form was made."""
        for name, field in self.fields.items():
            if field.error_messages["required"] == _DJANGOS:
                label = str(field.label or name.replace("_", " ").capitalize())
                field.error_messages["required"] = missing_words(label, _deed(field))
        super().full_clean()


class PlainForm(NamesWhatIsMissing, forms.Form):
    """A form of its own."""


class RowForm(NamesWhatIsMissing, forms.ModelForm):
    """A form of a row of a table."""


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
