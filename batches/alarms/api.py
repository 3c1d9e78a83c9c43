"""`/api/v1/alarms/`: what the flags of each line were worth, other thresholds, and how many alarms there are."""

from collections.abc import Sequence
from typing import Any

import django_filters
import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.alarms import queries
from batches.alarms.rules.figures import AlarmFigures, AlarmRow, WatchedOrder, rows_of
from batches.alarms.rules.loads import AlarmLoad, StandingAlarms, load
from batches.alarms.rules.proposals import ThresholdProposal, cost_per_order, proposals
from batches.alarms.rules.replays import Ledger, ThresholdFigures
from batches.forecasts.queries.predictions import costs_of_products, thresholds_of_products
from batches.forecasts.rules.thresholds import ActingCosts
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import plant_filter
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

DEFINITIONS = {
    "orders": "With a promise that passed (the newest not over 400 days ago) and a known outcome, judged from the "
    "beginning; the newest 1,000 of what is asked.",
    "came": "promise_at_risk: no dose was ready by a promise that had been made; dose_at_risk: no dose at all, or a "
    "permitted wait ran out; hold_expiring: a permitted wait ran out. The last two are known when an order has ended.",
    "severity": "attention: raised at all; critical: raised as critical. Only what was raised before it was certain.",
    "in_time": "Hits that were raised before the last work that needs a place began, when it could still be moved.",
    "thresholds": "What attention for the promise would have done from another P(late) on: the ledger of predictions "
    "through the live rule, with its easing.",
    "load": "Last 28 days: raised, raised again, became critical. Shifts are 12 hours from 7 and from 19.",
}


class AlarmShare(msgspec.Struct):
    """`count` of `of`, with Wilson's 95 % interval; `share` empty: of none."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class AlarmBody(msgspec.Struct):
    """What one flag at one severity was worth; `is_few`: too few orders to judge it by."""

    flag: FlagCode
    severity: Severity
    orders: int
    came: int
    precision: AlarmShare
    recall: AlarmShare
    others_flagged: AlarmShare
    in_time: AlarmShare
    warning_hours: list[float] | None
    unsettled: int
    is_few: bool


class AlarmThresholdBody(msgspec.Struct):
    """What another threshold would have done to the orders of a product."""

    threshold: float
    orders: int
    came: int
    flagged: int
    hits: int
    false_alarms: int
    missed: int
    alarms_per_shift: float
    cost_per_order: float | None


class AlarmProductBody(msgspec.Struct):
    """Of one product at the line: its thresholds, and the one that would have cost least (empty: no flag at all, no
    costs, or too few orders), proposed only where it would surely have saved a share of the present cost (0–1)."""

    product: str
    attention: float
    critical: float
    base_rate: float | None
    is_change: bool
    cheapest: float | None
    cheapest_cost: float | None
    saving: float | None
    saving_low: float | None
    present_cost: float | None
    pays_from: float | None
    is_few: bool
    thresholds: list[AlarmThresholdBody]


class AlarmLoadBody(msgspec.Struct):
    """How many alarms the line had in the last 28 days; `beyond`: the yardsticks that it does not keep."""

    alarms: int
    critical: int
    per_shift: float
    busiest_shift: int
    busiest_ten_minutes: int
    floods: int
    chattering: int
    standing: int
    stale: int
    beyond: list[str]


class LineAlarms(msgspec.Struct):
    """What the flags of a line were worth; see `definitions`."""

    line: str
    flags: list[AlarmBody]
    products: list[AlarmProductBody]
    load: AlarmLoadBody
    definitions: dict[str, str]


class AlarmFilter(django_filters.FilterSet):
    """Which lines."""

    line = plant_filter("code")

    class Meta:
        model = Site
        fields: tuple[str, ...] = ()


SHARE = {"count": 24, "of": 25, "share": 0.96, "low": 0.8046, "high": 0.9929}
EXAMPLE = {
    "line": "leiden",
    "flags": [
        {
            "flag": "promise_at_risk", "severity": "attention", "orders": 130, "came": 25,
            "precision": {"count": 24, "of": 47, "share": 0.5106, "low": 0.3724, "high": 0.6471}, "recall": SHARE,
            "others_flagged": {"count": 23, "of": 105, "share": 0.219, "low": 0.1507, "high": 0.3071},
            "in_time": SHARE, "warning_hours": [90.0, 168.0, 260.5], "unsettled": 3, "is_few": False,
        }
    ],
    "products": [
        {
            "product": "axi-cel", "attention": 0.3, "critical": 0.6, "base_rate": 0.19, "is_change": False,
            "cheapest": 0.25, "cheapest_cost": 0.52, "saving": 0.05, "saving_low": -0.04, "present_cost": 0.55,
            "pays_from": 0.25, "is_few": False,
            "thresholds": [
                {
                    "threshold": 0.3, "orders": 130, "came": 25, "flagged": 47, "hits": 24, "false_alarms": 23,
                    "missed": 1, "alarms_per_shift": 0.12, "cost_per_order": 0.55,
                }
            ],
        }
    ],
    "load": {
        "alarms": 80, "critical": 20, "per_shift": 1.43, "busiest_shift": 9, "busiest_ten_minutes": 6, "floods": 0,
        "chattering": 0, "standing": 14, "stale": 9, "beyond": ["10 or more standing", "5 or more stale"],
    },
    "definitions": DEFINITIONS,
}  # fmt: skip


class Alarms(ListEndpoint):
    """Flags of the plants among your sites, and what came of them."""

    required_scopes = {"GET": "flags:read"}
    queryset = Site.objects.filter(kind=SiteKind.PLANT)
    filterset_class = AlarmFilter
    order_by = ("code",)
    columns = ("pk", "code", "time_zone")

    def visible(self) -> QuerySet:
        """Plants that are sites of the one who asks."""
        return Site.objects.filter(kind=SiteKind.PLANT, pk__in=self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[LineAlarms]:
        """Lines with their figures: eight queries, however many there are."""
        now, orders = timezone.now(), PatientOrder.objects.filter(plant__in=[row[0] for row in rows])
        watched = queries.watched_orders(orders, now)
        raises, standing = queries.raises_of(orders, now), queries.standing_of(orders, now)
        ledger, offered = queries.ledger_of(watched), _Offered()
        return [
            LineAlarms(
                code, [_alarm(row) for row in rows_of(code, of_line)], offered.bodies(of_line, ledger),
                _load(load(code, [one for one in raises if one.line_id == line], standing.get(line, StandingAlarms()),
                           zone, queries.LOAD_WINDOW)),
                DEFINITIONS,
            )
            for line, code, zone in rows
            for of_line in [[order for order in watched if order.line_id == line]]
        ]  # fmt: skip

    @extend_schema(
        operation_id="list_alarms",
        summary="What the flags were worth",
        responses={200: LineAlarms} | OF_A_LIST,
        examples=[OpenApiExample("A line", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """How often flags came true and how early, other thresholds with their effect, and the alarms a shift."""
        return super().get(request)


class _Offered:
    """What is proposed for the products of lines; read once for all of them."""

    def __init__(self) -> None:
        self.products = list(Product.objects.order_by("code").values_list("pk", "name", "code"))
        self.limits, self.costs = thresholds_of_products(), costs_of_products()

    def bodies(self, orders: list[WatchedOrder], ledger: Ledger) -> list[AlarmProductBody]:
        """Of these orders, by product."""
        return [_product(one) for one in proposals(orders, ledger, self.products, self.limits, self.costs)]


def _alarm(row: AlarmRow) -> AlarmBody:
    found: AlarmFigures = row.figures
    return AlarmBody(
        row.code, row.level, found.orders, found.came, _share(found.precision), _share(found.recall),
        _share(found.fallout), _share(found.in_time), list(found.warning) if found.warning else None,
        found.unsettled, found.is_few,
    )  # fmt: skip


def _share(one: Any) -> AlarmShare:
    return AlarmShare(*one) if one.of else AlarmShare(0, 0, None, None, None)


def _product(one: ThresholdProposal) -> AlarmProductBody:
    best, saved = one.best, one.saving
    return AlarmProductBody(
        one.code, one.limits.attention, one.limits.critical, one.base_rate, one.is_change,
        best.threshold if best else None, best.cost if best else None, saved.value if saved else None,
        saved.low if saved else None, one.present_cost, one.costs.pays_from if one.costs else None, one.is_few,
        [_threshold(row, one.costs) for row in one.curve],
    )  # fmt: skip


def _threshold(row: ThresholdFigures, costs: ActingCosts | None) -> AlarmThresholdBody:
    found = row.figures
    return AlarmThresholdBody(
        row.threshold, found.orders, found.came, found.flagged, found.hits, found.false_alarms, found.missed,
        round(row.per_shift, 4), cost_per_order(found, costs) if costs else None,
    )  # fmt: skip


def _load(one: AlarmLoad) -> AlarmLoadBody:
    return AlarmLoadBody(*one[1:-1], *one.standing, one.beyond)
