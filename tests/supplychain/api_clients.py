"""Those who call the interface in tests: systems with a token, people with a session."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from supplychain.people.models import User
from supplychain.systems.models import SourceSystem

EVERY_SCOPE = tuple(settings.OAUTH2_PROVIDER["SCOPES"])
PROBLEM = "application/problem+json"


class ApiClient(Client):
    """A client that speaks JSON."""

    def send(self, path: str, body: Any, method: str = "POST", **headers: str) -> HttpResponse:
        """Send `body` as JSON; headers with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.generic(method, path, as_json(body), content_type="application/json", headers=given)


def as_json(body: Any) -> bytes:
    """`body` as JSON; bytes are sent as they are."""
    return body if isinstance(body, bytes) else json.dumps(body, default=str).encode()


def token_of(source: SourceSystem, *scopes: str, expires_at: datetime | None = None) -> str:
    """A token of `source`, as `/oauth/token/` would have given it; with the source's scopes set to the same."""
    application = get_application_model()
    if source.application is None:
        source.application = application.objects.create(
            name=source.code,
            client_type=application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=application.GRANT_CLIENT_CREDENTIALS,
        )
    source.scopes = list(scopes or EVERY_SCOPE)
    source.save()
    token = f"token-of-{source.code}-{get_access_token_model().objects.count()}-{source.pk}"
    get_access_token_model().objects.create(
        token=token,
        application=source.application,
        scope=" ".join(source.scopes),
        expires=expires_at or timezone.now() + timedelta(days=1),
    )
    return token


def client_of(source: SourceSystem, *scopes: str, expires_at: datetime | None = None) -> ApiClient:
    """A client with a token of `source`."""
    return ApiClient(headers={"authorization": f"Bearer {token_of(source, *scopes, expires_at=expires_at)}"})


def session_of(user: User, **given: Any) -> ApiClient:
    """A client with `user` logged in."""
    client = ApiClient(**given)
    client.force_login(user)
    return client
