"""What allauth's forms leave to us, and its forms with our words for what is missing (ACCOUNT_FORMS, MFA_FORMS)."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.http import HttpRequest

from supplychain.pages.missing import PlainForm, SaysWhatToDo


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


class SignForm(PlainForm):
    """Where somebody signs: their password again, and the code of their second factor where they have one."""

    prefix = "sign"
    password = forms.CharField(
        label="Your password", max_length=4096, strip=False,
        widget=forms.PasswordInput({"class": "form-control", "autocomplete": "off"}),
    )  # fmt: skip
    code = forms.CharField(
        label="Code of your app", max_length=40,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, asks_code: bool) -> None:
        super().__init__(data)
        if not asks_code:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """With an empty code where none is asked for."""
        return {"code": ""} | self.cleaned_data
