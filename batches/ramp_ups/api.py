"""`/api/v1/ramp-ups/`: scenarios of a line, and what their simulations came to."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from batches.ramp_ups.actions.runs import run_again
from batches.ramp_ups.actions.scenarios import delete_scenario, save_scenario
from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.queries.lines import planned_lines, scenarios_of
from batches.ramp_ups.rules.changes import ScenarioChange
from batches.ramp_ups.statuses import RunKind, RunStatus, ScenarioBase
from supplychain.audit.refusals import Refused
from supplychain.orders.rules.placing import Moment
from supplychain.people.models import User
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import NOT_YOURS, OF_A_BODY, OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem, Unprocessable

COLUMNS = (
    "id", "line__code", "owner__username", "name", "base", "weeks", "replications", "changes", "costs", "currency",
    "is_shared", "created_at", "edited_at",
)  # fmt: skip
RUN_COLUMNS = (
    "id", "scenario_id", "kind", "status", "done", "total", "requested_at", "started_at", "finished_at", "fingerprint",
    "error", "result",
)  # fmt: skip
METHODS = ("get", "head", "post", "delete")
SCOPES = {"GET": "capacity:read", "POST": "capacity:read", "DELETE": "capacity:read"}
OF_A_PERSON = {
    (403, MEDIA_TYPE): OpenApiResponse(Problem, "Scenarios belong to people: log in as one who plans the line.")
}


class NewScenario(msgspec.Struct):
    """A scenario to keep; `line` by code. See the changes and unit costs of docs/judgement/ramp-up.md; costs want their
    `currency` (ISO 4217)."""

    line: str
    name: str
    base: ScenarioBase = ScenarioBase.CLEAN
    weeks: int = 52
    replications: int = 100
    changes: list[dict[str, Any]] = []
    costs: dict[str, float] = {}
    currency: str = ""


class ScenarioBody(msgspec.Struct):
    """A scenario; `changes` in the order they were said; `costs` with their `currency` (ISO 4217) where it has its own,
    else those of the line hold."""

    id: UUID
    line: str
    owner: str | None
    name: str
    base: ScenarioBase
    weeks: int
    replications: int
    changes: list[ScenarioChange]
    costs: dict[str, float]
    currency: str
    is_shared: bool
    created_at: Moment
    edited_at: Moment


class ScenarioRunBody(msgspec.Struct):
    """A simulation. `done` of `total` pieces of work; `result` once it is done: outcomes of the line as it is (`base`)
    and with the changes (`changed`); bands are mean, ends of the 95 % interval, replications."""

    id: UUID
    scenario: UUID
    kind: RunKind
    status: RunStatus
    done: int
    total: int
    requested_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    fingerprint: str
    error: str
    result: dict[str, Any]


SCENARIO = {
    "id": "019c9a10-0000-7abc-8def-001122334455", "line": "leiden", "owner": "ops", "name": "One more suite",
    "base": "clean", "weeks": 52, "replications": 100,
    "changes": [{"kind": "places", "subject": "suite", "amount": 1.0, "from_day": 0.0, "shift": "",
                 "until_day": 0.0, "pattern": ""}],
    "costs": {"place:suite": 12000.0}, "currency": "EUR", "is_shared": False, "created_at": "2026-03-02T08:00:00Z",
    "edited_at": "2026-03-02T08:00:00Z",
}  # fmt: skip
RUN = {
    "id": "019c9a10-0000-7abc-8def-001122334466", "scenario": SCENARIO["id"], "kind": "compare", "status": "running",
    "done": 40, "total": 200, "requested_at": "2026-03-02T08:01:00Z", "started_at": "2026-03-02T08:01:01Z",
    "finished_at": None, "fingerprint": "8ca65ab5892f496d", "error": "", "result": {},
}  # fmt: skip
ONE = [OpenApiExample("A scenario", value=SCENARIO, response_only=True, status_codes=["200", "201"])]
ONE_RUN = [OpenApiExample("A simulation at work", value=RUN, response_only=True, status_codes=["200", "202"])]
ASKED = OpenApiExample(
    "One more suite", request_only=True,
    value={"line": "leiden", "name": "One suite more", "changes": [{"kind": "places", "subject": "suite", "amount": 1}]}
)  # fmt: skip


class RampUps(ListEndpoint):
    """Scenarios of the lines that the one who asks plans."""

    http_method_names = METHODS
    required_scopes = SCOPES
    queryset = Scenario.objects.all()
    order_by = ("-edited_at", "id")
    columns = COLUMNS

    def visible(self) -> QuerySet:
        """A person's own and shared ones; for a system the shared ones of its sites."""
        return _visible(self.request)

    def bodies(self, rows: Sequence[tuple]) -> list[ScenarioBody]:
        """Scenarios as they are kept."""
        return [_body(row) for row in rows]

    @extend_schema(
        operation_id="list_ramp_ups", summary="Scenarios", responses={200: ScenarioBody} | OF_A_LIST, examples=ONE
    )
    def get(self, request: Request) -> Response:
        """Your own scenarios and those shared with the people of your lines, newest first."""
        return super().get(request)

    @extend_schema(
        operation_id="save_ramp_up",
        summary="Keep a scenario",
        request=NewScenario,
        responses={
            201: ScenarioBody, **OF_A_BODY, **OF_A_PERSON,
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "It makes no sense; see errors, by field."),
        },
        examples=[ASKED, *ONE],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Keep changes to a line under a name. Nothing is simulated yet."""
        person = _person(request)
        said = read_body(request.data, NewScenario, partial(_line_problems, person))
        values = msgspec.structs.asdict(said) | {"line": planned_lines(person).get(code=said.line)}
        try:
            saved = save_scenario(by=person, now=timezone.now(), **values)
        except Refused as refused:
            raise Unprocessable({field: [text] for field, text in refused.errors.items()}) from refused
        return Response(_body(_row(request, saved.pk)), status=HTTPStatus.CREATED)


class RampUp(Endpoint):
    """One scenario."""

    http_method_names = METHODS
    required_scopes = SCOPES

    @extend_schema(
        operation_id="get_ramp_up", summary="One scenario", responses={200: ScenarioBody} | OF_ONE, examples=ONE
    )
    def get(self, request: Request, scenario_id: UUID) -> Response:
        """The scenario as it is kept."""
        return Response(_body(_row(request, scenario_id)))

    @extend_schema(
        operation_id="delete_ramp_up",
        summary="Give up a scenario",
        responses={204: OpenApiResponse(None, "It is gone, with its results.")} | OF_ONE | OF_A_PERSON,
    )
    def delete(self, request: Request, scenario_id: UUID) -> Response:
        """Delete one of your own scenarios with its results."""
        person = _person(request)
        try:
            delete_scenario(scenario_id=scenario_id, by=person)
        except Scenario.DoesNotExist as error:
            raise Http404 from error
        return Response(status=HTTPStatus.NO_CONTENT)


class RampUpRuns(Endpoint):
    """Simulations of a scenario."""

    http_method_names = METHODS
    required_scopes = SCOPES

    @extend_schema(
        operation_id="run_ramp_up",
        summary="Simulate a scenario",
        request=None,
        responses={
            202: ScenarioRunBody, **NOT_YOURS, **OF_ONE, **OF_A_PERSON,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "It runs already, or does not fit the line any more."),
        },
        examples=ONE_RUN,
    )  # fmt: skip
    def post(self, request: Request, scenario_id: UUID) -> Response:
        """Ask for a simulation on the line as it is now; read the run until its status is `done`."""
        person = _person(request)
        scenario = scenarios_of(person).filter(pk=scenario_id).first()
        if scenario is None:
            raise Http404
        try:
            run = run_again(scenario=scenario, by=person, now=timezone.now())
        except Refused as refused:
            raise Conflict(" ".join(refused.errors.values())) from refused
        return Response(_run_body(request, run.pk), status=HTTPStatus.ACCEPTED)


class RampUpRun(Endpoint):
    """One simulation."""

    http_method_names = METHODS
    required_scopes = SCOPES

    @extend_schema(
        operation_id="get_ramp_up_run", summary="One simulation", responses={200: ScenarioRunBody} | OF_ONE,
        examples=ONE_RUN,
    )  # fmt: skip
    def get(self, request: Request, run_id: UUID) -> Response:
        """How far it is, and once it is done what it came to."""
        return Response(_run_body(request, run_id))


def _line_problems(person: User, said: Mapping[str, Any]) -> dict[str, list[str]]:
    """Why no scenario of the line that is named can be kept, if it could be read."""
    is_known = "line" not in said or planned_lines(person).filter(code=said["line"]).exists()
    return {} if is_known else {"line": ["You plan no line of this code."]}


def _person(request: Request) -> User:
    """The person who asks. Raises PermissionDenied for a system."""
    if request.auth.user is None:
        raise PermissionDenied("Scenarios belong to people: log in as one who plans the line.")
    return request.auth.user


def _visible(request: Request) -> QuerySet[Scenario]:
    if request.auth.user is not None:
        return scenarios_of(request.auth.user)
    return Scenario.objects.filter(line__in=request.auth.site_ids, is_shared=True)


def _row(request: Request, scenario_id: UUID) -> tuple:
    row = _visible(request).filter(pk=scenario_id).values_list(*COLUMNS).first()
    if row is None:
        raise Http404
    return row


def _body(row: tuple) -> ScenarioBody:
    changes = msgspec.convert(row[7], list[ScenarioChange], strict=False)
    return ScenarioBody(*row[:7], changes, *row[8:])


def _run_body(request: Request, run_id: UUID) -> ScenarioRunBody:
    rows = ScenarioRun.objects.filter(pk=run_id, scenario__in=_visible(request))
    row = rows.values_list(*RUN_COLUMNS).first()
    if row is None:
        raise Http404
    return ScenarioRunBody(*row)
