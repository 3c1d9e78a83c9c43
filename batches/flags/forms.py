"""What a person says of a flag."""

from django import forms
from django.db.models import QuerySet

from batches.flags.actions.people import MOST_COMMENT
from batches.flags.models import Flag
from batches.judgement.statuses import Severity
from supplychain.pages.fields import MomentField, says_why
from supplychain.pages.missing import PlainForm, RowForm
from supplychain.people.models import User


class SettleFlagForm(PlainForm):
    """Why quality assurance lets people go on although the flag stands."""

    area = forms.Textarea(attrs={"rows": 3, "class": "form-control", "autofocus": True})
    reason = forms.CharField(
        label="Your decision, and on what it rests",
        max_length=MOST_COMMENT,
        widget=area,
        validators=[says_why],
        error_messages={"required": "Say what you decided, and on what it rests."},
    )
    seen_raised_at = MomentField(required=False, widget=forms.HiddenInput())


class ResolveFlagForm(SettleFlagForm):
    """How an identity mismatch was cleared up."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "How was it cleared up? Say what was compared, and with what result"


class AcknowledgeFlagForm(RowForm):
    """A person has seen a flag (as it was when the form was shown), and says what they make of it."""

    seen_severity = forms.ChoiceField(choices=Severity.choices, required=False)
    seen_raised_at = MomentField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = Flag
        fields = ["comment"]
        widgets = {"comment": forms.Textarea(attrs={"rows": 3, "class": "form-control", "autofocus": True})}
        error_messages = {"comment": {"required": "Say in a few words what you know or will do."}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = True


class AssignFlagForm(PlainForm):
    """To whom a flag goes."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label="To",
        empty_label="Choose …",
        error_messages={"required": "Choose who is to take it on."},
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: object, people: QuerySet[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people


class AcknowledgeTogetherForm(PlainForm):
    """Several flags with one comment; the flags themselves are read by the view."""

    comment = forms.CharField(
        label="What do you know, or what will you do about all of them?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        error_messages={"required": "Say in a few words what you know or will do."},
    )
    takes_on = forms.BooleanField(label="Take them on as well", required=False)
