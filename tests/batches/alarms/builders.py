"""Past orders as the rules of alarms read them, and an invented site whose truth is known."""

from datetime import datetime, timedelta
from math import erf, sqrt
from typing import Any
from uuid import UUID

import numpy as np

from batches.alarms.rules.figures import AlarmOutcome, WatchedOrder
from batches.alarms.rules.replays import SaidOfPromise
from batches.judgement.statuses import FlagCode, Severity
from tests.supplychain.builders import at

PROMISE = FlagCode.PROMISE_AT_RISK
PRODUCT, LINE = UUID(int=1), UUID(int=2)
PROMISED = at(1_000)


def watched(
    number: int = 0,
    *,
    came: bool | None = True,
    raised: float | None = None,
    critical: float | None = None,
    **given: Any,
) -> WatchedOrder:
    """An order promised for hour 1,000; `raised`, `critical`: hours before that at which its flag was first raised."""
    before = {Severity.ATTENTION: raised, Severity.CRITICAL: critical}
    fields = {
        "order_id": UUID(int=100 + number), "product_id": PRODUCT, "line_id": LINE,
        "outcomes": {} if came is None else {PROMISE: AlarmOutcome(came, PROMISED)},
        "raised": {(PROMISE, level): at(1_000 - hours) for level, hours in before.items() if hours is not None},
    } | given  # fmt: skip
    return WatchedOrder(**fields)


def said(*shares: float, promised_at: datetime = PROMISED, days: float = 1) -> list[SaidOfPromise]:
    """P(late) said of one promise, so many days apart, from hour 0 on."""
    return [SaidOfPromise(at(24 * days * place), promised_at, share) for place, share in enumerate(shares)]


def invented_site(
    *, orders: int, base_rate: float, looks: int, left: float, seed: int
) -> tuple[list[WatchedOrder], dict[UUID, list[SaidOfPromise]]]:
    """Orders that come late with `base_rate`, and what a perfect forecaster says of each at `looks` moments.

    Lateness is a sum of equal normal parts, one of which comes out before each look, and a last part with the share
    `left` (0–1) of the variance that nobody sees before the promise. P(late) is the exact conditional probability, so
    that it is calibrated at every look.
    """
    random = np.random.default_rng(seed)
    limit = _normal_point(1 - base_rate)
    parts = random.normal(size=(orders, looks)) * sqrt((1 - left) / looks)
    late = parts.sum(axis=1) + random.normal(size=orders) * sqrt(left) > limit
    seen = np.cumsum(parts, axis=1)
    unseen = [sqrt(1 - (1 - left) * (look + 1) / looks) for look in range(looks)]
    found, ledger = [], {}
    for number in range(orders):
        promised_at = at(12 * number + 24 * 7 * looks)
        order = watched(number, outcomes={PROMISE: AlarmOutcome(bool(late[number]), promised_at)})
        found.append(order)
        ledger[order.order_id] = [
            SaidOfPromise(
                promised_at - timedelta(days=7 * (looks - look)), promised_at,
                _beyond((limit - seen[number, look]) / unseen[look]),
            )
            for look in range(looks)
        ]  # fmt: skip
    return found, ledger


def _beyond(deviate: float) -> float:
    return 0.5 * (1 - erf(float(deviate) / sqrt(2)))


def _normal_point(share: float) -> float:
    """The normal deviate below which `share` lies, by bisection."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - _beyond(middle) < share else (low, middle)
    return low
