"""What the interface's documentation shows of flags."""

from supplychain.rest.examples import answer, request

ORDER_ID = "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"
FLAG_ID = "019c9a01-77aa-7d10-8c55-0a1b2c3d4e5f"
RAISED = {
    "id": FLAG_ID,
    "code": "promise_at_risk",
    "severity": "attention",
    "stage": "",
    "subject": "",
    "is_settled": False,
}
FLAG = {
    "id": FLAG_ID,
    "order": ORDER_ID,
    "coi": "CO267K3M9P2XQT",
    "product": "cd19-a",
    "code": "promise_at_risk",
    "title": "Date at risk",
    "stage": "",
    "subject": "",
    "severity": "attention",
    "harm": "promise",
    "remedy": "line",
    "cause": "leiden/qc_lane",
    "since": "2026-03-02T08:30:00Z",
    "due": "2026-03-23T08:00:00Z",
    "act_by": "2026-03-23T08:00:00Z",
    "slack_hours": 503.5,
    "probability": None,
    "why": "Likely late, about 18 hours. Ready: about 31 Mar, promised 30 Mar. Not critical: it waits for a place; a "
    "new date is to be agreed by 23 Mar.",
    "next_step": "Operations: it waits for a place (QC tests), for which one more place, or fewer orders that come "
    "to it would help; agree a new date with the treatment centre by 23 Mar.",
    "evidence": {"remaining_hours": 689.5, "queue_hours": {"qc_lane": 36}},
    "raised_at": "2026-03-02T08:30:03Z",
    "cleared_at": None,
    "owner": None,
    "acknowledged_at": None,
    "acknowledged_by": "",
    "comment": "",
    "settled_at": None,
    "settled_by": "",
    "decided_at": None,
    "decided_by": "",
    "work_is_left": False,
}
FLIP = {
    "kind": "raised",
    "severity": "attention",
    "changed_at": "2026-03-02T08:30:03Z",
    "person": "",
    "source": None,
    "comment": "",
    "why": FLAG["why"],
    "evidence": FLAG["evidence"],
}
CAUSE = {
    "cause": "leiden/qc_lane",
    "plant": "leiden",
    "pool": "qc_lane",
    "pool_name": "QC lanes",
    "orders": 23,
    "first_promised_at": "2026-03-30T08:00:00Z",
    "unacknowledged": 4,
    "busy": 6,
    "capacity": 6,
    "queue": 9,
}
CAUSES = [answer("One pool", {"results": [CAUSE]})]
FLAG_ROWS = [answer("A flag", FLAG)]
FLAG_DETAILS = [answer("A flag", FLAG | {"changes": [FLIP]})]
ACKNOWLEDGING = [
    request("A person", {"comment": "Called the centre; new date by noon."}),
    request("A system", {"comment": "Called the centre; new date by noon.", "on_behalf_of": "ada@hospital.example"}),
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
OWNING = [
    request("Take it on, or give it to somebody", {"to": "ada@hospital.example"}),
    request("A system passes on who takes it", {"to": "ada", "on_behalf_of": "ada"}),
    request("Give it back", {"to": ""}),
    answer("Taken on", FLAG | {"owner": "Ada Berg", "changes": [FLIP]}),
]
