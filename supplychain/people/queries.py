"""Reading people for who asks."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat, Trim

from supplychain.people.models import User
from supplychain.people.statuses import Role


class PersonUnclear(Exception):
    """Nobody, or more than one person, is meant by a name; the message says what to give instead."""


def person_with_role(named: str, *, site_ids: Collection[Any], roles: Collection[Role]) -> User:
    """The active person with one of these roles at one of these sites who is called so. Raises PersonUnclear.

    By login name or e-mail address, else by first and last name if only one of these people has it; capitals do not
    matter. People of other sites are as unknown as those who do not exist.
    """
    here = User.objects.filter(is_active=True, memberships__site__in=site_ids, memberships__role__in=roles).distinct()
    called = here.annotate(full_name=Trim(Concat("first_name", Value(" "), "last_name")))
    for condition in (Q(username__iexact=named) | Q(email__iexact=named), Q(full_name__iexact=named)):
        found = list(called.filter(condition)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise PersonUnclear(f"More than one person here is called “{named}”; give the login name or e-mail.")
    raise PersonUnclear(
        f"“{named}” is nobody with a role at a site of yours that takes part in this order; give the login name or "
        "e-mail address of somebody who is."
    )
