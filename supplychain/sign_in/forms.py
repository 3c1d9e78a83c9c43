"""What allauth's forms leave to us, and its forms with our words for what is missing (ACCOUNT_FORMS, MFA_FORMS)."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.http import HttpRequest

from supplychain.pages.missing import SaysWhatToDo


class LoginForm(SaysWhatToDo, account.LoginForm):
    """Name and password."""


class ConfirmForm(SaysWhatToDo, account.ReauthenticateForm):
    """The password once more."""


class ChangePasswordForm(SaysWhatToDo, account.ChangePasswordForm):
    """The old password and a new one."""


class NewPasswordForm(SaysWhatToDo, account.ResetPasswordKeyForm):
    """A new password, by the link of a mail."""


class CodeForm(SaysWhatToDo, mfa.AuthenticateForm):
    """The code of a second factor."""


class ConfirmCodeForm(SaysWhatToDo, mfa.ReauthenticateForm):
    """The code once more."""


class AppForm(SaysWhatToDo, totp.ActivateTOTPForm):
    """The first code of a new app."""


class ForgottenPasswordForm(SaysWhatToDo, account.ResetPasswordForm):
    """Sends a mail whether the address is known or not, so that the answer betrays nothing, not even by its time."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, or the news that nobody has this address; allauth would offer to sign up."""
        if self.users:
            return super().save(request, **kwargs)
        email = self.cleaned_data["email"]
        get_adapter().send_mail("account/email/unknown_account", email, {})
        return email
