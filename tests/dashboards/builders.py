"""What the page tests look at: orders, raised flags, pools and a bottleneck, and a browser of each person."""

from typing import Any

from django.test import Client

from batches.capacity.models import Pool
from batches.flags.models import Flag, FlagChange
from batches.flags.rules.harm import USUAL
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Remedy, Severity
from batches.lines.models import BottleneckPeriod, PoolState
from batches.lines.statuses import PoolCondition
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.placing import place_order
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.supplychain.builders import T0, World, at, make_source, make_user, report

HTMX = {"HX-Request": "true"}


class TowerWorld(World):
    """The small world with three people: operations of the plant, a coordinator of Oslo, one of Bergen."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = make_user("operations", self.plant)
        self.coordinator = make_user("coordinator", self.oslo, role=Role.SITE_COORDINATOR)
        self.stranger_person = make_user("stranger", self.bergen, role=Role.SITE_COORDINATOR)
        self.everywhere = Reporter.of_source(make_source("everywhere", self.plant, self.oslo, self.bergen))

    def order_of_bergen(self, **given: Any) -> PatientOrder:
        """An order that Oslo has no part in."""
        request = {
            "product": self.flow.product.code, "patient_reference": "pseudonym-2", "ordering_site": "bergen",
            "plant": "plant", "ordered_at": T0,
        } | given  # fmt: skip
        return PatientOrder.objects.get(
            pk=place_order(by=self.everywhere, now=request["ordered_at"], **request).order_id
        )

    def say(self, order: PatientOrder, kind: str, stage: str = "", hours: float = 1, **more: Any) -> None:
        """Record one event, heard of when it happened."""
        result = record_event(report(order, kind, stage, hours, **more), by=self.everywhere, now=at(hours))
        assert result.reason == ""


def browser_of(user: User) -> Client:
    """The person's browser, signed in."""
    client = Client()
    client.force_login(user)
    return client


def raise_flag(order: PatientOrder, code: FlagCode = FlagCode.STAGE_LATE, **given: Any) -> Flag:
    """A raised flag as the judgement leaves it, with its first flip."""
    fields = {
        "stage": "inbound", "harm": USUAL[code], "severity": Severity.ATTENTION, "since": at(10), "raised_at": at(10),
        "why": "It is late.", "next_step": "Operations: ask the courier.", "evidence": {"running_hours": 61.5},
    } | given  # fmt: skip
    flag = Flag.objects.create(order=order, code=code, **fields)
    FlagChange.objects.create(
        flag=flag, kind=FlagChangeKind.RAISED, severity=flag.severity, changed_at=flag.raised_at, why=flag.why
    )
    return flag


def hang(order: PatientOrder, pool: str = "suite", **given: Any) -> Flag:
    """A promise at risk that waits for a place of a pool of its plant."""
    fields = {"stage": "", "remedy": Remedy.LINE, "cause": pool, "probability": 0.8, "due": at(-50)} | given
    return raise_flag(order, FlagCode.PROMISE_AT_RISK, **fields)


def make_pool(site: Site, code: str, name: str, **state: Any) -> Pool:
    """A pool with what its last review found."""
    pool = Pool.objects.create(site=site, code=code, name=name)
    PoolState.objects.create(pool=pool, **{"condition": PoolCondition.CLEAR, "reviewed_at": at(99)} | state)
    return pool


def make_bottleneck(pool: Pool, **given: Any) -> BottleneckPeriod:
    """An open period in which this pool holds up its plant."""
    numbers = {
        "pool": pool.code, "name": pool.name, "position": 2, "condition": "falling_behind", "busy": 3, "capacity": 3,
        "queue": 2, "arrivals": 9, "completions": 5, "oldest_wait_hours": 50.0, "median_wait_hours": 20.0,
        "pressed_share": 0.75, "expected_wait_hours": 36.0,
    }  # fmt: skip
    evidence = {
        "reviewed_at": at(99).isoformat(), "limits": {"enter_share": 0.5, "leave_share": 0.3},
        "order_days_waited": 4.2, "pools": [numbers],
    }  # fmt: skip
    fields = {"started_at": at(50), "why": "Suites: 3 of 3 busy, 2 waiting", "evidence": evidence} | given
    return BottleneckPeriod.objects.create(line=pool.site, pool=pool, **fields)
