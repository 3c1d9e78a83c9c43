"""A second person signs in beside who is signed in, for one report: no session of theirs begins, none ends."""

import structlog
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from supplychain.audit.refusals import Refused
from supplychain.people.models import User
from supplychain.sign_in.addresses import address_of
from supplychain.sign_in.forms import CodeForm, LoginForm
from supplychain.sign_in.second_factor import KINDS, needs_second_factor

SWITCHED_OFF = "This person was switched off and signs nothing."
NO_FACTOR = "This person’s role needs a second factor, and they have none yet: they set one up on their profile first."
CODE_MISSING = "Type the code of the second person’s app, too; who has only a security key types a recovery code."

log = structlog.get_logger(__name__)


def confirm_second(request: HttpRequest, *, name: str, password: str, code: str) -> User:
    """Who signs beside the person of the request. Wrong attempts count, and are limited and logged, as at the login.
    Raises Refused, by field: name, password, code."""
    form = LoginForm(data={"login": name, "password": password}, request=request)
    if not form.is_valid():
        raise Refused({"password": " ".join(text for texts in form.errors.values() for text in texts)})
    user: User = form.user
    if not user.is_active:
        log.warning("second signature refused", username=user.username, reason="switched off", by=_by(request))
        raise Refused({"name": SWITCHED_OFF})
    _check_factor(request, user, code)
    log.info("second signature", username=user.username, by=_by(request), address=address_of(request))
    return user


def _check_factor(request: HttpRequest, user: User, code: str) -> None:
    """Raises Refused where the person has a second factor, or needs one, and did not show it."""
    if not Authenticator.objects.filter(user=user, type__in=KINDS).exists():
        if needs_second_factor(user):
            raise Refused({"name": NO_FACTOR})
        return
    if not code:
        raise Refused({"code": CODE_MISSING})
    form = CodeForm(data={"code": code}, user=user)
    if not form.is_valid():
        raise Refused({"code": " ".join(text for texts in form.errors.values() for text in texts)})
    form.authenticator.record_usage()
    log.info("second factor used", username=user.username, kind=form.authenticator.type, address=address_of(request))


def _by(request: HttpRequest) -> str:
    return request.user.username
