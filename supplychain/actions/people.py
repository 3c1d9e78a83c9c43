"""People, and what they may do at which site."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from supplychain.actions.refusals import Refused, find_sites, refuse_unless_valid, told_by
from supplychain.models import Membership, User
from supplychain.statuses import Role


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
    by: User | None,
) -> User:
    """A new person, so far without a site. `password` None: cannot sign in with one. Raises Refused.

    `is_administrator` opens the administration pages; what one may do with orders follows from memberships alone.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, email=email, time_zone=time_zone)
    user.is_staff = user.is_superuser = is_administrator
    _refuse_weak_password(password, user)
    user.set_password(password)
    refuse_unless_valid(user)
    with told_by("create_user", by):
        user.save()
    return user


def _refuse_weak_password(password: str | None, user: User) -> None:
    if password is None:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused({"password": " ".join(error.messages)}) from error


@transaction.atomic
def add_membership(*, user: User, site: str, role: Role, by: User | None) -> Membership:
    """Give a person a role at the site of this code; nothing changes if they have it already. Raises Refused."""
    place = find_sites([site], field="site")[0]
    if role not in Role.values:
        raise Refused({"role": f"“{role}” is unknown; it is one of {', '.join(Role.values)}."})
    with told_by("add_membership", by):
        return Membership.objects.get_or_create(user=user, site=place, role=role)[0]
