"""The other orders that an identifier of this one stands on, or that are of the same patient, for those who may see."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from dashboards.orders.queries.search import find_exact
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.donation_numbers import FACILITY_LENGTH, is_in_form
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.queries import open_orders_of_patient
from supplychain.pages.viewers import Viewer
from supplychain.people.models import User

MOST_FOUND = 20


class Sharing(NamedTuple):
    """Who else bears the identifier that a flag is about. `facility`: whose facility the number names, in words;
    `unseen`: how many more bear it that the person does not see; `value`: what they bear, to say on a call."""

    orders: list[PatientOrder]
    facility: str
    unseen: int
    value: str


def sharings(order: PatientOrder, flags: Iterable[Flag], user: User) -> dict[UUID, Sharing]:
    """By flag, the other orders that `user` may see; five queries a label where there is one, none otherwise."""
    raised = [flag for flag in flags if flag.code == FlagCode.IDENTITY_SHARED and flag.cleared_at is None]
    return {flag.pk: _sharing(order, flag, Viewer.of(user)) for flag in raised}


def _sharing(order: PatientOrder, flag: Flag, viewer: Viewer) -> Sharing:
    value = flag.subject.partition(":")[2]
    others = viewer.orders().filter(pk__in=find_exact(viewer, value)).exclude(pk=order.pk)
    seen = list(others.select_related("collection_site").order_by("-ordered_at", "-pk"))
    facility = facility_words(value, [order, *seen]) if is_in_form(value) else ""
    bearers = Identifier.objects.filter(key=lookup_key(value)).exclude(order__in=[order, *seen])
    unseen = min(bearers.values("order").distinct().count(), len(flag.evidence.get("shared", ())))
    return Sharing(seen, facility, unseen, value)


def facility_words(number: str, orders: Iterable[PatientOrder]) -> str:
    """Which order's collection centre the donation number names; empty where their facilities are not known."""
    facility = number[:FACILITY_LENGTH]
    named = [one for one in orders if facility in one.collection_site.facilities]
    if named:
        whose = " and ".join(f"{one.collection_site.name}, which collects for {one.coi}" for one in named)
        return f"Facility {facility} of the number is that of {whose}."
    if all(one.collection_site.facilities for one in orders):
        return f"Facility {facility} of the number is that of none of these collection centres."
    return ""


def orders_with_identifier(viewer: Viewer, typed: str) -> list[PatientOrder]:
    """Orders of this viewer that bear exactly this identifier, of whatever kind; newest first, two queries."""
    found = viewer.orders().filter(pk__in=find_exact(viewer, typed)[:MOST_FOUND])
    return list(found.select_related("product", "ordering_site", "plant").order_by("-ordered_at", "-pk"))


def of_same_patient(order: PatientOrder, user: User) -> list[PatientOrder]:
    """The other open orders of an open order's patient at its centre."""
    of_patient = (user, order.patient_reference, order.ordering_site.code)
    return [one for one in open_orders_of_patient(*of_patient) if one.pk != order.pk] if order.is_open else []
