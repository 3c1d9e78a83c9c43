"""`/api/v1/orders/{id}/identity-checks/`: codes that were read with an order in hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NoReturn
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from msgspec import Meta
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.chain.actions.identity import CheckRefused, check_identity
from supplychain.chain.api import examples
from supplychain.chain.models import IdentityCheck
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.placing import Moment
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import OF_A_BODY, OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import MomentFilter
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem, Unprocessable

NAMES = ("user__username", "user__first_name", "user__last_name", "source__name")


class CheckToMake(msgspec.Struct, forbid_unknown_fields=True):
    """A code that was read. `read`: exactly what the scanner sent; `read_at`: when, left out: now."""

    id: Annotated[str, Meta(min_length=1, max_length=100, description="Your own id of this check, lasting.")]
    read: Annotated[str, Meta(max_length=4_000, description="What was read; of more than 400 characters the first.")]
    stage: Annotated[str, Meta(max_length=40, description="Code of the stage that it is made for.")] = ""
    device: Annotated[str, Meta(max_length=200, description="With what it was read.")] = ""
    read_at: Moment | None = None


class CheckMade(msgspec.Struct):
    """A check as it was kept: what was read, as what it was understood, and what it is beside the order in hand.

    `other_order`: the other order to which the code leads, where you may see that one.
    """

    id: UUID
    client_id: str
    outcome: Annotated[str, Meta(extra_json_schema={"enum": CheckOutcome.values})]
    why: str
    read: str
    read_kind: str
    read_value: str
    stage: str
    place: Annotated[str, Meta(extra_json_schema={"enum": CheckPlace.values})]
    device: str
    by: str
    other_order: UUID | None
    read_at: datetime
    recorded_at: datetime


class CheckFilter(django_filters.FilterSet):
    """Which of an order's checks."""

    outcome = django_filters.MultipleChoiceFilter(choices=CheckOutcome.choices)
    recorded_after = MomentFilter("recorded_at", "gt", help_text="What was read since.")

    class Meta:
        model = IdentityCheck
        fields: tuple[str, ...] = ()


class IdentityChecks(ListEndpoint):
    """The checks of one order, the newest first, and where one is made."""

    required_scopes = {"GET": "orders:read", "POST": "identity:write"}
    queryset = IdentityCheck.objects.all()
    filterset_class = CheckFilter
    order_by = ("-recorded_at", "-id")
    columns = (
        "id", "client_id", "outcome", "why", "read", "read_kind", "read_value", "stage", "place", "device",
        "other_order", "read_at", "recorded_at", *NAMES,
    )  # fmt: skip

    @extend_schema(
        operation_id="list_identity_checks",
        summary="An order's identity checks",
        responses={200: CheckMade} | OF_A_LIST | OF_ONE,
        examples=examples.ROWS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """Every code that was read with the order in hand, the newest first; 404 for an order of other sites."""
        self._find(order_id)
        return super().get(request)

    @extend_schema(
        operation_id="check_identity",
        summary="Check an identity",
        request=CheckToMake,
        responses={
            200: OpenApiResponse(CheckMade, "This check was sent before; nothing was kept twice."),
            201: OpenApiResponse(CheckMade, "Kept, whatever it says: see `outcome`."),
            **OF_ONE,
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "This id was used for another check."),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "A field cannot be used; see errors."),
        },
        examples=examples.CHECKING,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        """Keep what was read, and say whether it is the order's. **Only `match` is a match**: with `unfit` (the
        order's, and rejected, given, expired or of a failed attempt) and `mismatch` stop; after
        `mismatch` the order is flagged and stays stopped until two people have resolved it; `unknown` confirms nothing.
        """
        self._find(order_id)
        said = read_body(request.data, CheckToMake)
        try:
            done = check_identity(
                order_id,
                read=said.read,
                by=request.auth,
                place=CheckPlace.REST,
                client_id=said.id,
                now=timezone.now(),
                stage=said.stage,
                device=said.device,
                read_at=said.read_at,
            )
        except CheckRefused as refusal:
            _refuse(refusal)
        row = IdentityCheck.objects.filter(pk=done.check.pk).values_list(*self.columns)[0]
        return Response(self.bodies([row])[0], status=201 if done.is_new else 200)

    def _find(self, order_id: UUID) -> None:
        """Raises Http404 for an order of other sites."""
        get_object_or_404(PatientOrder.objects.of_sites(self.request.auth.site_ids).only("pk"), pk=order_id)

    def visible(self) -> QuerySet:
        """The checks of the order in the address."""
        return IdentityCheck.objects.filter(order=self.kwargs["order_id"])

    def bodies(self, rows: Sequence[tuple]) -> list[CheckMade]:
        """One check a row; the other orders that do not exist for who asks are left out, in one query."""
        others = {row[10] for row in rows} - {None}
        orders = PatientOrder.objects.of_sites(self.request.auth.site_ids)
        seen = set(orders.filter(pk__in=others).values_list("pk", flat=True)) if others else set()
        return [
            CheckMade(*row[:10], _name(*row[13:]), row[10] if row[10] in seen else None, *row[11:13]) for row in rows
        ]


def _name(username: str | None, first_name: str | None, last_name: str | None, source: str | None) -> str:
    """The system, or the person as User.__str__ shows them."""
    return source or f"{first_name or ''} {last_name or ''}".strip() or username or ""


def _refuse(refusal: CheckRefused) -> NoReturn:
    """The refusal as a problem."""
    if refusal.is_forbidden:
        raise PermissionDenied(str(refusal))
    if refusal.is_conflict:
        raise Conflict(str(refusal))
    raise Unprocessable({refusal.field: [str(refusal)]})
