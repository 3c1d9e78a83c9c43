"""`/api/v1/causes/`: what several flags of a line have in common, one alarm each."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.flags.api import examples
from batches.flags.api.bodies import CauseList, CauseSummary
from batches.flags.api.reads import visible_flags
from batches.flags.queries.causes import causes_behind, line_alarms
from batches.flags.rules.causes import LineAlarm
from supplychain.rest.documentation import OF_ONE
from supplychain.rest.endpoints import Endpoint


class Causes(Endpoint):
    """The pools for a place in which several orders of your sites wait."""

    required_scopes = {"GET": "flags:read"}

    @extend_schema(
        operation_id="list_causes",
        summary="Pools under which flags hang, one alarm each",
        responses={200: CauseList} | OF_ONE,
        examples=examples.CAUSES,
    )
    def get(self, request: Request) -> Response:
        """All of them, that with the most orders first; their flags: `GET flags/?pool=…&plant=…`."""
        site_ids = request.auth.site_ids
        flags = visible_flags(site_ids)
        alarms = line_alarms(causes_behind(flags), flags, site_ids, 0)
        return Response(CauseList([_body(alarm) for alarm in alarms]))


def _body(alarm: LineAlarm) -> CauseSummary:
    cause, places = alarm.cause, alarm.places
    return CauseSummary(
        cause=cause.key,
        plant=cause.plant_code,
        pool=cause.pool,
        pool_name=alarm.pool,
        orders=cause.orders,
        first_promised_at=cause.first_promised_at,
        unacknowledged=cause.unseen,
        busy=places.busy if places else None,
        capacity=places.capacity if places else None,
        queue=places.queue if places else None,
    )
