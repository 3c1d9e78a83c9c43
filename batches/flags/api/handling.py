"""`/api/v1/flags/{id}/…/`: what people do with a flag, themselves or through a system that names them."""

from collections.abc import Collection
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.flags.actions.people import (
    MOST_NAME,
    FlagActionRefused,
    acknowledge_flag,
    assign_flag,
    give_back_flag,
)
from batches.flags.api import examples
from batches.flags.api.bodies import Acknowledgement, FlagDetail, FlagOwner
from batches.flags.api.flags import flag_detail
from batches.flags.api.reads import visible_flags
from batches.flags.models import Flag
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import sites_of
from supplychain.people.models import User
from supplychain.people.queries import PersonUnclear, person_with_role
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import OF_A_BODY, OF_ONE
from supplychain.rest.endpoints import Endpoint
from supplychain.rest.permissions import ROLES_FOR_SCOPE
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem, Unprocessable


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
        flag = _flag(request.auth, flag_id)
        person = _speaker(said.on_behalf_of, flag.order, request.auth)
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
        return Response(flag_detail(request.auth, flag_id))


class FlagOwnership(Endpoint):
    """Where a person takes a flag on, gives it to another, or gives it back."""

    required_scopes = {"POST": "flags:write"}

    @extend_schema(
        operation_id="own_flag",
        summary="Take on, assign or give back a flag",
        request=FlagOwner,
        responses={
            200: FlagDetail,
            **OF_ONE,
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "Cleared meanwhile, or another's to give back."),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "No person, or nobody known; see errors."),
        },
        examples=examples.OWNING,
    )
    def post(self, request: Request, flag_id: UUID) -> Response:
        """Say whose flag it is from now on; whoever is given one is told. Sent again, it changes nothing."""
        flag = _flag(request.auth, flag_id)
        said = read_body(request.data, FlagOwner)
        person = _speaker(said.on_behalf_of, flag.order, request.auth)
        given = {"by": person, "source": request.auth.source, "now": timezone.now()}
        try:
            if to := said.to.strip():
                assign_flag(flag_id, to=_owner(to, flag.order, request.auth), **given)
            else:
                give_back_flag(flag_id, **given)
        except FlagActionRefused as error:
            raise Conflict(str(error)) from error
        return Response(flag_detail(request.auth, flag_id))


def _flag(by: Reporter, flag_id: UUID) -> Flag:
    """The flag with its order. Raises Http404 where it does not exist for the one who asks."""
    flag = visible_flags(by.site_ids).select_related("order").filter(pk=flag_id).first()
    if flag is None:
        raise Http404
    return flag


def _speaker(on_behalf_of: str, order: PatientOrder, by: Reporter) -> User:
    """Whose word it is: a system passes on that of somebody with a role at a site of its own. Raises Unprocessable."""
    named = on_behalf_of.strip()
    if by.user:
        if named:
            raise Unprocessable({"on_behalf_of": ["You are logged in: you speak for yourself. Leave it out."]})
        return by.user
    if not named:
        raise Unprocessable({"on_behalf_of": ["Name the person whose word it is, by login name or e-mail address."]})
    return _person("on_behalf_of", named, set(sites_of(order).values()) & by.site_ids)


def _owner(named: str, order: PatientOrder, by: Reporter) -> User:
    """Who gets the flag: somebody of the order; for a system only at a site of its own. Raises Unprocessable."""
    sites = set(sites_of(order).values())
    return _person("to", named, sites if by.user else sites & by.site_ids)


def _person(field: str, named: str, site_ids: Collection[UUID]) -> User:
    try:
        return person_with_role(named, site_ids=site_ids, roles=ROLES_FOR_SCOPE["flags:write"])
    except PersonUnclear as unclear:
        raise Unprocessable({field: [str(unclear)]}) from unclear
