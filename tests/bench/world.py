"""A database with so many open orders, spread over their journeys, made by calling the actions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from batches.capacity.actions import create_pool
from supplychain.flows.actions import SHIPPED_FLOWS, load_flow
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.actions.events import MOST_REPORTS, Reporter, record_events
from supplychain.orders.actions.placing import place_orders
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.actions import USUAL_SCOPES, create_source
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind
from tests.bench.journeys import Happening, Journey, chunks, happenings

CENTRES, PLANTS = 8, 2
PRODUCTS = ("cd19-a", "bcma-c")
FLOW = "car_t_fresh"
# Orders stand at one of the first so many events of their journey; the rest of it is left to measure with.
MOST_PAST_EVENTS = 18
SOURCE, USER = "bench-source", "bench-user"
# Places of a pool for each open order of the world; the suites are too few, so that a line has a bottleneck.
PLACES = {"apheresis_chair": 0.03, "courier": 0.2, "receiving_bench": 0.1, "suite": 0.09, "qc_lane": 0.1,
          "qa_reviewer": 0.05, "infusion_bed": 0.02}  # fmt: skip
# Whose places are taken and given back to have waits jump: before manufacturing and before its tests.
MOVED_POOLS = ("suite", "qc_lane")


@dataclass(slots=True)
class World:
    """Who reports, and the orders that there is something to report about."""

    reporter: Reporter
    journeys: list[Journey]
    made_at: datetime


def build_world(orders: int, *, seed: int = 1) -> World:
    """Fill the empty database that Django is connected to with `orders` open orders; refuses none of them."""
    chance, now = random.Random(seed), timezone.now()
    _make_sites(orders, now)
    flow, reporter = _load_flow(now), _make_source()
    plan = happenings(flow)
    journeys: list[Journey] = []
    for first in range(0, orders, MOST_REPORTS):
        numbers = range(first, min(first + MOST_REPORTS, orders))
        journeys += _place(numbers, flow, plan, reporter, now, chance)
    for rows in chunks(row for journey, count in journeys for row in journey.past(count)):
        results = record_events(rows, by=reporter, now=now)
        assert all(result.outcome == ReportOutcome.CREATED for result in results), results[0]
    return World(reporter, [journey for journey, _ in journeys], now)


def _make_sites(orders: int, now: datetime) -> None:
    plants = [Site(code=f"plant-{n}", name=f"Plant {n}", kind=SiteKind.PLANT) for n in range(PLANTS)]
    centres = [Site(code=f"centre-{n}", name=f"Centre {n}", kind=SiteKind.TREATMENT_CENTRE) for n in range(CENTRES)]
    sites = Site.objects.bulk_create([*plants, *centres])
    for site in sites:
        for code, share in PLACES.items():
            if (code in ("apheresis_chair", "infusion_bed")) != (site.kind == SiteKind.PLANT):
                places, starts_at = max(1, round(share * orders)), now - timedelta(days=200)
                create_pool(site=site, code=code, name=code, places=places, starts_at=starts_at, by=None, now=now)
    user = User.objects.create_user(USER, password="a long enough word")
    Membership.objects.bulk_create(Membership(user=user, site=site, role=Role.OPERATIONS) for site in sites)


def _load_flow(now: datetime) -> FlowPlan:
    loaded = load_flow((SHIPPED_FLOWS / f"{FLOW}.yaml").read_text(), by=None, now=now)
    return flow_plan(loaded[0].flow.pk)


def shipped_plan() -> FlowPlan:
    """The flow of all orders, loaded before; the same for each product."""
    return flow_plan(Flow.objects.filter(code=FLOW).earliest("pk").pk)


def _make_source() -> Reporter:
    codes = list(Site.objects.values_list("code", flat=True))
    scopes = (*USUAL_SCOPES[SourceKind.SPREADSHEET], "flags:read")  # it reports everything, and reads the lists
    create_source(code=SOURCE, name="Bench", kind=SourceKind.SPREADSHEET, sites=codes, scopes=scopes, by=None)
    SourceSystem.objects.filter(code=SOURCE).update(request_limit=1_000_000_000)
    return Reporter.of_source(SourceSystem.objects.get(code=SOURCE))


def _place(
    numbers: Sequence[int],
    flow: FlowPlan,
    plan: Sequence[Happening],
    reporter: Reporter,
    now: datetime,
    chance: random.Random,
) -> list[tuple[Journey, int]]:
    """Orders of these numbers, each with how many events of its journey lie in the past."""
    counts = [chance.randrange(1, MOST_PAST_EVENTS) for _ in numbers]
    ordered = []
    for count in counts:
        last, following = plan[count - 1][2], plan[count][2]
        ordered.append(now - timedelta(hours=last + chance.random() * (following - last)))
    return list(zip(place(numbers, ordered, flow, plan, reporter, now, chance), counts, strict=True))


def place(
    numbers: Sequence[int],
    moments: Sequence[datetime],
    flow: FlowPlan,
    plan: Sequence[Happening],
    reporter: Reporter,
    now: datetime,
    chance: random.Random,
) -> list[Journey]:
    """Orders of these numbers, placed at these moments; nothing is reported of them yet."""
    rows = [_request(number, moment, chance) for number, moment in zip(numbers, moments, strict=True)]
    placed = place_orders(rows, by=reporter, now=now)
    return [
        Journey(str(order.order_id), number, flow, plan, moment)
        for order, number, moment in zip(placed, numbers, moments, strict=True)
    ]


def _request(number: int, ordered_at: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "product": PRODUCTS[number % len(PRODUCTS)],
        "flow": FLOW,
        "patient_reference": f"bench-{number:06}",
        "ordering_site": f"centre-{number % CENTRES}",
        "plant": f"plant-{number % PLANTS}",
        "ordered_at": ordered_at,
        "promised_at": ordered_at + timedelta(hours=chance.gauss(560, 50)),
    }
