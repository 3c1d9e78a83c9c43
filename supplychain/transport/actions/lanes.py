"""Lanes: the usual ways of couriers between two sites."""

from collections.abc import Sequence
from datetime import time
from math import isfinite

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from supplychain.audit.actions import delete_unused
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.orders.actions.due import make_due_in_turns
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site
from supplychain.transport.models import Lane
from supplychain.transport.signals import lane_changed

CHANGING = ("courier", "usual_hours", "customs_hours", "cut_offs", "is_active")


@transaction.atomic
def create_lane(
    *,
    from_site: Site,
    to_site: Site,
    usual_hours: float,
    courier: str = "",
    customs_hours: float = 0,
    cut_offs: Sequence[time] = (),
    reason: str = "",
    by: AbstractBaseUser | None,
) -> Lane:
    """A new lane; its two sites last. Raises Refused."""
    lane = Lane(
        from_site=from_site, to_site=to_site, courier=courier, usual_hours=usual_hours, customs_hours=customs_hours,
        cut_offs=sorted(cut_offs),
    )  # fmt: skip
    _check(lane)
    with told_by("create_lane", by, reason):
        lane.save()
    _judge_again(lane)
    return lane


@transaction.atomic
def change_lane(
    lane: Lane,
    *,
    courier: str,
    usual_hours: float,
    customs_hours: float,
    cut_offs: Sequence[time],
    is_active: bool,
    reason: str,
    by: AbstractBaseUser | None,
) -> Lane:
    """Correct what is known of a lane, switch it off or on. Raises Refused."""
    reason = check_reason(reason)
    lane.courier, lane.usual_hours, lane.customs_hours = courier, usual_hours, customs_hours
    lane.cut_offs, lane.is_active = sorted(cut_offs), is_active
    _check(lane)
    with told_by("change_lane", by, reason):
        lane.save(update_fields=CHANGING)
    _judge_again(lane)
    return lane


@transaction.atomic
def delete_lane(lane: Lane, *, reason: str, by: AbstractBaseUser | None) -> None:
    """Delete a lane: no row names it, and the trail keeps what it was. Raises Refused."""
    _judge_again(lane)
    delete_unused(lane, "delete_lane", reason, by)


def _check(lane: Lane) -> None:
    """Raises Refused."""
    for name in ("usual_hours", "customs_hours"):
        if not isfinite(getattr(lane, name)):
            raise Refused({name: "write a number of hours."})
    refuse_unless_valid(lane)


def _judge_again(lane: Lane) -> None:
    """When shipments between these sites arrive, and whether they are late, is another question now."""
    ends, now = (lane.from_site_id, lane.to_site_id), timezone.now()
    to_plant, from_plant = (Q(collection_site=ends[0], plant=ends[1]), Q(plant=ends[0], infusion_site=ends[1]))
    orders = PatientOrder.objects.open().filter(to_plant | from_plant).values_list("pk", flat=True)
    make_due_in_turns(orders, now=now)
    lane_changed.send(sender=Lane, lane=lane, now=now)
