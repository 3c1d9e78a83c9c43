"""What lets a person in: password, second factors, the link to single sign-on, and running sessions."""

from importlib import import_module

import structlog
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from oauth2_provider.models import clear_expired

from supplychain.audit.refusals import told_by
from supplychain.people.models import User

log = structlog.get_logger(__name__)


@transaction.atomic
def set_password(*, user: User, password: str, by: User) -> None:
    """Another password, already checked; ends every session of the person but the one that is renewed with it."""
    user.set_password(password)
    with told_by("set_password", by):
        user.save(update_fields=["password"])


@transaction.atomic
def link_single_sign_on(*, user: User, account: SocialAccount) -> SocialAccount:
    """From now on this subject of the provider is this person, whatever becomes of the e-mail address."""
    account.user = user
    account.save()
    log.warning("single sign-on linked", username=user.username, subject=account.uid)
    return account


@transaction.atomic
def unlink_single_sign_on(*, user: User, by: User | None) -> int:
    """Forget the person's subjects at the provider; the next sign-in goes by e-mail again. Returns how many."""
    removed, _ = SocialAccount.objects.filter(user=user).delete()
    log.warning("single sign-on unlinked", username=user.username, by=_name(by))
    return removed


@transaction.atomic
def remove_second_factors(*, user: User, by: User | None) -> int:
    """Forget apps, keys and recovery codes (a lost phone), and end the person's sessions. Returns how many."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)
    log.warning("second factors removed", username=user.username, by=_name(by))
    return removed


def end_sessions(*, user: User) -> None:
    """Sign the person out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget_expired() -> None:
    """Delete the tokens of systems and the sessions of people whose time is over; each works no more anyway."""
    clear_expired()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def _name(by: User | None) -> str:
    return by.username if by else "a command"
