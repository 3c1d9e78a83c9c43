"""What people say about themselves."""

from django import forms

from supplychain.models import User
from supplychain.statuses import Theme


class ProfileForm(forms.ModelForm):
    """A person's own wishes."""

    theme = forms.ChoiceField(choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["time_zone", "theme"]

    def clean_time_zone(self) -> str:
        """Spaces round the name do not matter."""
        return self.cleaned_data["time_zone"].strip()
