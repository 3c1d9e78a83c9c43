"""Examples of readings, for the interface's description."""

from drf_spectacular.utils import OpenApiExample

SEND_READINGS = """One object or a list of up to 5,000. A reading is known by its shipment, logger and moment: the same
again changes nothing (`duplicate`), another temperature at the same moment is told (`conflict`); both are kept, and
the worse one counts.
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
READING_ROWS = [
    OpenApiExample(
        "A reading",
        value={
            "stage": "inbound", "attempt": 1, "logger": "LT-1", "read_at": "2026-03-01T13:05:00Z", "temperature": 4.1,
            "received_at": "2026-03-02T08:00:00Z", "file": "", "others": [],
        },
        response_only=True,
    )
]  # fmt: skip
CONDITION = [
    OpenApiExample(
        "A warm shipper that was decided",
        value={
            "shipments": [
                {
                    "stage": "inbound",
                    "attempt": 1,
                    "storage": "Refrigerated, 2 °C to 8 °C",
                    "limits": ["8.1 °C or warmer for 60 minutes"],
                    "loggers": [
                        {
                            "logger": "LT-1",
                            "readings": 288,
                            "outside": 6,
                            "first_at": "2026-03-01T13:05:00Z",
                            "last_at": "2026-03-02T13:00:00Z",
                            "lowest": 3.8,
                            "highest": 10.9,
                            "mean_kinetic": 5.21,
                            "gaps": [],
                            "points": [[1772370300, 4.1], [1772456400, 4.4]],
                            "outside_from": "2026-03-01T12:35:00Z",
                            "outside_to": "2026-03-01T13:00:00Z",
                        }
                    ],
                    "excursions": [
                        {
                            "id": "0198a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b",
                            "logger": "LT-1",
                            "started_at": "2026-03-01T22:00:00Z",
                            "ended_at": "2026-03-01T23:20:00Z",
                            "worst": 10.9,
                            "broken": [
                                {
                                    "started_at": "2026-03-01T22:00:00Z",
                                    "ended_at": "2026-03-01T23:20:00Z",
                                    "minutes": 80,
                                    "worst": 10.9,
                                    "words": "8.1 °C or warmer for 60 minutes",
                                }
                            ],
                            "judged": "9f86d081884c7d65",
                            "decision": "use_as_is",
                            "reason": "Stability data cover two hours at up to 14 °C.",
                            "decided_by": "Tomás Ferreira",
                            "decided_at": "2026-03-02T09:00:00Z",
                            "is_current": True,
                        }
                    ],
                }
            ]
        },
        response_only=True,
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
FILE = [
    OpenApiExample(
        "A large file that is being read",
        value={
            "id": "0198a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b", "status": "reading", "percent": 37, "problem": "", "asks": [],
            "name": "trip.csv", "size": 209_715_200, "received_at": "2026-03-02T08:00:00Z", "logger": "LT-1",
            "probes": ["Probe °C", "Ambient °C"], "probe": "Probe °C", "readings": 2_400_000,
            "fresh": 0, "differing": 0, "faulty": 1, "is_cut": False,
            "faults": [{"line": 812, "problem": "“--” is no temperature.", "text": "2026-03-01 14:05;--"}],
        },
        response_only=True,
        status_codes=["200", "202"],
    )
]  # fmt: skip
HAND_IN = [
    *FILE,
    *(
        OpenApiExample(
            f"A file as {kind}",
            value="Serial number;LT-1\nTime zone;UTC+01:00\n\nDate;Temperature (°C)\n2026-03-01 14:05;4,1\n",
            request_only=True,
            media_type=kind,
        )
        for kind in ("text/csv", "text/plain", "application/octet-stream")
    ),
]
ANSWERS = [
    OpenApiExample("The zone and the unit", value={"zone": "Europe/Berlin", "unit": "C"}, request_only=True),
    *FILE,
]
