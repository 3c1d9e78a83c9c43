"""What the interface's documentation shows of collections."""

from drf_spectacular.utils import OpenApiExample

_ORDER = "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"
ITEM = {
    "code": "viability_percent", "text": "Viability", "unit": "%", "limits": "at least 70 %", "is_required": False,
    "answers": [
        {"value": 61, "words": "61 %", "by": "A. Berg", "at": "2026-03-02T09:30:00Z",
         "asked": "Viability (at least 70 %)", "reason": ""}
    ],
    "open": "61 %, outside the limits (at least 70 %)",
}  # fmt: skip
RECORD = {
    "stage": "collection", "attempt": 1, "flow_version": 2, "status": "completed", "donation_number": "A999926123456",
    "started_at": "2026-03-02T08:00:00Z", "ended_at": "2026-03-02T13:00:00Z", "waits_until": "2026-03-03T13:00:00Z",
    "frozen_until": None,
    "clock": ["The clock of the cells began 2 Mar 13:00 UTC, with the end of the collection."],
    "items": [ITEM], "open_points": ["Viability: 61 %, outside the limits (at least 70 %)"],
    "open_reason": "The physician decides to go on; the plant was told by telephone.",
}  # fmt: skip
OF_ORDER = [OpenApiExample("A low viability", value={"order": _ORDER, "collections": [RECORD]})]
COLLECTIONS = [
    OpenApiExample(
        "A collection",
        value={
            "order": _ORDER, "coi": "CO267K3M9P2XQT", "attempt": 1, "site": "oslo", "status": "completed",
            "donation_number": "A999926123456", "started_at": "2026-03-02T08:00:00Z",
            "ended_at": "2026-03-02T13:00:00Z", "kit_number": "K-10442", "kit_lot": "L2602",
            "kit_expires_on": "2027-02-28", "anticoagulant": "acd_a", "volume_ml": 212, "nucleated_cells_e9": 8.5,
            "cd3_cells_e9": 3.1, "viability_percent": 97, "haematocrit_percent": 3.5, "preservation": "fresh",
        },
        response_only=True,
    )
]  # fmt: skip
