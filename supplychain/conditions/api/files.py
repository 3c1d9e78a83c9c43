"""`/api/v1/orders/<id>/reading-files/`: systems hand in loggers' files, and ask what became of them."""

from collections.abc import Mapping
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema
from msgspec import Meta
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from supplychain.conditions.actions.files import (
    MOST_BYTES,
    PART_BYTES,
    ReadingFileRefused,
    answer_file,
    receive_file,
)  # fmt: skip
from supplychain.conditions.api import examples
from supplychain.conditions.models import ReadingDelivery
from supplychain.conditions.rules.answers import ORDERS, UNITS, answer_problems
from supplychain.conditions.statuses import DeliveryStatus
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.placing import Moment
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import OF_A_BODY, OF_ONE
from supplychain.rest.endpoints import Endpoint, json_response
from supplychain.rest.problems import MEDIA_TYPE, BodyTooLarge, Conflict, Problem, Unprocessable
from supplychain.transport.models import Shipment

TAKEN_TYPES = ("text/csv", "text/plain", "application/octet-stream")
STAGE = OpenApiParameter("stage", str, required=True, description="Code of the transport in the order's flow.")
ATTEMPT = OpenApiParameter("attempt", int, description="Manufacturing run; left out: the newest.")
NAME = OpenApiParameter("name", str, description="Name of the file.")


class FileAnswers(msgspec.Struct, forbid_unknown_fields=True):
    """What the file does not say. `is_sure`: the unit was looked at, and is right."""

    probe: Annotated[str, Meta(max_length=80, description="Name of the column, one of `probes`.")] = ""
    zone: Annotated[str, Meta(max_length=64, description="Europe/Berlin, UTC+01:00")] = ""
    unit: Annotated[str, Meta(description="C or F", extra_json_schema={"enum": ["", *UNITS]})] = ""
    order: Annotated[
        str, Meta(description="What comes first in its dates.", extra_json_schema={"enum": ["", *ORDERS]})
    ] = ""
    logger: Annotated[str, Meta(max_length=40, description="Serial number of the logger.")] = ""
    is_sure: bool = False


class LineFault(msgspec.Struct):
    """A line that is no reading, or differs from what was known."""

    line: int
    problem: str
    text: str


class ReadingFile(msgspec.Struct):
    """A file and what became of it. `problem`: what is asked, or why it cannot be read; `asks`: names of the answers
    that are wanted; `percent`: how far it has been read; `faults`: the first 200."""

    id: UUID
    status: Annotated[str, Meta(extra_json_schema={"enum": DeliveryStatus.values})]
    percent: int
    problem: str
    asks: list[str]
    name: str
    size: int
    received_at: Moment
    logger: str
    probes: Annotated[list[str], Meta(description="Columns that may be the temperature.")]
    probe: Annotated[str, Meta(description="The one that is; empty: not said yet.")]
    readings: int
    fresh: int
    differing: int
    faulty: int
    is_cut: bool
    faults: list[LineFault]


class ReadingFiles(Endpoint):
    """Where a file is handed in."""

    required_scopes = {"POST": "events:write"}

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """To which shipment it belongs."""
        return {"stage": None, "attempt": None, "name": None}

    @extend_schema(
        operation_id="hand_in_reading_file",
        summary="Hand in a logger's file",
        parameters=[STAGE, ATTEMPT, NAME],
        request=dict.fromkeys(TAKEN_TYPES, OpenApiTypes.BINARY),
        responses={
            200: OpenApiResponse(ReadingFile, "Kept, and read: `status` says what came of it."),
            202: OpenApiResponse(ReadingFile, "Kept, and being read: ask again at `Location`."),
            **OF_A_BODY,
            **OF_ONE,
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "The file or a parameter cannot be used."),
        },
        examples=examples.HAND_IN,
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """The file is the body, up to 250 MB, as the logger's program wrote it. It is kept as it came; the same file
        again is the one that is there already."""
        order = _order(request, order_id)
        kind = request.content_type.partition(";")[0].strip().lower()
        if kind not in TAKEN_TYPES:
            raise UnsupportedMediaType(kind, detail=f"Send the file as {', '.join(TAKEN_TYPES)}.")
        shipment = _shipment(request, order)
        name = request.GET.get("name", "file")
        with TemporaryFile() as file:
            _copy(request, file)
            try:
                delivery = receive_file(shipment, file, name, by=request.auth, now=timezone.now())
            except ReadingFileRefused as refusal:
                raise Unprocessable(detail=str(refusal)) from refusal
        where = request.build_absolute_uri(f"{request.path}{delivery.pk}/")
        status = HTTPStatus.ACCEPTED if delivery.is_being_read else HTTPStatus.OK
        return json_response(_body(delivery), status, {"Location": where})


class OneReadingFile(Endpoint):
    """One file: what became of it, and the answers to what it does not say."""

    required_scopes = {"GET": "orders:read", "PATCH": "events:write"}

    @extend_schema(
        operation_id="get_reading_file",
        summary="What became of a logger's file",
        responses={200: ReadingFile} | OF_ONE,
        examples=examples.FILE,
    )
    def get(self, request: Request, order_id: UUID, delivery_id: UUID) -> HttpResponse:
        """How far it is read, what is asked, which lines are no reading."""
        return json_response(_body(_delivery(request, order_id, delivery_id)))

    @extend_schema(
        operation_id="answer_reading_file",
        summary="Answer what a logger's file does not say",
        request=FileAnswers,
        responses={
            200: ReadingFile,
            202: OpenApiResponse(ReadingFile, "It is being read."),
            **OF_A_BODY,
            **OF_ONE,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "Nothing is asked of this file."),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "An answer cannot be used; see errors."),
        },
        examples=examples.ANSWERS,
    )
    def patch(self, request: Request, order_id: UUID, delivery_id: UUID) -> HttpResponse:
        """With the answers it is read from its beginning."""
        delivery = _delivery(request, order_id, delivery_id)
        if delivery.status != DeliveryStatus.ASKS:
            raise Conflict(f"Nothing is asked of this file: {delivery.get_status_display().lower()}.")
        probes = delivery.understood.get("probes", [])
        body = read_body(request.data, FileAnswers, lambda given: answer_problems(given, probes))
        said = msgspec.structs.asdict(body)
        done = answer_file(delivery.pk, said, is_sure=said.pop("is_sure"), now=timezone.now())
        return json_response(_body(done), HTTPStatus.ACCEPTED if done.is_being_read else HTTPStatus.OK)


def _copy(request: Request, file: Any) -> None:
    """The body, a part at a time. Raises BodyTooLarge."""
    stream, size = request._request, 0
    while piece := stream.read(PART_BYTES):
        size += len(piece)
        if size > MOST_BYTES:
            raise BodyTooLarge(MOST_BYTES)
        file.write(piece)


def _order(request: Request, order_id: UUID) -> PatientOrder:
    """The order, if one of the sender's sites takes part in it; else 404."""
    return get_object_or_404(PatientOrder.objects.of_sites(request.auth.site_ids), pk=order_id)


def _shipment(request: Request, order: PatientOrder) -> Shipment:
    """The shipment that the parameters name. Raises Unprocessable."""
    stage, attempt = request.GET.get("stage", ""), request.GET.get("attempt", "")
    if attempt and not (attempt.isascii() and attempt.isdigit() and len(attempt) < 4):
        raise Unprocessable({"attempt": ["Give the number of the manufacturing run, or leave it out."]})
    rows = Shipment.objects.filter(
        stage_run__order=order, stage_run__withdrawn_at__isnull=True, stage_run__stage__code=stage
    )
    rows = rows.filter(stage_run__attempt=int(attempt)) if attempt else rows
    found = rows.order_by("-stage_run__attempt").first()
    if found is None:
        raise Unprocessable(
            {"stage": ["No shipment of this order is planned or reported for it: report the transport first."]}
        )
    return found


def _delivery(request: Request, order_id: UUID, delivery_id: UUID) -> ReadingDelivery:
    rows = ReadingDelivery.objects.filter(shipment__stage_run__order=_order(request, order_id)).exclude(file_name="")
    return get_object_or_404(rows, pk=delivery_id)


def _body(one: ReadingDelivery) -> ReadingFile:
    faults = [LineFault(**fault) for fault in one.faults]
    return ReadingFile(
        one.pk, one.status, one.percent if one.is_being_read else 100, one.problem, one.asks, one.file_name, one.size,
        one.received_at, one.logger, one.understood.get("probes", []), one.probe, one.readings,
        one.fresh, one.differing, one.faulty, one.is_cut, faults,
    )  # fmt: skip
