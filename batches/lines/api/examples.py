"""What the interface's documentation shows of bottlenecks and pools."""

from batches.lines.api.evidence import EXAMPLE
from supplychain.rest.examples import answer

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
    "failing_since": None,
}
BOTTLENECK_ROWS = [answer("A bottleneck", PERIOD)]
POOL_ROWS = [answer("A pool", POOL)]
