"""What the interface's documentation shows of orders, flags, bottlenecks and pools."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from batches.api.bottleneck_evidence import EXAMPLE

ORDER_ID = "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"
FLAG_ID = "019c9a01-77aa-7d10-8c55-0a1b2c3d4e5f"


def answer(name: str, value: Any, *codes: str) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=list(codes or ("200",)))


def request(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


RAISED = {"id": FLAG_ID, "code": "promise_at_risk", "severity": "critical", "stage": ""}
ORDER = {
    "id": ORDER_ID,
    "coi": "CO267K3M9P2XQT",
    "coi_issuer": "cellops",
    "patient_reference": "P-4711",
    "product": "cd19-a",
    "flow": "car_t_fresh",
    "flow_version": 1,
    "ordering_site": "oslo",
    "collection_site": "oslo",
    "infusion_site": "oslo",
    "plant": "leiden",
    "priority": "routine",
    "ordered_at": "2026-02-20T09:00:00Z",
    "status": "in_progress",
    "current_stage": "expansion",
    "attempt": 1,
    "promised_at": "2026-03-30T08:00:00Z",
    "confirmed_at": "2026-02-20T12:00:00Z",
    "held_at": None,
    "infused_at": None,
    "cancelled_at": None,
    "closed_at": None,
    "version": 7,
    "updated_at": "2026-03-02T08:30:02.114Z",
    "forecast_ready_at": "2026-03-31T02:00:00Z",
    "slack_hours": -18.0,
    "flags": [RAISED],
}
FLAG = {
    "id": FLAG_ID,
    "order": ORDER_ID,
    "coi": "CO267K3M9P2XQT",
    "product": "cd19-a",
    "code": "promise_at_risk",
    "title": "Promised date at risk",
    "stage": "",
    "severity": "critical",
    "since": "2026-03-02T08:30:00Z",
    "due": "2026-03-01T14:00:00Z",
    "slack_hours": -18.0,
    "probability": None,
    "why": "Forecast ready 31 March 02:00, promised 30 March 08:00: 18 hours too late.",
    "next_step": "Agree another date with the ordering site, or find a free QC lane.",
    "evidence": {"remaining_hours": 689.5, "queue_hours": {"qc_lane": 36}},
    "raised_at": "2026-03-02T08:30:03Z",
    "cleared_at": None,
    "owner": None,
    "acknowledged_at": None,
    "acknowledged_by": "",
    "comment": "",
}
FLIP = {
    "kind": "raised",
    "severity": "critical",
    "changed_at": "2026-03-02T08:30:03Z",
    "person": "",
    "source": None,
    "comment": "",
    "why": FLAG["why"],
    "evidence": FLAG["evidence"],
}
RUN = {
    "stage": "expansion",
    "name": "Expansion",
    "attempt": 1,
    "counts": True,
    "status": "running",
    "site": "leiden",
    "pool": "suite",
    "resource": "Suite 3",
    "ready_at": "2026-03-02T07:10:00Z",
    "started_at": "2026-03-02T08:30:00Z",
    "completed_at": None,
    "failed_at": None,
    "held_at": None,
    "planned_start_at": None,
    "planned_end_at": None,
    "planned_hours": 168.0,
    "worst_hours": 264.0,
    "details": {"batch_number": "B-2026-0117"},
}
BATCH = {
    "attempt": 1,
    "number": "B-2026-0117",
    "plant": "leiden",
    "suite": "Suite 3",
    "status": "in_process",
    "started_at": "2026-02-28T20:00:00Z",
    "harvested_at": None,
    "released_at": None,
    "failed_at": None,
}
PREDICTION = {
    "made_at": "2026-03-02T08:30:03Z",
    "model": "mc-1",
    "paths": 500,
    "is_used": True,
    "promised_at": "2026-03-30T08:00:00Z",
    "ready_low": "2026-03-27T04:00:00Z",
    "ready_median": "2026-03-29T11:00:00Z",
    "ready_high": "2026-04-02T20:00:00Z",
    "widened_hours": 7.5,
    "infused_median": "2026-03-30T10:00:00Z",
    "baseline_ready_at": "2026-03-31T02:00:00Z",
    "late": {"share": 0.42, "low": 0.377, "high": 0.464, "stage": ""},
    "wait_expires": {"share": 0.03, "low": 0.018, "high": 0.049, "stage": "selection"},
    "no_dose": {"share": 0.06, "low": 0.042, "high": 0.084, "stage": ""},
    "contributes": {"stage": "qc_release_tests", "excess_hours": 31.2, "wait_hours": 26.4, "work_hours": 172.8},
    "rescue": {
        "found": {
            "kind": "goes_first", "stage": "qc_release_tests", "cost": 1, "late_before": 0.42, "late": 0.12,
            "wait_expires": 0.03, "no_dose": 0.06, "helps": True, "worst_before": 0.1, "worst_after": 0.18,
        },
        "tried": [],
    },
}  # fmt: skip
DETAIL = ORDER | {
    "prediction": PREDICTION,
    "flags": [FLAG],
    "surprises": [],
    "identifiers": [
        {"kind": "coi", "issuer": "cellops", "value": "CO267K3M9P2XQT"},
        {"kind": "batch", "issuer": "", "value": "B-2026-0117"},
    ],
    "stage_runs": [RUN],
    "collections": [],
    "shipments": [],
    "batches": [BATCH],
}
REQUEST = {
    "product": "cd19-a",
    "patient_reference": "P-4711",
    "ordering_site": "oslo",
    "plant": "leiden",
    "promised_at": "2026-03-30T08:00:00Z",
    "hospital_order_number": "H-2026-991",
    "source_event_id": "ehr-order-991",
}
PERIOD = {
    "id": "019c9a10-0000-7abc-8def-001122334455",
    "line": "leiden",
    "pool": "qc_lane",
    "pool_name": "QC lanes",
    "started_at": "2026-02-27T04:00:00Z",
    "ended_at": None,
    "why": "QC lanes: full for 93 % of the last week with 6 waiting, the longest for 52 hours.",
    "evidence": EXAMPLE,
    "ended_why": "",
    "hours": 76.5,
}
POOL = {
    "id": "019c7000-0000-7abc-8def-001122334455",
    "site": "leiden",
    "code": "qc_lane",
    "name": "QC lanes",
    "is_bottleneck": True,
    "condition": "falling_behind",
    "capacity": 4,
    "busy": 4,
    "queue": 6,
    "arrivals": 9,
    "completions": 5,
    "oldest_ready_at": "2026-02-28T04:30:00Z",
    "oldest_wait_hours": 52.0,
    "median_wait_hours": 31.0,
    "service_hours": 168.0,
    "pressed_share": 0.93,
    "expected_wait_hours": 60.0,
    "window_hours": 168.0,
    "reviewed_at": "2026-03-02T08:30:03Z",
}

ORDER_ROWS = [answer("An order", ORDER)]
ORDERS = [answer("An order", DETAIL)]
PLACING = [
    request("An order", REQUEST),
    answer("Placed", DETAIL | {"status": "ordered", "version": 1}, "201"),
    answer("Known already", DETAIL | {"status": "ordered", "version": 1}, "200"),
]
PROMISES = [
    request("A later date", {"promised_at": "2026-04-02T08:00:00Z", "reason": "Agreed with Dr. on call."}),
    answer("The order", DETAIL | {"promised_at": "2026-04-02T08:00:00Z", "version": 8}),
]
FLAG_ROWS = [answer("A flag", FLAG)]
FLAG_DETAILS = [answer("A flag", FLAG | {"changes": [FLIP]})]
ACKNOWLEDGING = [
    request("A person", {"comment": "Called the centre; new date by noon."}),
    request("A system", {"comment": "Called the centre; new date by noon.", "on_behalf_of": "Ada Berg"}),
    answer(
        "Acknowledged",
        FLAG
        | {
            "acknowledged_at": "2026-03-02T09:00:00Z",
            "acknowledged_by": "Ada Berg",
            "comment": "Called the centre; new date by noon.",
            "changes": [FLIP],
        },
    ),
]
BOTTLENECK_ROWS = [answer("A bottleneck", PERIOD)]
POOL_ROWS = [answer("A pool", POOL)]
