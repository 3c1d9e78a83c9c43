"""What a new installation still needs before its first order: a list that ticks itself off."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Exists
from django.urls import reverse

from batches.capacity.models import PoolCapacity
from supplychain.flows.models import Flow
from supplychain.pages.viewers import Viewer
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.models import SourceSystem


class FirstStep(NamedTuple):
    """One thing to set up; `why`: what does not work without it."""

    name: str
    why: str
    page: str
    is_done: bool

    @property
    def address(self) -> str:
        """Where it is set up."""
        return reverse(f"admin:{self.page}_changelist")


def first_steps(viewer: Viewer) -> Sequence[FirstStep]:
    """For administrators until all is there; one query."""
    if Role.ADMINISTRATOR not in viewer.user.roles:
        return ()
    done = {
        "plant": Exists(Site.objects.filter(kind=SiteKind.PLANT)),
        "centre": Exists(Site.objects.exclude(kind=SiteKind.PLANT)),
        "people": Exists(Membership.objects.exclude(user=viewer.user)),
        "flow": Exists(Flow.objects.filter(is_current=True)),
        "capacity": Exists(PoolCapacity.objects.all()),
        "systems": Exists(SourceSystem.objects.all()),
    }
    has = User.objects.filter(pk=viewer.user.pk).annotate(**done).values(*done).get()
    steps = (
        FirstStep("Sites", "a plant and the centres that order from it.", "supplychain_site",
                  has["plant"] and has["centre"]),
        FirstStep("People", "who works here, with their roles; flags are sent to people with a role.",
                  "supplychain_user", has["people"]),
        FirstStep("A flow", "the stages of a product; an order follows one.", "supplychain_flow", has["flow"]),
        FirstStep("Capacity", "the pools of the plant and their places; without them no waiting time can be forecast.",
                  "batches_pool", has["capacity"]),
        FirstStep("Systems", "what reports by itself: hospital systems, the plant's, couriers.",
                  "supplychain_sourcesystem", has["systems"]),
    )  # fmt: skip
    return () if all(step.is_done for step in steps) else steps
