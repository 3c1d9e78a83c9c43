"""Checks of the settings at start: they fail loudly with a hint."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security)
def secrets_are_set(**kwargs: Any) -> list[CheckMessage]:
    """No secret has a default outside demo mode."""
    problems: list[CheckMessage] = []
    if not _secret_key():
        hint = "Set SECRET_KEY in the environment, or start everything with `make run`."
        problems.append(Error("SECRET_KEY is empty.", hint=hint, id="cellops.E001"))
    if not settings.ALLOWED_HOSTS:
        hint = "Set ALLOWED_HOSTS to the names people use for this site, separated by commas."
        problems.append(Error("ALLOWED_HOSTS is empty.", hint=hint, id="cellops.E002"))
    if settings.DEBUG and not settings.DEMO:
        problems.append(Error("DEBUG is on outside demo mode.", hint="Unset DEBUG.", id="cellops.E003"))
    return problems


def _secret_key() -> str:
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:  # Django raises it for an empty one, without a hint
        return ""


@register(Tags.database)
def database_is_postgresql(**kwargs: Any) -> list[CheckMessage]:
    """There is one SQL dialect."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return []
    hint = "Set DATABASE_URL=postgresql://user:password@host:5432/name."
    return [Error("DATABASE_URL does not name a PostgreSQL database.", hint=hint, id="cellops.E004")]
