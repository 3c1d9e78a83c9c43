"""What people say about themselves, and by which an administrator makes people and gives them roles."""

from typing import Any

from django import forms

from supplychain.administration.forms import MasterDataForm, reason_field, zone_choices
from supplychain.pages.missing import PlainForm, RowForm
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role, Theme
from supplychain.sites.models import Site

ZONE_HELP = "Times are shown in it. Empty: the zone of the person's sites, or UTC where those differ."


class SitesField(forms.ModelMultipleChoiceField):
    """Some of the sites that the administrator may give; the page sets which."""

    def __init__(self, **given: Any) -> None:
        super().__init__(queryset=Site.objects.none(), widget=forms.CheckboxSelectMultiple, **given)

    def label_from_instance(self, site: Site) -> str:
        """The site with its kind, since names alone may mislead."""
        return f"{site.name} ({site.get_kind_display().lower()})"


class PersonForm(MasterDataForm):
    """How a person is called and reached, and whether they may sign in."""

    time_zone = forms.ChoiceField(required=False, choices=lambda: zone_choices(empty="–"), help_text=ZONE_HELP)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "time_zone", "is_active")
        labels = {"is_active": "May sign in"}
        help_texts = {
            "is_active": "Switched off, the person is signed out at once, and flags that they have taken on are "
            "nobody's again. People are never deleted."
        }


class NewPersonForm(MasterDataForm):
    """A new person with their first role."""

    time_zone = forms.ChoiceField(required=False, choices=lambda: zone_choices(empty="–"), help_text=ZONE_HELP)
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])
    sites = SitesField(help_text="The person has the role at each of these, and sees no other site.")
    with_password = forms.BooleanField(
        required=False,
        initial=True,
        label="Send a link to set a password",
        help_text="Not for people who sign in only through your organisation's single sign-on.",
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "time_zone")
        help_texts = {
            "username": "Lasts: it signs what the person does. Letters, digits and @ . + - _",
            "email": "The invitation goes here, with a link to set a password.",
        }

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["email"].required = self.fields["last_name"].required = True


class SignInForm(PlainForm):
    """What a person who cannot get in needs, and why."""

    send_link = forms.BooleanField(
        required=False,
        label="Send a link to set a password",
        help_text="To the address written down for the person. It works for an hour.",
    )
    second_factors = forms.BooleanField(
        required=False,
        label="Forget apps, keys and recovery codes",
        help_text="A phone or key is lost. Make sure first who is asking: face to face, or by a number on file.",
    )
    single_sign_on = forms.BooleanField(
        required=False,
        label="Forget the link to single sign-on",
        help_text="The person has a new account at the provider. The next sign-in there goes by e-mail address again.",
    )
    reason = reason_field(label="Reason", help_text="Kept for good.")

    def clean(self) -> dict[str, Any]:
        """Something is to be done."""
        said = super().clean()
        if not any(said.get(name) for name in ("send_link", "second_factors", "single_sign_on")):
            self.add_error(None, "Choose what the person needs.")
        return said


class RoleForm(MasterDataForm):
    """A role for a person who is there already, also one of other sites."""

    person = forms.CharField(max_length=150, label="User name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    sites = SitesField()

    class Meta:
        model = Membership
        fields = ("role",)

    def clean_person(self) -> User:
        """The person of this user name."""
        username = self.cleaned_data["person"].strip()
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise forms.ValidationError(f"Nobody who may sign in is called “{username}”. Add the person first.")
        return found


class ProfileForm(RowForm):
    """A person's own wishes."""

    theme = forms.ChoiceField(choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["time_zone", "theme"]

    def clean_time_zone(self) -> str:
        """Spaces round the name do not matter."""
        return self.cleaned_data["time_zone"].strip()
