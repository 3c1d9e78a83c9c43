"""What the interface's documentation shows of custody."""

from drf_spectacular.utils import OpenApiExample

_ORDER = "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"
_NOTHING = dict.fromkeys(("given_by", "received_by", "second_person", "seal", "packaging", "tracking_number"), "")
HELD = {
    "holder": "courier", "site": "", "name": "Nord Express", "place": "", "since": "2026-03-02T09:30:00Z",
    "until": None, **_NOTHING, "given_by": "A. Berg", "seal": "intact", "remark": "",
    "event": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f5", "stage": "inbound", "attempt": 1, "kind": "started",
    "reported_by": "Nord Express, A. Berg",
    "second_people": [{"step": "Transport to the plant: handed to the courier", "reported_by": "A. Berg",
                       "second_person": "B. Costa", "confirmed_at": "2026-03-02T09:34:00Z"}],
    "gap": None,
}  # fmt: skip
MAY_WAIT = "The clock of the cells (Transport to the plant): until 2 Mar 22:00, 12 hours left."
CHAIN = [
    OpenApiExample("On the way", value={"order": _ORDER, "entries": [HELD], "may_wait": [MAY_WAIT], "decided": None})
]
NOW = [
    OpenApiExample(
        "With a courier",
        value={
            "order": _ORDER, "coi": "CO267K3M9P2XQT", "holder": "courier", "site": "", "name": "Nord Express",
            "place": "", "since": "2026-03-02T09:30:00Z", "until": None, "gap": "",
        },
        response_only=True,
    )
]  # fmt: skip
