"""The log of who came in, who did not, and what was changed about the ways in. Never a secret, never a code."""

from typing import Any

import structlog
from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from supplychain.people.models import User
from supplychain.sign_in.addresses import address_of

log = structlog.get_logger(__name__)


@receiver(account.user_logged_in, dispatch_uid="record_sign_in")
def _signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    by = [record["method"] for record in get_authentication_records(request, user)]
    log.info("signed in", username=user.username, by=by, address=address_of(request))


@receiver(user_logged_out, dispatch_uid="record_sign_out")
def _signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None and not getattr(request, "session_ended", ""):
        log.info("signed out", username=user.username, address=address_of(request))


@receiver(mfa.authentication_failed, dispatch_uid="record_wrong_code")
def _wrong_code(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    log.warning("second factor failed", username=user.username, kind=authenticator.type, address=address_of(request))


@receiver(mfa.authenticator_used, dispatch_uid="record_second_factor")
def _used(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    # A recovery code says that a phone or a key is gone, or that somebody found the paper.
    write = log.warning if authenticator.type == Authenticator.Type.RECOVERY_CODES else log.info
    write("second factor used", username=user.username, kind=authenticator.type, address=address_of(request))


def _record(signal: Any, event: str) -> None:
    """Write `event` whenever the signal is sent."""

    def write(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        more = {"kind": kwargs["authenticator"].type} if "authenticator" in kwargs else {}
        log.warning(event, username=user.username, address=address_of(request), **more)

    signal.connect(write, weak=False, dispatch_uid=f"record {event}")


for _signal, _event in (
    (mfa.authenticator_added, "second factor added"),
    (mfa.authenticator_removed, "second factor removed"),
    (mfa.authenticator_reset, "recovery codes renewed"),
    (account.password_changed, "password changed"),
    (account.password_reset, "password reset by e-mail"),
):
    _record(_signal, _event)
