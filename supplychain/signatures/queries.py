"""Who signed what: of the orders of one's sites, for those who answer for records there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

from supplychain.audit.models import RefusedSigning, Signature
from supplychain.audit.statuses import SignedAct
from supplychain.moments import read_day
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries.signatures import ShownSignature, shown_signatures
from supplychain.people.models import User

LONGEST = 80


@dataclass(frozen=True, slots=True)
class SignatureFilter:
    """Which signatures: `person`: user name or part of the printed name; `order`: part of the chain of identity; the
    days are the reader's, both included. What cannot be read is no filter."""

    person: str = ""
    order: str = ""
    act: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """From an address."""
        texts = {name: str(said.get(name, "")).replace("\x00", "").strip()[:LONGEST] for name in ("person", "order")}
        act = said.get("act", "")
        days = {name: read_day(said.get(name)) for name in ("first", "last")}
        return cls(act=act if act in SignedAct.values else "", **texts, **days)

    @property
    def query(self) -> str:
        """As in an address; empty: everything."""
        return urlencode({name: value for name in self.__slots__ if (value := getattr(self, name))})

    def of(self, rows: QuerySet[Signature], zone: tzinfo) -> QuerySet[Signature]:
        """Those of `rows` that it lets through."""
        if self.person:
            rows = rows.filter(Q(user__username__iexact=self.person) | Q(printed_name__icontains=self.person))
        if self.act:
            rows = rows.filter(act=self.act)
        return self._of_order_and_days(rows, "signed_at", zone)

    def of_refused(self, rows: QuerySet[RefusedSigning], zone: tzinfo) -> QuerySet[RefusedSigning]:
        """The same of attempts that were refused, of which no act is kept."""
        if self.person:
            name = Q(user__username__iexact=self.person) | Q(user__last_name__icontains=self.person)
            rows = rows.filter(name | Q(user__first_name__icontains=self.person))
        return self._of_order_and_days(rows, "refused_at", zone)

    def _of_order_and_days(self, rows: QuerySet, moment: str, zone: tzinfo) -> QuerySet:
        if self.order:
            rows = rows.filter(order__coi__icontains=self.order)
        if self.first:
            rows = rows.filter(**{f"{moment}__gte": datetime.combine(self.first, time(), zone)})
        if self.last:
            rows = rows.filter(**{f"{moment}__lt": datetime.combine(self.last + timedelta(days=1), time(), zone)})
        return rows


def signatures_of_sites(site_ids: Collection[UUID]) -> QuerySet[Signature]:
    """The signatures of these sites' orders, the newest first."""
    orders = PatientOrder.objects.of_sites(site_ids)
    return Signature.objects.filter(order__in=orders).order_by("-signed_at", "-id")


def beside_record(rows: QuerySet[Signature]) -> list[ShownSignature]:
    """The signatures beside their events and orders; two queries."""
    return shown_signatures(rows.select_related("event", "order", "user"))


def refused_of_sites(
    site_ids: Collection[UUID], chosen: SignatureFilter, zone: tzinfo, *, most: int
) -> list[RefusedSigning]:
    """The newest attempts to sign that were refused, of these sites' orders and of the chosen person, order and days;
    one query."""
    rows = chosen.of_refused(RefusedSigning.objects.filter(order__in=PatientOrder.objects.of_sites(site_ids)), zone)
    return list(rows.select_related("order", "user", "by").order_by("-refused_at", "-id")[:most])


def signers(site_ids: Collection[UUID]) -> Iterable[User]:
    """Who has signed anything of these sites' orders, by name; one query."""
    rows = signatures_of_sites(site_ids).order_by().values("user")
    return User.objects.filter(pk__in=rows).order_by("last_name", "first_name", "username")
