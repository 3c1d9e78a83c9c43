"""`GET /api/v1/orders/<id>/condition/`: what loggers say of an order's shipments as a whole."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request

from supplychain.conditions.api import examples
from supplychain.conditions.models import LoggerRecord
from supplychain.conditions.queries import ShipmentCondition, conditions_of, runs_with_shipments
from supplychain.conditions.rules.excursions import ExcursionFacts
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.placing import Moment
from supplychain.orders.statuses import ExcursionDecision
from supplychain.rest.documentation import NOT_YOURS, OF_ONE
from supplychain.rest.endpoints import Endpoint, json_response

Celsius = Annotated[float, Meta(description="°C")]


class LoggerOfShipment(msgspec.Struct):
    """What one logger says. `points`: moment (Unix seconds) and °C, at most 300, with every extreme; `gaps`: where it
    was silent; `mean_kinetic` null: not applicable; `outside`: readings before or after the shipment, not judged and
    without points, and when the first and the last of them were."""

    logger: str
    readings: int
    outside: int
    first_at: Moment | None
    last_at: Moment | None
    lowest: Celsius | None
    highest: Celsius | None
    mean_kinetic: Celsius | None
    gaps: list[dict[str, Any]]
    points: list[list[float]]
    outside_from: Moment | None
    outside_to: Moment | None


class ExcursionBody(msgspec.Struct):
    """Cells that were too warm or too cold, by one logger; with an empty `logger`: the loggers do not agree (`worst`:
    by how much). `broken`: each limit, when and how long; `decision`: of
    quality assurance, empty until there is one; `is_current`: it was made on all that is known now; `judged`:
    of what was known, to be sent with a decision."""

    id: UUID
    logger: str
    started_at: Moment
    ended_at: Moment
    worst: Celsius
    broken: list[dict[str, Any]]
    judged: str
    decision: Annotated[str, Meta(extra_json_schema={"enum": ["", *ExcursionDecision.values]})] = ""
    reason: str = ""
    decided_by: str = ""
    decided_at: Moment | None = None
    is_current: bool = False


class ConditionOfShipment(msgspec.Struct):
    """One shipment. `storage`: how its cells are to be kept; empty: the flow does not say, so nothing is judged."""

    stage: str
    attempt: int
    storage: str
    limits: list[str]
    loggers: list[LoggerOfShipment]
    excursions: list[ExcursionBody]


class ConditionOfOrder(msgspec.Struct):
    """The shipments of an order that are planned or reported, in the order of its flow."""

    shipments: list[ConditionOfShipment]


class Condition(Endpoint):
    """Readings in few points, excursions and the decisions on them."""

    required_scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="get_condition",
        summary="Condition of an order's shipments",
        responses={200: ConditionOfOrder} | NOT_YOURS | OF_ONE,
        examples=examples.CONDITION,
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        """What the loggers of every shipment say; 404 unless one of your sites takes part in the order."""
        order = get_object_or_404(PatientOrder.objects.of_sites(request.auth.site_ids), pk=order_id)
        runs = runs_with_shipments(order)
        stages = {run.shipment.pk: run.stage.code for run in runs}
        found = conditions_of(order, runs)
        return json_response(ConditionOfOrder([_shipment(one, stages[pk]) for pk, one in found.items()]))


def _shipment(one: ShipmentCondition, stage: str) -> ConditionOfShipment:
    return ConditionOfShipment(
        stage, one.attempt, one.condition.words if one.condition else "",
        [limit.words for limit in one.condition.limits] if one.condition else [],
        [_logger(record) for record in one.records], [_excursion(excursion) for excursion in one.excursions],
    )  # fmt: skip


def _logger(one: LoggerRecord) -> LoggerOfShipment:
    lowest, highest = (None if end is None else float(end) for end in (one.lowest, one.highest))
    return LoggerOfShipment(
        one.logger, one.count, one.outside, one.first_at, one.last_at, lowest, highest, one.mean_kinetic, one.gaps,
        one.points, one.outside_from, one.outside_to,
    )  # fmt: skip


def _excursion(one: ExcursionFacts) -> ExcursionBody:
    body = ExcursionBody(one.id, one.logger, one.started_at, one.ended_at, one.worst, list(one.broken), one.digest)
    if said := one.decision:
        body.decision, body.reason, body.decided_by = said.decision.value, said.reason, said.by
        body.decided_at, body.is_current = said.decided_at, said.is_current
    return body
