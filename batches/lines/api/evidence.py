"""What the evidence of a bottleneck says (docs/judgement/bottleneck.md). Evidence of older reviews has fewer fields."""

import msgspec

from batches.lines.statuses import PoolCondition
from supplychain.orders.rules.placing import Moment

UNKNOWN = msgspec.UNSET


class NamingLimits(msgspec.Struct):
    """From which pressed share a pool is named, down to which it stays named, and how many times as many order-hours
    another needs to take over."""

    enter_share: float
    leave_share: float
    displace_ratio: float


class FlawedRun(msgspec.Struct):
    """A stage run whose recorded moments cannot all be right; `flaw` is `ended_before_begun`, `start_missing` or
    `end_missing`, `position` that of the stage in its flow."""

    order: str
    position: int
    flaw: str


class LittleStage(msgspec.Struct):
    """The same of one stage, by its position in the flow."""

    position: int
    adds_up: bool
    mean_number: float
    mean_hours: float


class LittleBody(msgspec.Struct):
    """Little's law over the window: `mean_number` × `window_hours` = `present` × `mean_hours` + `gap_hours`, and
    `at_opening` + `arrivals` − `departures` = `at_end` + `gap_number`; both gaps are 0 where the record adds up."""

    window_hours: float
    adds_up: bool
    mean_number: float
    present: int
    mean_hours: float
    arrivals: int
    departures: int
    at_opening: int
    at_end: int
    carried_in: int
    censored: int
    gap_hours: float
    gap_number: int
    finding: str
    examples: list[FlawedRun]
    stages: list[LittleStage]


class LongerBody(msgspec.Struct):
    """What chose between several pools where the week says too little: hours waited, share of that longer window as the
    bottleneck by active periods, place-hours taken of those open (0–1), and places given back with the work done."""

    window_hours: float
    waiting_hours: float
    limiting_share: float
    utilisation: float | None
    services: int


class PoolEvidence(msgspec.Struct):
    """One pool of the line over the window. Shares are 0–1, `utilisation` may exceed 1 where more is reported than
    fits; `expected_wait_hours` null: no place, and no date for one; `named_share`: of the resamples of the window's
    days, how many name this pool."""

    pool: str
    name: str
    position: int
    condition: PoolCondition
    capacity: int
    busy: int
    queue: int
    arrivals: int
    completions: int
    oldest_wait_hours: float | None
    median_wait_hours: float | None
    service_hours: float
    pressed_share: float
    waiting_hours: float
    expected_wait_hours: float | None
    window_hours: float
    utilisation: float | msgspec.UnsetType | None = UNKNOWN
    blocked_share: float | msgspec.UnsetType | None = UNKNOWN
    starved_share: float | msgspec.UnsetType | None = UNKNOWN
    active_share: float | msgspec.UnsetType = UNKNOWN
    momentary_share: float | msgspec.UnsetType = UNKNOWN
    sole_share: float | msgspec.UnsetType = UNKNOWN
    shifting_share: float | msgspec.UnsetType = UNKNOWN
    named_share: float | msgspec.UnsetType = UNKNOWN
    little: LittleBody | msgspec.UnsetType = UNKNOWN
    longer: LongerBody | msgspec.UnsetType = UNKNOWN


class ReliefBody(msgspec.Struct):
    """One more place in the pool that is named: orders a week through the line, the wait of new arrivals, the mean
    wait in the long run (null: without limit), before and after, with its 95 % interval (low, high; null as a whole:
    too few orders to tell). `binds`: the pool that then limits the line."""

    change: str
    pool: str
    places_before: int
    places_after: int
    offered_load: float
    joins_before_hours: float | None
    joins_after_hours: float | None
    wait_before_hours: float | None
    wait_after_hours: float | None
    weekly_before: float
    weekly_after: float
    gain: float
    binds: str
    wait_before_interval: list[float | None] | msgspec.UnsetType | None = UNKNOWN
    wait_after_interval: list[float | None] | msgspec.UnsetType | None = UNKNOWN


class TriedBody(msgspec.Struct):
    """On how many simulated lines of this line's own rates its verdicts were tried, and when; of the `firm` ones by a
    curve that those lines had not taught, how many were right. `may_be_firm` false: too few, so none is called firm."""

    at: Moment
    lines: int
    firm: int
    firm_right: int
    may_be_firm: bool


class BottleneckEvidence(msgspec.Struct):
    """The numbers of every pool of the line in flow order, how sure the verdict is (0–1: how often such ones were
    right on simulated lines, of this line's own rates where it was `tried`; null: not calibrated for this line yet),
    `resampled_share` of resamples of the window's days that say the same, which other pools may as well limit the
    line, its cost in order-days and in orders that will miss their promise with the pool ahead, and what one more
    place would bring. `window_hours`: from how much of the past the pool was chosen; above 168 each pool has the
    figures of that window (`longer`)."""

    reviewed_at: Moment
    limits: NamingLimits
    order_days_waited: float
    pools: list[PoolEvidence]
    window_hours: float | msgspec.UnsetType = UNKNOWN
    confidence: float | msgspec.UnsetType = UNKNOWN
    resampled_share: float | msgspec.UnsetType = UNKNOWN
    not_told_apart: list[str] | msgspec.UnsetType = UNKNOWN
    tried: TriedBody | msgspec.UnsetType | None = UNKNOWN
    relief: ReliefBody | msgspec.UnsetType | None = UNKNOWN
    orders_missing_promise: int | msgspec.UnsetType = UNKNOWN
    orders_counted_at: Moment | msgspec.UnsetType = UNKNOWN


LITTLE = {
    "window_hours": 168.0, "adds_up": True, "mean_number": 3.9, "present": 11, "mean_hours": 59.564, "arrivals": 7,
    "departures": 7, "at_opening": 4, "at_end": 4, "carried_in": 4, "censored": 4, "gap_hours": 0.0, "gap_number": 0,
    "finding": "", "examples": [],
    "stages": [{"position": 9, "adds_up": True, "mean_number": 3.9, "mean_hours": 59.564}],
}  # fmt: skip
EXAMPLE = {
    "reviewed_at": "2026-03-02T08:30:00Z",
    "limits": {"enter_share": 0.5, "leave_share": 0.3, "displace_ratio": 1.25},
    "order_days_waited": 19.5,
    "window_hours": 672.0,
    "orders_missing_promise": 3,
    "orders_counted_at": "2026-03-02T08:27:00Z",
    "confidence": 0.94,
    "resampled_share": 0.97,
    "not_told_apart": [],
    "tried": {"at": "2026-03-01T02:10:00Z", "lines": 108, "firm": 46, "firm_right": 44, "may_be_firm": True},
    "relief": {
        "change": "one_more_place", "pool": "qc_lane", "places_before": 4, "places_after": 5, "offered_load": 4.4,
        "joins_before_hours": 294.0, "joins_after_hours": 201.6, "wait_before_hours": None, "wait_after_hours": 191.3,
        "weekly_before": 3.9, "weekly_after": 5.0, "gain": 1.1, "binds": "",
        "wait_before_interval": [48.0, None], "wait_after_interval": [9.5, 310.0],
    },
    "pools": [
        {
            "pool": "qc_lane", "name": "QC lanes", "position": 9, "condition": "falling_behind", "capacity": 4,
            "busy": 4, "queue": 6, "arrivals": 9, "completions": 5, "oldest_wait_hours": 52.0,
            "median_wait_hours": 31.0, "service_hours": 168.0, "pressed_share": 0.93, "waiting_hours": 468.0,
            "expected_wait_hours": 288.0, "window_hours": 168.0, "utilisation": 0.975, "blocked_share": 0.0,
            "starved_share": 0.02, "active_share": 0.95, "momentary_share": 0.95, "sole_share": 0.81,
            "shifting_share": 0.14, "named_share": 0.94, "little": LITTLE,
            "longer": {"window_hours": 672.0, "waiting_hours": 1584.0, "limiting_share": 0.88, "utilisation": 0.97,
                       "services": 15},
        }
    ],
}  # fmt: skip
