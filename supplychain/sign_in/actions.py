"""What lets a person in: password, second factors, the link to single sign-on, and running sessions."""

from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

import structlog
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from oauth2_provider.models import clear_expired

from supplychain.audit.models import RefusedSigning
from supplychain.audit.refusals import Refused, check_reason, told_by
from supplychain.people.models import User
from supplychain.sign_in.signals import signing_refused

# Long enough for the person and quality assurance, who are told of the address, to speak up (21 CFR 11.200(a)(3)).
UNSIGNED_FOR = timedelta(hours=24)

log = structlog.get_logger(__name__)


@transaction.atomic
def set_password(*, user: User, password: str, by: User, now: datetime) -> None:
    """Another password, already checked; ends every session of the person but the one that is renewed with it.

    After somebody else changed the address to which links are mailed, nothing is signed with it for UNSIGNED_FOR.
    """
    user.set_password(password)
    if user.has_new_address:
        user.has_new_address, user.signs_from = False, now + UNSIGNED_FOR
    with told_by("set_password", by):
        user.save(update_fields=["password", "has_new_address", "signs_from"])


@transaction.atomic
def link_single_sign_on(*, user: User, account: SocialAccount) -> SocialAccount:
    """From now on this subject of the provider is this person, whatever becomes of the e-mail address."""
    account.user = user
    account.save()
    log.warning("single sign-on linked", username=user.username, subject=account.uid)
    return account


@transaction.atomic
def reset_sign_in(
    *, user: User, second_factors: bool, single_sign_on: bool, reason: str, by: User | None, now: datetime
) -> tuple[int, int]:
    """Forget apps, keys and recovery codes (a lost phone) or the person's subjects at the provider, and sign them out
    everywhere. Returns how many of each; raises Refused.

    The next single sign-on goes by e-mail again. Nobody does this for themselves: the profile asks for a code or key.
    """
    reason = check_reason(reason)
    if by is not None and by.pk == user.pk:
        raise Refused({"all": "your own second factors are changed on your profile, where a code or key is asked for."})
    if not (second_factors or single_sign_on):
        raise Refused({"all": "choose what to forget."})
    factors = _removed(Authenticator, user) if second_factors else 0
    links = _removed(SocialAccount, user) if single_sign_on else 0
    end_sessions(user=user)
    user.sign_in_reset_at = now
    with told_by("reset_sign_in", by, reason):
        user.save(update_fields=["sign_in_reset_at"])
    log.warning("sign-in reset", username=user.username, second_factors=factors, links=links, by=_name(by))
    return factors, links


def _removed(table: type[Authenticator | SocialAccount], user: User) -> int:
    return table.objects.filter(user=user).delete()[0]


def end_sessions(*, user: User) -> None:
    """Sign the person out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def keep_refused_signing(
    *, order_id: UUID, user: User | None, by: User, means: str, why: str, address: str, now: datetime
) -> RefusedSigning:
    """Keep that somebody (`user`; None: a name that nobody has) could not sign while `by` was signed in, and tell the
    themes above."""
    said = {"means": means[:300], "why": why[:300], "address": address[:64], "refused_at": now}
    refused = RefusedSigning.objects.create(order_id=order_id, user=user, by=by, **said)
    log.warning("signing refused", username=user.username if user else "", by=by.username, address=address)
    signing_refused.send(sender=RefusedSigning, refused=refused)
    return refused


def forget_expired() -> None:
    """Delete the tokens of systems and the sessions of people whose time is over; each works no more anyway."""
    clear_expired()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def _name(by: User | None) -> str:
    return by.username if by else "a command"
