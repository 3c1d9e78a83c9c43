"""`GET /api/v1/changes/`: what has changed since one looked last, across orders, flags and forecasts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.orders.actions.changes import KEPT_FOR
from supplychain.orders.api import examples
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.queries.feed import Horizon, change_horizon, changes_after
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import Endpoint
from supplychain.rest.paging import all_of, problems_of, read_page_size
from supplychain.rest.problems import MEDIA_TYPE, Gone, Problem

NOW = "now"
PARAMETERS = ("after", "page_size")
AFTER = OpenApiParameter(
    "after",
    str,
    description="The `cursor` of the last answer; `now`: begin here; without it: from the oldest change.",
)
PAGE_SIZE = OpenApiParameter("page_size", int, description="Changes in an answer: 50, at most 200.")


class OrderChange(msgspec.Struct):
    """Something of an order changed: read `subject` (the order, flag or forecast, by `kind`) to see what."""

    kind: NoticeKind
    subject: UUID
    order: UUID
    coi: str
    changed_at: Moment


class OrderChanges(msgspec.Struct):
    """Changes in the order in which they are to be read.

    `cursor`: where to go on, always; `next` is the address for it. `has_more`: there are more right now.
    """

    results: list[OrderChange]
    cursor: str
    next: str
    has_more: bool


class FeedPlace(msgspec.Struct, array_like=True, frozen=True):
    """A place in the feed: after change `id` of `transaction`; made at `made_at`, of this database `cluster`."""

    transaction: int
    id: int
    made_at: datetime
    cluster: str

    def cursor(self) -> str:
        """As clients keep it."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """The place of a cursor. Raises ValidationError."""
        try:
            place = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=cls)
            if not (0 <= place.transaction < 2**63 and 0 <= place.id < 2**63 and place.made_at.tzinfo):
                raise ValueError("out of range")
        except Exception as error:
            raise ValidationError({"after": ["Take the cursor from the last answer, unchanged."]}) from error
        return place


class Changes(Endpoint):
    """The change feed."""

    required_scopes = {"GET": "orders:read"}

    def parameters(self, request: Request) -> dict[str, None]:
        """Where to go on, and how far."""
        return dict.fromkeys(PARAMETERS)

    def value_problems(self, request: Request) -> dict[str, Any]:
        """Those of the cursor and of the page."""
        after = request.GET.get("after", NOW)
        readings = (lambda: read_page_size(request), lambda: after == NOW or FeedPlace.read(after))
        return problems_of(lambda: all_of(*readings))

    @extend_schema(
        operation_id="list_changes",
        summary="What has changed since",
        description=examples.LIST_CHANGES,
        parameters=[AFTER, PAGE_SIZE],
        responses={
            200: OrderChanges,
            **OF_A_LIST,
            (410, MEDIA_TYPE): OpenApiResponse(Problem, "The cursor is too old: read the lists and begin anew."),
        },
        examples=examples.CHANGES,
    )
    def get(self, request: Request) -> Response:
        """Changes of the orders in which one of your sites takes part; of flags only with the right to read them."""
        horizon = change_horizon()
        size, place = all_of(lambda: read_page_size(request), lambda: _place(request.GET.get("after"), horizon))
        mine = {"site_ids": request.auth.site_ids, "kinds": _kinds(request)}
        rows = changes_after(place.transaction, place.id, before=horizon.transaction, **mine)
        columns = ("transaction", "id", "changed_at", "kind", "subject", "order_id", "coi")
        found = list(rows.annotate(coi=F("order__coi")).values_list(*columns)[: size + 1])
        return Response(_answer(request, found[:size], len(found) > size, horizon))


def _kinds(request: Request) -> list[str]:
    scopes = getattr(request.user, "scopes", None)
    may_read_flags = scopes is None or "flags:read" in scopes
    return [kind.value for kind in NoticeKind if may_read_flags or kind != NoticeKind.FLAG]


def _place(text: str | None, horizon: Horizon) -> FeedPlace:
    now = timezone.now()
    if text is None:
        return FeedPlace(0, 0, now, horizon.cluster)
    if text == NOW:
        return FeedPlace(horizon.transaction, 0, now, horizon.cluster)
    place = FeedPlace.read(text)
    if place.cluster != horizon.cluster or now - place.made_at > KEPT_FOR:
        raise Gone("This cursor is too old, or of another database: take one with after=now, then read the lists anew.")
    return place


def _answer(request: Request, rows: list[tuple], has_more: bool, horizon: Horizon) -> OrderChanges:
    # All seen: the next answer begins at the horizon, however many changes of other sites lie before it.
    transaction, change_id = rows[-1][:2] if has_more else (horizon.transaction, 0)
    cursor = FeedPlace(transaction, change_id, timezone.now(), horizon.cluster).cursor()
    query = {name: value for name, value in request.GET.items() if name != "after"} | {"after": cursor}
    results = [OrderChange(kind, subject, order, coi, at) for _, _, at, kind, subject, order, coi in rows]
    address = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
    return OrderChanges(results, cursor, address, has_more)
