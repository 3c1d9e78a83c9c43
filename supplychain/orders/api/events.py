"""`POST /api/v1/events/`: the hot path. The rows are handed on as decoded; record_events reads and judges them."""

from collections.abc import Mapping
from datetime import UTC
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from supplychain.orders.actions.events import MOST_REPORTS, Reporter, ReportResult, record_events
from supplychain.orders.api import examples
from supplychain.orders.rules.events import MOST_PAYLOAD_BYTES, EventReport
from supplychain.orders.statuses import ReportOutcome
from supplychain.rest.documentation import OF_A_BODY, Shape
from supplychain.rest.endpoints import Endpoint, json_response
from supplychain.rest.problems import MEDIA_TYPE, Problem
from supplychain.rest.rendering import to_json
from supplychain.sentences import said_in
from supplychain.sql import LOST, is_busy

STATUS_OF_OUTCOME: Mapping[ReportOutcome, HTTPStatus] = {
    ReportOutcome.CREATED: HTTPStatus.CREATED,
    ReportOutcome.DUPLICATE: HTTPStatus.OK,
    ReportOutcome.CONFLICT: HTTPStatus.CONFLICT,
    ReportOutcome.REJECTED: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class EventOutcome(msgspec.Struct, omit_defaults=True):
    """What became of one reported event.

    `reason`: what to do when it was not taken, or was taken although the sender has not the right to say it or although
    it does not fit what was reported before; `errors`: all for which it was not taken, by field (under no name: of the
    whole).
    """

    outcome: ReportOutcome
    source_event_id: str
    event: UUID | None
    order: UUID | None
    reason: str
    errors: dict[str, list[str]] = {}


class EventOutcomes(msgspec.Struct):
    """One outcome a row, in the order of the rows."""

    results: list[EventOutcome]


class EventProblem(Problem, kw_only=True):
    """An event that was not taken: the problem and its outcome."""

    outcome: ReportOutcome
    source_event_id: str
    reason: str
    event: UUID | None
    order: UUID | None


class EventReports(Endpoint):
    """Where systems and people report what happened."""

    required_scopes = {"POST": "events:write"}
    # A full list of events with full payloads.
    most_body_bytes = MOST_REPORTS * (MOST_PAYLOAD_BYTES + 1024)
    most_rows = MOST_REPORTS

    @extend_schema(
        operation_id="report_events",
        summary="Report one event, or up to 1,000",
        description=examples.REPORT_EVENTS,
        request={"application/json": Shape("EventReports", EventReport, list[EventReport])},
        responses={
            201: OpenApiResponse(EventOutcome, "The event was recorded."),
            200: OpenApiResponse(
                Shape("OutcomeOrOutcomes", EventOutcome, EventOutcomes),
                "One event that was known already; or, for a list, one result a row.",
                examples.OUTCOMES,
            ),
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(EventProblem, "The id was used before with other content."),
            (413, MEDIA_TYPE): OpenApiResponse(Problem, "More than 1,000 events, or more bytes than taken here."),
            (422, MEDIA_TYPE): OpenApiResponse(
                EventProblem, "The event cannot be read, or none of your sites has such an order."
            ),
        },
        examples=examples.REPORTS,
    )
    def post(self, request: Request) -> HttpResponse:
        """Record one event (an object) or many (a list); sending the same again changes nothing."""
        body = request.data
        if not isinstance(body, list):
            return _answer(_record([body], by=request.auth)[0])
        return json_response(EventOutcomes([_outcome(result) for result in _record(body, by=request.auth)]))


def _record(rows: list[Any], *, by: Reporter) -> list[ReportResult]:
    """Record the rows; once more, on a new connection, if the one kept from earlier requests had been closed.

    That takes the place of Django's health check of the connection, which costs a round trip at every request:
    recording again what may have been recorded is harmless, for an event is taken once.
    """
    connection.health_check_done = True
    try:
        return record_events(rows, by=by)
    except LOST as error:
        if connection.in_atomic_block or is_busy(error):
            raise
        connection.close()
        return record_events(rows, by=by)


def _outcome(result: ReportResult) -> EventOutcome:
    reason, errors = said_in(result.words, UTC), _errors(result)
    return EventOutcome(result.outcome, result.source_event_id, result.event_id, result.order_id, reason, errors)


def _errors(result: ReportResult) -> dict[str, list[str]]:
    """What is wrong with it, by field, as the interface says it."""
    return {field: [said_in(text, UTC) for text in texts] for field, texts in result.errors.items()}


def _answer(result: ReportResult) -> HttpResponse:
    status = STATUS_OF_OUTCOME[result.outcome]
    if status < HTTPStatus.BAD_REQUEST:
        return json_response(_outcome(result), status)
    reason = said_in(result.reason, UTC)
    document = EventProblem(
        type=f"urn:cellops:problem:event-{result.outcome.value}",
        title="The event was not recorded",
        status=status.value,
        detail=reason,
        errors=_errors(result),
        outcome=result.outcome,
        source_event_id=result.source_event_id,
        reason=reason,
        event=result.event_id,
        order=result.order_id,
    )
    return HttpResponse(to_json(document), content_type=MEDIA_TYPE, status=status)
