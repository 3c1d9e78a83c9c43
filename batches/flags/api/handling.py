"""`/api/v1/flags/{id}/…/`: what people do with a flag, themselves or through a system that names them."""

from collections.abc import Collection, Mapping
from typing import Any
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
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem


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
        people = _People(_flag(request.auth, flag_id).order, request.auth)
        said, person = read_body(request.data, Acknowledgement, people.find), people.speaker
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
        people = _People(_flag(request.auth, flag_id).order, request.auth)
        read_body(request.data, FlagOwner, people.find)
        given = {"by": people.speaker, "source": request.auth.source, "now": timezone.now()}
        try:
            if people.owner:
                assign_flag(flag_id, to=people.owner, **given)
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


class _People:
    """The people whom a body names, of the flag of this order: all that is wrong with them is said at once."""

    def __init__(self, order: PatientOrder, by: Reporter) -> None:
        self._sites, self._by = set(sites_of(order).values()), by
        self.speaker: User | None = by.user
        self.owner: User | None = None

    def find(self, said: Mapping[str, Any]) -> dict[str, list[str]]:
        """Looks them up by what of the body could be read; what is wrong, by field."""
        problems: dict[str, list[str]] = {}
        if problem := self._find_speaker(said.get("on_behalf_of", "").strip()):
            problems["on_behalf_of"] = [problem]
        if problem := self._find_owner(said.get("to", "").strip()):
            problems["to"] = [problem]
        return problems

    def _find_speaker(self, named: str) -> str:
        """Whose word it is: a system passes on that of somebody with a role at a site of its own."""
        if self._by.user:
            return "You are logged in: you speak for yourself. Leave it out." if named else ""
        if not named:
            return "Name the person whose word it is, by login name or e-mail address."
        self.speaker, problem = _person(named, self._sites & self._by.site_ids)
        return problem

    def _find_owner(self, named: str) -> str:
        """Who gets the flag: somebody of the order; for a system only at a site of its own."""
        if not named:
            return ""
        self.owner, problem = _person(named, self._sites if self._by.user else self._sites & self._by.site_ids)
        return problem


def _person(named: str, site_ids: Collection[UUID]) -> tuple[User | None, str]:
    """The person, or why nobody is meant by it."""
    try:
        return person_with_role(named, site_ids=site_ids, roles=ROLES_FOR_SCOPE["flags:write"]), ""
    except PersonUnclear as unclear:
        return None, str(unclear)
