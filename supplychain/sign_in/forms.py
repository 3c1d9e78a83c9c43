"""What allauth's forms leave to us."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest


class ForgottenPasswordForm(ResetPasswordForm):
    """Sends a mail whether the address is known or not, so that the answer betrays nothing, not even by its time."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, or the news that nobody has this address; allauth would offer to sign up."""
        if self.users:
            return super().save(request, **kwargs)
        email = self.cleaned_data["email"]
        get_adapter().send_mail("account/email/unknown_account", email, {})
        return email
