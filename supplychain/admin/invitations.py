"""Inviting a new person to set their password."""

from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest

from supplychain.forms.sign_in import ForgottenPasswordForm
from supplychain.models import User


def invite(request: HttpRequest, user: User) -> None:
    """Send the person the link by which anybody sets a forgotten password, and say whether it went."""
    form = ForgottenPasswordForm({"email": user.email})
    if not form.is_valid():
        messages.warning(request, f"No e-mail was sent: {' '.join(form.errors.get('email', ['the address is odd']))}")
        return
    try:
        form.save(request)
    except ImmediateHttpResponse:  # the mail server did not take it; the person is there all the same
        text = "The invitation could not be sent. Once mail works the person asks for a password at the login page."
        messages.warning(request, text)
        return
    text = (
        f"A link to set a password is on its way to {user.email}. It works for an hour; the login page gives another."
    )
    messages.success(request, text)
