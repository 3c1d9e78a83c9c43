"""Checks of the settings at start: they fail loudly with a hint."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from supplychain.labels.rules.layouts import LayoutProblem, read_layouts
from supplychain.people.statuses import Role

# As Django's own check at deployment, which only warns; 50 characters of hex are 200 bits.
LEAST_SECRET, LEAST_DIFFERENT = 50, 8
# Words of examples and of those who mean to fill it in later; in what was made by chance none of them stands.
OF_EXAMPLES = (
    "insecure", "secret", "change", "replace", "placeholder", "example", "password", "-here", "_here", "your-",
    "random-", "0123456789", "abcdefgh",
)  # fmt: skip


@register(Tags.security)
def secrets_are_set(**kwargs: Any) -> list[CheckMessage]:
    """No secret has a default outside demo mode."""
    problems: list[CheckMessage] = []
    if not (secret := _secret_key()):
        hint = "Set SECRET_KEY in the environment, or start everything with `make run`."
        problems.append(Error("SECRET_KEY is empty.", hint=hint, id="cellops.E001"))
    elif is_weak(secret):
        text = f"SECRET_KEY can be guessed: it needs {LEAST_SECRET} characters, of {LEAST_DIFFERENT} kinds at least."
        problems.append(Error(text, hint="Make one with `openssl rand -hex 32`.", id="cellops.E008"))
    if not settings.ALLOWED_HOSTS:
        hint = "Set ALLOWED_HOSTS to the names people use for this site, separated by commas."
        problems.append(Error("ALLOWED_HOSTS is empty.", hint=hint, id="cellops.E002"))
    if settings.DEBUG and not settings.DEMO:
        problems.append(Error("DEBUG is on outside demo mode.", hint="Unset DEBUG.", id="cellops.E003"))
    return problems


def is_weak(secret: str) -> bool:
    """Whether the word that signs sessions and links is too short, too plain, said over and over, or of an example."""
    is_example = any(word in secret.lower() for word in OF_EXAMPLES)
    repeats = secret in (secret + secret)[1:-1]
    return len(secret) < LEAST_SECRET or len(set(secret)) < LEAST_DIFFERENT or repeats or is_example


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


@register(Tags.security)
def sign_in_is_set_up(**kwargs: Any) -> list[CheckMessage]:
    """Roles that exist, and a single sign-on provider that nobody can stand in for."""
    problems: list[CheckMessage] = []
    if unknown := set(settings.SECOND_FACTOR_ROLES) - set(Role.values):
        hint = f"The roles are {', '.join(Role.values)}."
        text = f"CELLOPS_SECOND_FACTOR_ROLES names unknown roles: {', '.join(sorted(unknown))}."
        problems.append(Error(text, hint=hint, id="cellops.E005"))
    if settings.OIDC_ISSUER:
        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        if not (app["client_id"] and app["secret"]):
            hint = "Set OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or unset OIDC_ISSUER."
            problems.append(Error("Single sign-on has no client.", hint=hint, id="cellops.E006"))
        # Tokens that come straight from the provider are believed because TLS says who it is.
        if not settings.DEMO and not settings.OIDC_ISSUER.startswith("https://"):
            problems.append(Error("OIDC_ISSUER is not https.", hint="Use the https address.", id="cellops.E007"))
    return problems


@register()
def mail_server_is_set(**kwargs: Any) -> list[CheckMessage]:
    """Outside demo mode an alarm that is written into a file reaches nobody."""
    if settings.DEMO or settings.EMAIL_URL:
        return []
    hint = "Set EMAIL_URL, for example smtp+tls://user:password@mail.example.org:587, and DEFAULT_FROM_EMAIL."
    return [Warning("No mail server is set: e-mails only become files in var/mail.", hint=hint, id="cellops.W001")]


@register()
def label_layouts_are_readable(**kwargs: Any) -> list[CheckMessage]:
    """No label is printed in a size that nobody can read."""
    try:
        read_layouts(settings.LABEL_LAYOUTS)
    except LayoutProblem as problem:
        hint = "Set CELLOPS_LABEL_LAYOUTS as docs/operations.md says, or unset it."
        return [Error(f"CELLOPS_LABEL_LAYOUTS: {problem}", hint=hint, id="cellops.E009")]
    return []
