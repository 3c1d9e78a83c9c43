"""A small world to test in: one plant, two hospitals, a flow of five stages, a reporting system."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from supplychain.flows.models import Flow, Product, Stage
from supplychain.flows.rules.plans import FlowPlan, StagePlan, in_board_order
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.placing import place_order
from supplychain.orders.models import PatientOrder
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

# code, kind, after, planned, worst, wait, pool, keeps, place, direction, may end after release
STAGES = [
    ("collection", StageKind.COLLECTION, [], 6, 12, None, "chair", False, StagePlace.COLLECTION_SITE, "", False),
    ("inbound", StageKind.TRANSPORT, ["collection"], 24, 60, 24, "courier", False, "plant", Direction.INBOUND, False),
    ("selection", StageKind.MANUFACTURING, ["inbound"], 12, 24, 48, "suite", False, StagePlace.PLANT, "", False),
    ("harvest", StageKind.MANUFACTURING, ["selection"], 12, 24, 0, "suite", True, StagePlace.PLANT, "", False),
    ("sterility", StageKind.QUALITY_CONTROL, ["harvest"], 336, 360, None, "qc_lane", False, "plant", "", True),
    ("release", StageKind.RELEASE, ["harvest"], 24, 96, None, "qa_reviewer", False, StagePlace.PLANT, "", False),
    ("infusion", StageKind.INFUSION, ["release"], 2, 4, 8760, "", False, StagePlace.INFUSION_SITE, "", False),
]
FIELDS = (
    "code", "kind", "after", "planned_hours", "worst_hours", "longest_wait_hours", "pool", "keeps_pool", "place",
    "direction", "may_end_after_release",
)  # fmt: skip


def at(hours: float) -> datetime:
    """A moment `hours` after T0."""
    return T0 + timedelta(hours=hours)


def plain_plan() -> FlowPlan:
    """The small flow without a database."""
    stages = []
    for position, row in enumerate(STAGES):
        values = dict(zip(FIELDS, row, strict=True)) | {"after": tuple(row[2]), "position": position}
        stages.append(StagePlan(id=UUID(int=position + 1), name=str(row[0]).capitalize(), **values))
    return FlowPlan(UUID(int=99), "small", 1, "selection", in_board_order(stages))


def make_flow(code: str = "small") -> Flow:
    """The small flow, loaded for a product of its own."""
    product = Product.objects.create(code=f"product-{code}", name=f"Product {code}")
    flow = Flow.objects.create(
        product=product, code=code, version=1, name=code, restart_stage="selection", definition={}, is_default=True,
        loaded_at=T0,
    )  # fmt: skip
    Stage.objects.bulk_create(
        Stage(flow=flow, position=position, name=str(row[0]).capitalize(), **dict(zip(FIELDS, row, strict=True)))
        for position, row in enumerate(STAGES)
    )
    return flow


def make_site(code: str, kind: SiteKind = SiteKind.TREATMENT_CENTRE) -> Site:
    """A site named after its code."""
    return Site.objects.create(code=code, name=code.capitalize(), kind=kind)


def make_source(code: str, *sites: Site) -> SourceSystem:
    """A reporting system of these sites that may say everything, without an OAuth client."""
    source = SourceSystem.objects.create(
        code=code, name=code, kind=SourceKind.SPREADSHEET, scopes=list(settings.OAUTH2_PROVIDER["SCOPES"])
    )
    source.sites.set(sites)
    return source


def make_user(name: str, *sites: Site, role: Role = Role.OPERATIONS) -> User:
    """A person with one role at these sites."""
    user = User.objects.create_user(name, password="a long enough word")
    Membership.objects.bulk_create(Membership(user=user, site=site, role=role) for site in sites)
    return user


class World:
    """One plant, two hospitals, their systems, one flow."""

    def __init__(self) -> None:
        self.flow = make_flow()
        self.plant = make_site("plant", SiteKind.PLANT)
        self.oslo = make_site("oslo")
        self.bergen = make_site("bergen")
        self.source = make_source("hospital-oslo", self.oslo, self.plant)
        self.stranger = make_source("hospital-bergen", self.bergen)
        self.reporter = Reporter.of_source(self.source)

    def order(self, **given: Any) -> PatientOrder:
        """An order of Oslo, placed at T0."""
        request = {
            "product": self.flow.product.code, "patient_reference": "pseudonym-1", "ordering_site": "oslo",
            "plant": "plant", "ordered_at": T0,
        } | given  # fmt: skip
        placed = place_order(by=self.reporter, now=request["ordered_at"], **request)
        return PatientOrder.objects.get(pk=placed.order_id)


def report(order: PatientOrder | str, kind: str, stage: str = "", hours: float = 1, **more: Any) -> dict[str, Any]:
    """A reported event at `hours` after T0, with an id made of what it says."""
    reference = str(order.pk) if isinstance(order, PatientOrder) else order
    row = {
        "source_event_id": f"{reference}-{stage}-{kind}-{hours}-{more.get('attempt', '')}",
        "order": reference, "kind": kind, "stage": stage, "occurred_at": at(hours).isoformat(),
    }  # fmt: skip
    return row | more
