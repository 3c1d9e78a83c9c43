"""Who is asking: the system behind a bearer token (people come with their session, see permissions.py)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from supplychain.orders.actions.events import Reporter
from supplychain.systems.models import SourceSystem

# A withdrawn token, source, site or scope stops working everywhere within this time; expiry is always exact.
REMEMBERED_FOR = timedelta(seconds=10)
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class SourceClient:
    """A source system as the one who asks; `request.user` where a person's request has the person."""

    reporter: Reporter
    scopes: frozenset[str]
    expires_at: datetime
    read_at: datetime
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True
    pk: ClassVar[None] = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether what was read about the token may still be relied on (a clock set back ends it too)."""
        return timedelta(0) <= now - self.read_at < REMEMBERED_FOR


_remembered: dict[str, SourceClient] = {}


def forget_tokens() -> None:
    """Look every token up again at its next use."""
    _remembered.clear()


class SourceAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with a token of `/oauth/token/` (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[SourceClient, Reporter] | None:
        """The client and its reporter; None without a bearer token; 401 with one that is not good."""
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        client = source_client(token.strip(), now=now)
        if client is None or client.expires_at <= now:
            raise AuthenticationFailed(
                "This token is unknown, withdrawn or has expired; ask /oauth/token/ for a new one."
            )
        return client, client.reporter

    def authenticate_header(self, request: Request) -> str:
        """The challenge that goes with a 401."""
        if request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer "):
            return 'Bearer realm="CellOps", error="invalid_token"'
        return 'Bearer realm="CellOps"'


def source_client(token: str, *, now: datetime) -> SourceClient | None:
    """The active source behind `token`, remembered for ten seconds; None when there is none."""
    checksum = hashlib.sha256(token.encode()).hexdigest()
    client = _remembered.get(checksum)
    if client is None or not client.is_fresh(now):
        client = _read_client(checksum, now)
        if client is None:
            _remembered.pop(checksum, None)
            return None
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[checksum] = client
    return client


def _read_client(checksum: str, now: datetime) -> SourceClient | None:
    """One query: token, application, active source, its sites."""
    source = (
        SourceSystem.objects.filter(application__accesstoken__token_checksum=checksum, is_active=True)
        .annotate(
            expires_at=F("application__accesstoken__expires"),
            granted=F("application__accesstoken__scope"),
            site_ids=ArrayAgg("sites", filter=Q(sites__isnull=False), default=[]),
        )
        .order_by()
        .first()
    )
    if source is None:
        return None
    reporter = Reporter(site_ids=frozenset[UUID](source.site_ids), source=source)
    # A scope taken from the source is gone at once, though its older tokens still carry it.
    scopes = frozenset(source.granted.split()) & frozenset(source.scopes)
    return SourceClient(reporter=reporter, scopes=scopes, expires_at=source.expires_at, read_at=now)
