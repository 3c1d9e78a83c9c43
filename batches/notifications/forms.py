"""What people tell the next shift, what they want to be told, and whom a plant tells next."""

from typing import Any, ClassVar

from django import forms

from batches.notifications.actions.escalations import LONGEST_MINUTES
from batches.notifications.models import EscalationStep, NotificationPreference
from supplychain.administration.forms import MasterDataForm
from supplychain.pages.missing import PlainForm, RowForm
from supplychain.people.models import Membership, User
from supplychain.people.statuses import ACTING_ROLES


class HandOverForm(PlainForm):
    """What the next shift must know."""

    text = forms.CharField(
        label="What must the next shift know?",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "form-control"}),
        error_messages={"required": "Write what the next shift must know."},
    )


class NotificationSettingsForm(RowForm):
    """What a person wants to be told by e-mail, when, and as which of their roles."""

    told_as = forms.ModelMultipleChoiceField(
        label="Tell me as",
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = NotificationPreference
        fields = ["email_critical", "email_attention", "digest_minutes", "quiet_from", "quiet_to"]
        labels = {"quiet_from": "From", "quiet_to": "To"}
        widgets = {
            "digest_minutes": forms.Select(attrs={"class": "form-select"}),
            "quiet_from": forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
            "quiet_to": forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
        }

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = person.memberships.filter(role__in=ACTING_ROLES).select_related("site").order_by("site__code", "role")
        self.fields["told_as"].queryset = mine
        self.fields["told_as"].label_from_instance = lambda one: f"{one.get_role_display()}, {one.site}"
        self.fields["told_as"].initial = [one.pk for one in mine if one.pk not in self.instance.muted]

    def clean(self) -> dict[str, Any]:
        """Say in our words what the table's constraint would say in its own."""
        said = super().clean()
        if (said.get("quiet_from") is None) != (said.get("quiet_to") is None):
            self.add_error("quiet_to", "Give both ends of the quiet hours, or neither.")
        return said

    @property
    def muted(self) -> list[Any]:
        """Memberships as which nothing is to be told."""
        chosen = {one.pk for one in self.cleaned_data["told_as"]}
        return [one.pk for one in self.fields["told_as"].queryset if one.pk not in chosen]


class MinutesField(forms.IntegerField):
    """How long after the first people were told."""

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=LONGEST_MINUTES, help_text="Minutes since the first people were told.")


class EscalationStepForm(MasterDataForm):
    """When the role of a step is told."""

    after_minutes = MinutesField()

    class Meta:
        model = EscalationStep
        fields = ("after_minutes",)


class NewEscalationStepForm(MasterDataForm):
    """A role that a plant tells, and when."""

    after_minutes = MinutesField()
    keeps_usual = forms.BooleanField(
        required=False,
        initial=True,
        label="Keep the usual chain beside it",
        help_text="For a plant's first step: without this the roles of the usual chain are told no more. "
        "A plant that has steps of its own keeps them either way.",
    )

    class Meta:
        model = EscalationStep
        fields = ("site", "role", "after_minutes")
        labels: ClassVar[dict[str, str]] = {"site": "Plant"}
        field_classes: ClassVar[dict[str, type]] = {"site": forms.ModelChoiceField}
