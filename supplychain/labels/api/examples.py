"""Examples of labels in the interface's documentation."""

from supplychain.rest.examples import answer

LABELS = [
    answer(
        "One label",
        {
            "order": "0198f6f4-3c1e-7b6a-9d52-4f4a5be0c001", "coi": "CO26D0ZE6HZ9M2", "serial": "L26048152370919",
            "number": "A2601-B1", "stage": "harvest", "attempt": 1, "layout": "Bag", "printer": "Clean room 2",
            "replaces": "", "replaces_why": "", "printed_at": "2026-06-12T10:05:00Z", "printed_by": "Ola Nordmann",
            "status": "used", "ended_at": "2026-06-12T10:20:00Z", "ended_by": "Ola Nordmann", "reason": "",
            "doubts": [],
        },
    )
]  # fmt: skip
