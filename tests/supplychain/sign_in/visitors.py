"""What the tests of signing in share: a clean count of attempts, a person with a known password, their browser."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.supplychain.builders import make_user

PASSWORD = "a long enough word"


@pytest.fixture
def _forgetful(settings: Any) -> Iterator[None]:
    """Attempts of other tests do not count here."""
    forget_attempts()
    yield
    forget_attempts()


def forget_attempts() -> None:
    """Empty the cache, and nothing else of Valkey."""
    cache._memory.clear()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*"):
            client.delete(key)


def person(name: str = "ada", *sites: Site, role: Role = Role.OPERATIONS, email: str = "") -> User:
    """Somebody with the password above."""
    user = make_user(name, *sites, role=role)
    user.email = email
    user.save()
    return user


def log_in(
    name: str = "ada", password: str = PASSWORD, client: Client | None = None, **more: Any
) -> tuple[Client, Any]:
    """A browser after the login form was sent, and the answer to it."""
    client = client or Client()
    return client, client.post(reverse("login"), {"login": name, "password": password}, **more)


def is_in(client: Client) -> bool:
    """Whether this browser may see the profile (or is led to set up a second factor)."""
    return not client.get(reverse("profile")).headers.get("Location", "").startswith(reverse("login"))


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or so many steps of 30 s later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
