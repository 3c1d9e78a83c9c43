"""What the interface's documentation shows of identity checks."""

from supplychain.rest.examples import answer, request

CHECK = {
    "id": "scanner-7-2026-03-02-0001",
    "read": "=G12341765432100",
    "stage": "infusion",
    "device": "Ward 4, bedside scanner",
    "read_at": "2026-03-30T09:12:04+01:00",
}
ROW = {
    "id": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f5",
    "client_id": "scanner-7-2026-03-02-0001",
    "outcome": "match",
    "why": "Donation identification number G123417654321 is this order’s.",
    "read": "=G12341765432100",
    "read_kind": "donation",
    "read_value": "G123417654321",
    "stage": "infusion",
    "place": "rest",
    "device": "Ward 4, bedside scanner",
    "by": "Ward scanners",
    "other_order": None,
    "read_at": "2026-03-30T09:12:04+01:00",
    "recorded_at": "2026-03-30T08:12:05Z",
}
STOPPED = ROW | {
    "outcome": "mismatch",
    "why": (
        "Chain of identity CO267K3M9P2XQT is another order’s. Stop: do not use, hand over or take in this material. "
        "Put it aside and call quality assurance."
    ),
    "read": "(21)CO267K3M9P2XQT",
    "read_kind": "coi",
    "read_value": "CO267K3M9P2XQT",
    "other_order": "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11",
}
CHECKING = [
    request("A code that was scanned", CHECK),
    answer("It is this order's", ROW, "201"),
    answer("It is not: stop", STOPPED, "201"),
    answer("It was sent before", ROW),
]
ROWS = [answer("A check", ROW)]
