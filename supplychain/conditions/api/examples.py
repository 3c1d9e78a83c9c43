"""Examples of readings, for the interface's description."""

from drf_spectacular.utils import OpenApiExample

SEND_READINGS = """One object or a list of up to 5,000. A reading is known by its shipment, logger and moment: the same
again changes nothing (`duplicate`), another temperature at the same moment is told (`conflict`) and the first stands.
Readings are judged at once against the limits of the order's flow."""
READINGS = [
    OpenApiExample(
        "Two readings",
        value=[
            {"stage": "inbound", "logger": "L1", "read_at": "2026-03-01T14:05:00+01:00", "temperature": 4.1},
            {"stage": "inbound", "logger": "L1", "read_at": "2026-03-01T14:10+01:00", "temperature": 39.4, "unit": "F"},
        ],
        request_only=True,
    )
]
OUTCOMES = [
    OpenApiExample(
        "One taken, one not",
        value={
            "results": [
                {"outcome": "created"},
                {
                    "outcome": "rejected",
                    "reason": "This temperature cannot be: the probe is broken, or the unit is another.",
                    "errors": {
                        "temperature": ["This temperature cannot be: the probe is broken, or the unit is another."]
                    },
                },
            ]
        },
        response_only=True,
    )
]
