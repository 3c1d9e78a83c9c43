"""What the page tests share."""

import pytest


@pytest.fixture(autouse=True)
def _people_have_cheap_passwords(settings) -> None:
    """The product's password hash costs a third of a second on purpose; nobody here tries to guess one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
