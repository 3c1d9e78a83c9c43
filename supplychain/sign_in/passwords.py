"""Checking a password: the same work whoever is named, so that the time of the answer betrays nobody."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, filter_users_by_username
from django.http import HttpRequest

from supplychain.people.models import User


class PasswordBackend(AuthenticationBackend):
    """Each person who is meant by what was typed is checked once; for nobody allauth makes a hash as well.

    allauth itself checks who is known by an address twice, as the address and as a user name: double the time.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        checked = [self._check_password(user, credentials["password"]) for user in people_meant(credentials)]
        return next((user for user in checked if user), None)


def people_meant(credentials: dict[str, Any]) -> list[User]:
    """Who has the user name or the address that was typed: mostly one person or none."""
    email, name = credentials.get("email", ""), credentials.get("username", "")
    by_address = filter_users_by_email(email, for_login=True) if email else []
    by_name = list(filter_users_by_username(name)) if name else []
    return list(dict.fromkeys([*by_address, *by_name]))
