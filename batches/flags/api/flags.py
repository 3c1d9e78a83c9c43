"""`/api/v1/flags/`: what is at risk, and saying that a person has seen it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.flags.actions.people import MOST_NAME, FlagActionRefused, acknowledge_flag
from batches.flags.api import examples
from batches.flags.api.bodies import Acknowledgement, FlagDetail, FlagSummary
from batches.flags.api.filters import FlagFilter
from batches.flags.api.reads import FLAG_COLUMNS, flag_body, flag_flips, visible_flags
from batches.flags.models import Flag
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User
from supplychain.people.queries import PersonUnclear, person_with_role
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import OF_A_BODY, OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint
from supplychain.rest.permissions import ROLES_FOR_SCOPE
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem, Unprocessable


class Flags(ListEndpoint):
    """Flags of your sites' orders, the worst harm first, then the latest moment to act."""

    required_scopes = {"GET": "flags:read"}
    queryset = Flag.objects.all()
    filterset_class = FlagFilter
    order_by = ("harm", "act_by", "id")
    columns = FLAG_COLUMNS

    def visible(self) -> QuerySet:
        """Flags of orders of the sites of the one who asks."""
        return visible_flags(self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[FlagSummary]:
        """Flags with the slack that is left now."""
        now = timezone.now()
        return [flag_body(row, now=now) for row in rows]

    @extend_schema(
        operation_id="list_flags",
        summary="Flags, the most pressing first",
        responses={200: FlagSummary} | OF_A_LIST,
        examples=examples.FLAG_ROWS,
    )
    def get(self, request: Request) -> Response:
        """Raised flags of the orders in which one of your sites takes part (`raised=false`: the cleared ones)."""
        return super().get(request)


class OneFlag(Endpoint):
    """One flag."""

    required_scopes = {"GET": "flags:read"}

    @extend_schema(
        operation_id="get_flag",
        summary="One flag",
        responses={200: FlagDetail} | OF_ONE,
        examples=examples.FLAG_DETAILS,
    )
    def get(self, request: Request, flag_id: UUID) -> Response:
        """What is wrong, why, what to do next, and every change of the flag since it was first raised."""
        return Response(_detail(request.auth, flag_id))


class FlagAcknowledgement(Endpoint):
    """Where a person says that they have seen a flag."""

    required_scopes = {"POST": "flags:write"}

    @extend_schema(
        operation_id="acknowledge_flag",
        summary="Acknowledge a flag",
        request=Acknowledgement,
        responses={
            200: FlagDetail,
            **OF_ONE,
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "Cleared or worse meanwhile: read it again."),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "No comment, no person, or nobody known; see errors."),
        },
        examples=examples.ACKNOWLEDGING,
    )
    def post(self, request: Request, flag_id: UUID) -> Response:
        """Say who has seen it and what they make of it. Only events clear a flag; nobody does so by hand."""
        said = read_body(request.data, Acknowledgement)
        flag = visible_flags(request.auth.site_ids).select_related("order").filter(pk=flag_id).first()
        if flag is None:
            raise Http404
        person = _person(said, flag.order, request.auth)
        try:
            acknowledge_flag(
                flag_id,
                by=person,
                source=request.auth.source,
                person=str(person)[:MOST_NAME],
                comment=said.comment.strip(),
                now=timezone.now(),
                seen_severity=said.seen_severity,
                seen_raised_at=said.seen_raised_at,
            )
        except FlagActionRefused as error:
            raise Conflict(str(error)) from error
        return Response(_detail(request.auth, flag_id))


def _person(said: Acknowledgement, order: PatientOrder, by: Reporter) -> User:
    """Whose word it is: a system passes on that of somebody with a role at a site of its own. Raises Unprocessable."""
    named = said.on_behalf_of.strip()
    if by.user:
        if named:
            raise Unprocessable({"on_behalf_of": ["You are logged in: you speak for yourself. Leave it out."]})
        return by.user
    if not named:
        raise Unprocessable({"on_behalf_of": ["Name the person who has seen it, by login name or e-mail address."]})
    places = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
    try:
        return person_with_role(named, site_ids=places & by.site_ids, roles=ROLES_FOR_SCOPE["flags:write"])
    except PersonUnclear as unclear:
        raise Unprocessable({"on_behalf_of": [str(unclear)]}) from unclear


def _detail(by: Reporter, flag_id: UUID) -> FlagDetail:
    row = visible_flags(by.site_ids).filter(pk=flag_id).values_list(*FLAG_COLUMNS).first()
    if row is None:
        raise Http404
    flag = flag_body(row, now=timezone.now())
    return FlagDetail(**msgspec.structs.asdict(flag), changes=flag_flips(flag_id))
