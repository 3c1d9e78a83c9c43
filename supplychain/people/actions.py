"""People, and what they may do at which site."""

import secrets
from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.django_words import own_words
from supplychain.identifiers.rules.characters import hidden_problem, likeness
from supplychain.people.models import Membership, User
from supplychain.people.signals import address_changed, rights_lost
from supplychain.people.statuses import Role, Theme
from supplychain.sites.actions import create_site
from supplychain.sites.models import Site
from supplychain.sites.queries import find_sites
from supplychain.sites.statuses import SiteKind

# What a person was given before today's rules lasts, and keeps nobody from changing the rest.
LASTING = ("username", "password")


@transaction.atomic
def create_user(
    *,
    username: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    time_zone: str = "",
    is_administrator: bool = False,
    reason: str = "",
    by: User | None,
) -> User:
    """A new person, so far without a site. `password` None: cannot sign in with one. Raises Refused.

    `is_administrator` makes a superuser, who may change all master data of every site; what one may do with orders
    follows from memberships alone.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, email=email, time_zone=time_zone)
    user.is_staff = user.is_superuser = is_administrator
    _refuse_hidden_address(email)
    _refuse_weak_password(password, user)
    user.set_password(password)
    refuse_unless_valid(user)
    _refuse_look_alike(username)
    with told_by("create_user", by, reason):
        user.save()
    return user


def _refuse_look_alike(username: str) -> None:
    """Two names that are one to the eye (`ada.l` and `ada-1`) would sign for each other."""
    alike = likeness(username)
    known = next((name for name in User.objects.values_list("username", flat=True) if likeness(name) == alike), None)
    if known is not None:
        raise Refused({"username": f"it looks like “{known}”, who is another person; choose a name that does not."})


def _refuse_hidden_address(email: str) -> None:
    """Two addresses that differ in what nobody sees would be one to whoever reads them, and none gets the mail."""
    if problem := hidden_problem(email):
        raise Refused({"email": problem})


def _refuse_weak_password(password: str | None, user: User) -> None:
    if password is None:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused({"password": " ".join(own_words(text, "Password") for text in error.messages)}) from error


@transaction.atomic
def change_person(
    user: User,
    *,
    first_name: str,
    last_name: str,
    email: str,
    time_zone: str,
    is_active: bool,
    reason: str,
    by: User | None,
) -> User:
    """Correct how a person is called and reached, or let them sign in no longer (or again). Raises Refused.

    People are never deleted: what they did stays theirs. What one who is switched off had taken on is given back
    (`given_back` of the answer).
    """
    reason = check_reason(reason)
    if by is not None and by.pk == user.pk and not is_active:
        raise Refused({"is_active": "you cannot switch yourself off; ask another administrator."})
    _refuse_hidden_address(email)
    old = User.objects.values_list("email", flat=True).get(pk=user.pk)
    user.first_name, user.last_name, user.email = first_name, last_name, email
    is_switched_off = user.is_active and not is_active
    user.time_zone, user.is_active = time_zone, is_active
    refuse_unless_valid(user, but=LASTING)
    is_moved = user.email != old and by != user
    user.has_new_address |= is_moved
    with told_by("change_person", by, reason):
        user.save(update_fields=["first_name", "last_name", "email", "time_zone", "is_active", "has_new_address"])
    if is_moved:
        address_changed.send(sender=User, user=user, old=old, by=by)
    if is_switched_off:
        user.given_back = _given_back(user, by)
    return user


@transaction.atomic
def create_person(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    time_zone: str,
    sites: list[str],
    role: Role,
    with_password: bool,
    reason: str,
    by: User | None,
) -> User:
    """A new person with a role at these sites, who sets a password by a link that is mailed to them. Raises Refused.

    Until then they have one that nobody knows; without `with_password` they sign in elsewhere (single sign-on).
    """
    reason = check_reason(reason)
    password = secrets.token_urlsafe(32) if with_password else None
    names = {"first_name": first_name, "last_name": last_name, "email": email, "time_zone": time_zone}
    user = create_user(username=username, password=password, **names, reason=reason, by=by)
    give_role(user=user, sites=sites, role=role, reason=reason, by=by)
    return user


@transaction.atomic
def give_role(*, user: User, sites: list[str], role: Role, reason: str, by: User | None) -> list[Membership]:
    """Give a person a role at each of these sites (codes). Raises Refused; nobody gives themselves a role."""
    reason = check_reason(reason)
    _refuse_own_rights(user, by)
    if not sites:
        raise Refused({"sites": "name at least one site."})
    return [add_membership(user=user, site=site, role=role, reason=reason, by=by) for site in sites]


@transaction.atomic
def add_membership(*, user: User, site: str, role: Role, reason: str = "", by: User | None) -> Membership:
    """Give a person a role at the site of this code; nothing changes if they have it already. Raises Refused."""
    place = find_sites([site], field="site")[0]
    if role not in Role.values:
        raise Refused({"role": f"“{role}” is unknown; it is one of {', '.join(Role.values)}."})
    with told_by("add_membership", by, reason):
        return Membership.objects.get_or_create(user=user, site=place, role=role)[0]


@transaction.atomic
def remove_membership(membership: Membership, *, reason: str, by: User | None) -> list[str]:
    """Take a role at a site away from a person; the history keeps who had it. Returns what they had taken on and is
    given back, in words. Raises Refused."""
    reason = check_reason(reason)
    _refuse_own_rights(membership.user, by)
    with told_by("remove_membership", by, reason):
        membership.delete()
    return _given_back(membership.user, by)


def _given_back(user: User, by: User | None) -> list[str]:
    return [words for _, words in rights_lost.send(sender=User, user=user, by=by) if words]


def _refuse_own_rights(user: User, by: User | None) -> None:
    # Whoever could widen their own rights could approve their own work (EU GMP Annex 11 §12).
    if by is not None and by.pk == user.pk and not by.is_superuser:
        raise Refused({"role": "nobody changes their own roles; ask another administrator."})


@transaction.atomic
def change_profile(*, user: User, time_zone: str, theme: Theme | str, by: User) -> User:
    """A person's own wishes: IANA zone of the times shown ("": that of their sites, or UTC), and look. Raises Refused.

    Name and e-mail are not theirs to change: they stand under what the person does, and single sign-on goes by them.
    """
    user.time_zone, user.theme = time_zone, theme
    refuse_unless_valid(user, but=(*LASTING, "first_name", "last_name", "email"))
    with told_by("change_profile", by):
        user.save(update_fields=["time_zone", "theme"])
    return user


@transaction.atomic
def create_site_with_administrator(
    *,
    code: str,
    name: str,
    kind: SiteKind,
    time_zone: str,
    telephone: str,
    facilities: Sequence[str] = (),
    administrator: User | None,
    reason: str,
    by: User,
) -> Site:
    """A new site, and who administers it from now on: only those of a site may give roles there. Raises Refused.

    `administrator` None: a superuser will give the first role.
    """
    site = create_site(
        code=code,
        name=name,
        kind=kind,
        time_zone=time_zone,
        telephone=telephone,
        facilities=facilities,
        reason=reason,
        by=by,
    )
    if administrator is not None:
        with told_by("create_site", by, reason):
            Membership.objects.create(user=administrator, site=site, role=Role.ADMINISTRATOR)
    return site
