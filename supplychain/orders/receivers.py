"""What orders answer to the themes below them."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from supplychain.audit.refusals import Refused
from supplychain.orders.actions.due import make_due_in_turns
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site
from supplychain.sites.signals import facilities_changed, site_switching_off


@receiver(site_switching_off)
def refuse_while_orders_are_open(site: Site, **_: Any) -> None:
    """A site with open orders stays on: their stages still happen there. Raises Refused."""
    taking_part = Q(ordering_site=site) | Q(collection_site=site) | Q(infusion_site=site) | Q(plant=site)
    if count := PatientOrder.objects.open().filter(taking_part).count():
        orders = "1 open order still takes" if count == 1 else f"{count} open orders still take"
        raise Refused({"is_active": f"{orders} place here; switch the site off when they have ended."})


@receiver(facilities_changed)
def judge_its_donations_again(site: Site, **_: Any) -> None:
    """Whether the donation numbers of its open orders are the centre's is another question now."""
    collected = PatientOrder.objects.open().filter(collection_site=site).values_list("pk", flat=True)
    make_due_in_turns(collected, now=timezone.now())
