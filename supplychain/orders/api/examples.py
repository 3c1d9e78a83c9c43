"""What the interface's documentation shows of events."""

from drf_spectacular.utils import OpenApiExample

from supplychain.orders.statuses import OrderEventKind, StageEventKind

REPORT_EVENTS = f"""\
Send **one event** as an object, or **up to 1,000** as a list. The order is named by its id, its chain of identity or
any identifier registered for it. An event is recorded once: send it again as often as you like, with the same
`source_event_id`. A row that is not taken costs no other row of its list.

| one event | answer |
|---|---|
| recorded | 201 |
| known already | 200 |
| the id was used with other content | 409 |
| cannot be read, or no such order at your sites | 422 |

Of a stage can be said: {", ".join(StageEventKind.values)}.
Of the whole order (no `stage`): {", ".join(OrderEventKind.values)}.

A list is always answered with 200 and one result a row, in the same order.
"""
ONE = {
    "source_event_id": "mes-2026-000123",
    "order": "CO267K3M9P2XQT",
    "kind": "started",
    "stage": "expansion",
    "occurred_at": "2026-03-02T09:30:00+01:00",
    "resource": "Suite 3",
    "payload": {"batch_number": "B-2026-0117"},
}
PROMISE = {
    "source_event_id": "desk-77",
    "order": "CO267K3M9P2XQT",
    "kind": "promised",
    "occurred_at": "2026-03-02T10:00:00Z",
    "payload": {"promised_at": "2026-03-30T08:00:00Z"},
}
_ORDER = "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"
_EVENT = "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f5"
ASKED = {
    "source_event_id": "ehr-2026-0815",
    "order": "CO267K3M9P2XQT",
    "kind": "change_asked",
    "occurred_at": "2026-03-02T02:50:00Z",
    "payload": {"wish": "hold", "cause": "too_ill", "reason": "Fever since the night."},
}
CREATED = {"outcome": "created", "source_event_id": "mes-2026-000123", "event": _EVENT, "order": _ORDER, "reason": ""}
UNKNOWN = {
    "outcome": "rejected",
    "source_event_id": "desk-77",
    "event": None,
    "order": None,
    "reason": "order: none of your sites' orders has “CO267K3M9P2XQT”; check it, or register the order first.",
    "errors": {"order": ["None of your sites' orders has “CO267K3M9P2XQT”; check it, or register the order first."]},
}
REPORTS = [
    OpenApiExample("One event", value=ONE, request_only=True),
    OpenApiExample("Many events", value=[ONE, PROMISE], request_only=True),
    OpenApiExample("The plant is asked to hold an order", value=ASKED, request_only=True),
    OpenApiExample("Recorded", value=CREATED, response_only=True, status_codes=["201"]),
]
OUTCOMES = [
    OpenApiExample("Known already", value=CREATED | {"outcome": "duplicate"}),
    OpenApiExample("A list", value={"results": [CREATED, UNKNOWN]}),
]
EVENT_ROW = {
    "id": _EVENT,
    "position": 7,
    "kind": "started",
    "stage": "expansion",
    "attempt": None,
    "occurred_at": "2026-03-02T08:30:00Z",
    "recorded_at": "2026-03-02T08:30:02.114Z",
    "source": "plant-mes",
    "person": "",
    "source_event_id": "mes-2026-000123",
    "resource": "Suite 3",
    "payload": {"batch_number": "B-2026-0117"},
    "hash": "5f0c…e2",
    "lacked_scope": "",
    "withdrawn": False,
    "said_wrong": [],
}
EVENT_ROWS = [OpenApiExample("An event", value=EVENT_ROW, response_only=True)]
LIST_CHANGES = """\
For systems that keep a copy. Take a cursor with `after=now`, read the lists once, then ask again and again with the
`cursor` of the last answer: every change of an order, flag or forecast comes exactly once, in an order that never loses
one, even if transactions end in another order than they began. Read what is named; several changes of one thing need
one reading. A cursor lasts 30 days (410 afterwards).
"""
_FLAG = "019c9a01-77aa-7d10-8c55-0a1b2c3d4e5f"
CHANGES = [
    OpenApiExample(
        "A flag was raised",
        value={
            "results": [
                {
                    "kind": "flag", "subject": _FLAG, "order": _ORDER, "coi": "CO267K3M9P2XQT",
                    "changed_at": "2026-03-02T08:30:03.120Z",
                }
            ],
            "cursor": "WzEyMyw0LCIyMDI2Il0",
            "next": "https://cellops.example/api/v1/changes/?after=WzEyMyw0LCIyMDI2Il0",
            "has_more": False,
        },
        response_only=True,
        status_codes=["200"],
    )
]  # fmt: skip
_SITE = {"code": "oslo", "name": "Oslo", "kind": "treatment_centre", "time_zone": "Europe/Oslo"}
ME = [
    OpenApiExample(
        "A hospital's system",
        value={
            "kind": "system", "code": "my-ehr", "name": "Hospital record", "scopes": ["events:write", "orders:read"],
            "sites": [_SITE | {"is_active": True, "roles": []}],
        },
        response_only=True,
        status_codes=["200"],
    )
]  # fmt: skip
_STAGE = {
    "code": "collection", "name": "Collection", "kind": "collection", "place": "collection_site", "direction": None,
    "after": ["enrolment"], "planned_hours": 6.0, "worst_hours": 12.0, "longest_wait_hours": None,
    "pool": "apheresis_chair", "may_end_after_release": False, "report_scope": "events:collection",
}  # fmt: skip
_FLOW = {
    "code": "car_t_fresh", "name": "CAR-T, fresh", "version": 1, "is_default": True, "restart_stage": "selection",
    "stages": [_STAGE],
}  # fmt: skip
CATALOGUE = [
    OpenApiExample(
        "One product",
        value={
            "sites": [_SITE | {"is_yours": True}],
            "products": [{"code": "cd19-a", "name": "CD19 A", "flows": [_FLOW]}],
        },
        response_only=True,
        status_codes=["200"],
    )
]
