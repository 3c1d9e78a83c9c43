"""Who signs shows anew who they are: password, and second factor where they have one (21 CFR 11.200(a)).

The same check, limits and log as at the login, for the person signed in and for one who signs beside them: no session
begins by it, none ends.
"""

from uuid import UUID

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from supplychain.audit.refusals import Refused
from supplychain.audit.signing import Proof
from supplychain.audit.statuses import Factor
from supplychain.people.models import User
from supplychain.sign_in.accounts import MISMATCH
from supplychain.sign_in.actions import keep_refused_signing
from supplychain.sign_in.addresses import address_of
from supplychain.sign_in.forms import CodeForm, LoginForm, SignForm
from supplychain.sign_in.passwords import people_meant
from supplychain.sign_in.second_factor import KINDS, needs_second_factor
from supplychain.words import moment_words

SWITCHED_OFF = "This person was switched off and signs nothing."
NO_FACTOR = "This person’s role needs a second factor, and they have none yet: they set one up on their profile first."
NEW_PASSWORD = (
    "An administrator changed this person’s e-mail address, and a new password was set after that: nothing is signed "
    "with it before"
)
CODE_MISSING = "Type the code of the second person’s app, too; who has only a security key types a recovery code."
OWN_CODE_MISSING = "Type the code of your app, too; with a security key only, type a recovery code."
NOT_YOURS = "This is not your password. Mind capital letters."
WRONG_PASSWORD = "The password was wrong."

log = structlog.get_logger(__name__)


class WrongAttempt(Refused):
    """What was shown is not what the person (None: nobody has the name) would have shown."""

    def __init__(self, errors: dict[str, str], user: User | None) -> None:
        super().__init__(errors)
        self.user = user


def confirm_second(
    request: HttpRequest, order_id: UUID, means: str, *, name: str, password: str, code: str
) -> tuple[User, Proof]:
    """Who signs beside the person of the request, and that they showed it. Raises Refused, by field: name, password,
    code; a wrong attempt is kept and told."""
    try:
        user = _person(request, name, password)
        factors = (Factor.PASSWORD, *_second_factor(request, user, code, CODE_MISSING))
    except WrongAttempt as attempt:
        _keep(request, order_id, means, attempt)
        raise
    log.info("second signature", username=user.username, by=_by(request), address=address_of(request))
    return user, Proof(user.pk, tuple(map(str, factors)))


def confirm_oneself(request: HttpRequest, *, password: str, code: str) -> Proof:
    """That whoever is at the keys is the person signed in. Raises Refused, by field: password, code."""
    try:
        user = _person(request, request.user.username, password)
    except WrongAttempt as attempt:
        text = " ".join(attempt.errors.values())
        raise WrongAttempt({"password": NOT_YOURS if text == MISMATCH else text}, request.user) from attempt
    if user.pk != request.user.pk:
        raise WrongAttempt({"password": NOT_YOURS}, request.user)
    factors = (Factor.PASSWORD, *_second_factor(request, user, code, OWN_CODE_MISSING))
    log.info("signed", username=user.username, address=address_of(request))
    return Proof(user.pk, tuple(map(str, factors)))


def _person(request: HttpRequest, name: str, password: str) -> User:
    form = LoginForm(data={"login": name, "password": password}, request=request)
    if not form.is_valid():
        text = " ".join(text for texts in form.errors.values() for text in texts)
        meant = people_meant({"username": name, "email": name}) if name else []
        raise WrongAttempt({"password": text}, meant[0] if meant else None)
    user: User = form.user
    if not user.is_active:
        log.warning("second signature refused", username=user.username, reason="switched off", by=_by(request))
        raise WrongAttempt({"name": SWITCHED_OFF}, user)
    if user.signs_from and timezone.now() < user.signs_from:
        log.warning("signature refused", username=user.username, reason="new address and password", by=_by(request))
        until = moment_words(user.signs_from, timezone.get_current_timezone(), label=True)
        raise WrongAttempt({"password": f"{NEW_PASSWORD} {until}."}, user)
    return user


def _second_factor(request: HttpRequest, user: User, code: str, missing: str) -> tuple[str, ...]:
    """What the person showed beside the password. Raises Refused where they have a second factor, or need one, and did
    not show it."""
    if not _has_factor(user):
        if needs_second_factor(user):
            raise Refused({"name": NO_FACTOR})
        return ()
    if not code:
        raise Refused({"code": missing})
    form = CodeForm(data={"code": code}, user=user)
    if not form.is_valid():
        raise WrongAttempt({"code": " ".join(text for texts in form.errors.values() for text in texts)}, user)
    form.authenticator.record_usage()
    kind = form.authenticator.type
    log.info("second factor used", username=user.username, kind=kind, address=address_of(request))
    return (Factor.RECOVERY if kind == Authenticator.Type.RECOVERY_CODES else Factor.APP,)


def _keep(request: HttpRequest, order_id: UUID, means: str, attempt: WrongAttempt) -> None:
    """Keep the attempt, and tell who has to know of it at once (21 CFR 11.300(d))."""
    # Others read it, too, to whom it is no “your”.
    why = " ".join(attempt.errors.values()).replace(NOT_YOURS, WRONG_PASSWORD)
    keep_refused_signing(
        order_id=order_id, user=attempt.user, by=request.user, means=means, why=why,
        address=address_of(request), now=timezone.now(),
    )  # fmt: skip


def _has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=KINDS).exists()


def _by(request: HttpRequest) -> str:
    return request.user.username


class Signing:
    """The part of a form with which the person signed in signs. `means`: what the signature will say; empty: nothing is
    signed here, and the part is not shown.

    `order_id`: of what is signed; `proof`: what `check` found, for the action that records the decision.
    """

    def __init__(self, request: HttpRequest, order_id: UUID, means: str) -> None:
        self.request, self.order_id, self.means, self.proof = request, order_id, means, None
        self.has_password = bool(means) and request.user.has_usable_password()
        self.single_sign_on = settings.OIDC_NAME
        self._asks_code = self.has_password and _has_factor(request.user)
        self.form = SignForm(None, asks_code=self._asks_code)

    def __bool__(self) -> bool:
        return bool(self.means)

    def check(self) -> bool:
        """Whether the person has shown who they are, or nothing is signed; else the form says what is wrong. Asked
        once all else of the form is right: a wrong attempt counts, and a code works once."""
        if not self.means:
            return True
        self.form = SignForm(self.request.POST, asks_code=self._asks_code)
        if not (self.has_password and self.form.is_valid()):
            return False
        try:
            self.proof = confirm_oneself(self.request, **self.form.cleaned_data)
        except Refused as refusal:
            if isinstance(refusal, WrongAttempt):
                _keep(self.request, self.order_id, self.means, refusal)
            for field, text in refusal.errors.items():
                self.form.add_error(field if field in self.form.fields else None, text)
        return self.proof is not None
