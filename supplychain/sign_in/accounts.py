"""Passwords and second factors as allauth asks us to decide about them."""

import smtplib
import time
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from supplychain.people.models import User
from supplychain.sign_in.actions import set_password
from supplychain.sign_in.addresses import address_of
from supplychain.sign_in.passwords import people_meant
from supplychain.sign_in.sessions import BEGAN_AT

MISMATCH = "User name and password do not belong together. Mind capital letters, or ask for a new password."
PATIENCE = "Too many wrong attempts. Wait five minutes and try again."

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; failures are recorded; words are ours."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "too_many_login_attempts": PATIENCE,
        "rate_limited": PATIENCE,
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your present password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are made by an administrator."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Limits of failed attempts; 21 CFR 11.300(d) wants attempts at unauthorized use reported."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log.warning("sign-in blocked", username=_known_name(credentials), address=address_of(request))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record the failed attempt."""
        log.warning("sign-in failed", username=_known_name(credentials), address=address_of(request))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Right password, but the person was switched off."""
        log.warning("sign-in refused", username=user.username, reason="switched off", address=address_of(request))
        return super().respond_user_inactive(request, user)

    def set_password(self, user: User, password: str) -> None:
        """The one write path."""
        set_password(user=user, password=password, by=user, now=timezone.now())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not again from somebody who signed in a moment ago."""
        began = self.request.session.get(BEGAN_AT, 0)
        if 0 <= time.time() - began < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the person came from."""
        return reverse("profile")

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Whoever signs in elsewhere gets no password here by way of a mailbox."""
        if user.has_usable_password():
            inviter = getattr(context["request"], "invites_as", "")
            kind = "invitation" if inviter else "password_reset_key"
            self.send_mail(f"account/email/{kind}", email, context | {"inviter": inviter})
        else:
            self.send_mail("account/email/no_password", email, context | {"single_sign_on": settings.OIDC_NAME})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Somebody waits for this one: say so if it cannot be sent."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.error("mail not sent", template=template_prefix, error=str(error))
            answer = render(self.request, "account/mail_not_sent.html", status=503)
            raise ImmediateHttpResponse(answer) from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody waits for this one: what was done stays done though it cannot be sent."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except ImmediateHttpResponse:
            return

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMessage:
        """Tell mail programs that a machine wrote it (RFC 3834): nobody's absence note answers."""
        message = super().render_mail(*args, **kwargs)
        message.extra_headers.setdefault("Auto-Submitted", "auto-generated")
        return message


class SecondFactorAdapter(DefaultMFAAdapter):
    """How second factors are called."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This did not work: the code is wrong or was used before. Wait for the next one.",
    }

    def get_totp_label(self, user: User) -> str:
        """The user name: what the person types beside the code."""
        return user.username

    def _get_site_name(self) -> str:
        return "CellOps"

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """A name to begin with."""
        return "Security key"


def _known_name(credentials: dict[str, Any]) -> str:
    """The user name that was tried if somebody has it: people also type their password into this field."""
    users = people_meant(credentials)
    return users[0].username if users else "(nobody of this name)"
