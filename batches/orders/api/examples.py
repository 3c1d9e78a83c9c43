"""What the interface's documentation shows of orders."""

from batches.flags.api.examples import FLAG, ORDER_ID, RAISED
from supplychain.rest.examples import answer, request

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
    "forecast_ready_at": "2026-03-29T11:00:00Z",
    "slack_hours": 21.0,
    "forecast": {
        "basis": "simulated_futures",
        "ready_from": "2026-03-27T04:00:00Z",
        "ready_at": "2026-03-29T11:00:00Z",
        "ready_to": "2026-04-02T20:00:00Z",
        "late": 0.42,
        "made_at": "2026-03-02T08:30:03Z",
        "assumes": "",
    },
    "change_request": {
        "event": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f6",
        "wish": "hold",
        "cause": "too_ill",
        "reason": "Fever since the night.",
        "asked_at": "2026-03-02T02:50:00Z",
        "wanted_at": None,
        "replaces": None,
        "outcome": None,
        "outcome_event": None,
        "outcome_reason": "",
        "outcome_at": None,
    },
    "flags": [RAISED],
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
    "widened_low_hours": 0.0, "widened_high_hours": 7.5,
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
