"""What replications of a scenario come to, beside those of the line as it is (docs/judgement/ramp-up.md)."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from batches.judgement.rules.shares import wilson
from batches.lines.rules.bottlenecks import ENTER_SHARE
from batches.ramp_ups.rules.confidence import MeanBand, band, paired
from batches.ramp_ups.rules.measures import ReplicationFigures
from batches.ramp_ups.rules.steadiness import Steadiness

# A pool that is pressed for less of the time than this holds nothing up.
LIMITS_FROM = 0.02


class Metric(NamedTuple):
    """A figure: its field, words, unit, by how much it must differ to count, and whether more is better."""

    field: str
    name: str
    unit: str
    least: float
    more_is_better: bool
    scale: float = 1.0
    decimals: int = 1

    @property
    def step(self) -> str:
        """The unit of a difference."""
        return "points" if self.unit == "%" else self.unit


METRICS = (
    Metric("throughput", "Throughput", "doses a week", 0.1, True, decimals=2),
    Metric("on_time", "On time", "%", 1.0, True, scale=100),
    Metric("vein_median", "Vein to vein, median", "days", 0.25, False),
    Metric("vein_p90", "Vein to vein, nine in ten", "days", 0.5, False),
    Metric("lost", "Lost", "%", 1.0, False, scale=100),
    Metric("cost", "Cost per dose", "", 0.0, False, decimals=0),
)
# A gain is judged on what a patient would feel; cost is weighed against it by people.
GAIN_OF = ("throughput", "on_time", "vein_median")


class MetricResult(msgspec.Struct, frozen=True):
    """A figure's band; `change`: of the paired differences to the base, `tells`: it is beyond chance and size."""

    field: str
    band: MeanBand | None
    change: MeanBand | None = None
    tells: bool = False


class PoolResult(msgspec.Struct, frozen=True):
    """A pool: held share, pressed share, hours waited; `most`: share of replications in which it is most pressed."""

    code: str
    name: str
    used: MeanBand | None
    pressed: MeanBand | None
    wait: MeanBand | None
    most: float


class Limit(msgspec.Struct, frozen=True):
    """The pool that limits a line (code empty: none does); `sure`: share of replications that say so, with interval."""

    code: str
    name: str
    pressed: float
    sure: float
    low: float
    high: float


class ScenarioOutcome(msgspec.Struct, frozen=True):
    """What a scenario comes to over its replications; `steadiness`: what its figures are figures of."""

    replications: int
    metrics: tuple[MetricResult, ...]
    pools: tuple[PoolResult, ...]
    limit: Limit
    gain: str = ""
    is_gain: bool = False
    steadiness: Steadiness | None = None


def outcome(
    rows: Sequence[ReplicationFigures],
    names: dict[str, str],
    base: Sequence[ReplicationFigures] = (),
    steadiness: Steadiness | None = None,
) -> ScenarioOutcome:
    """The bands of `rows`; with `base` (the same numbers of replications) also the differences to it."""
    rows = sorted(rows, key=lambda row: row.number)
    before = {row.number: row for row in base}
    pairs = [(before[row.number], row) for row in rows if row.number in before]
    metrics = tuple(_metric(metric, rows, pairs) for metric in METRICS)
    limit = _limit(rows, names)
    words, is_gain = _gain(metrics, limit, _limit(base, names)) if base else ("", False)
    pools = tuple(_pool(code, name, rows) for code, name in names.items())
    return ScenarioOutcome(len(rows), metrics, pools, limit, words, is_gain, steadiness)


def _metric(
    metric: Metric, rows: Sequence[ReplicationFigures], pairs: Sequence[tuple[ReplicationFigures, ReplicationFigures]]
) -> MetricResult:
    found = _scaled(band(getattr(row, metric.field) for row in rows), metric)
    change = paired((getattr(one, metric.field) for one, _ in pairs), (getattr(two, metric.field) for _, two in pairs))
    change = _scaled(change, metric)
    tells = change is not None and not change.has(0.0) and abs(change.mean) >= metric.least
    return MetricResult(metric.field, found, change, tells)


def _scaled(found: MeanBand | None, metric: Metric) -> MeanBand | None:
    return found and MeanBand(*(value * metric.scale for value in found[:3]), found.count)


def _pool(code: str, name: str, rows: Sequence[ReplicationFigures]) -> PoolResult:
    mine = [row.pools[code] for row in rows if code in row.pools]
    most = sum(_most_pressed(row) == code for row in rows)
    return PoolResult(
        code, name, band(one.used for one in mine), band(one.pressed for one in mine), band(one.wait for one in mine),
        most / len(rows) if rows else 0.0,
    )  # fmt: skip


def _most_pressed(row: ReplicationFigures) -> str:
    """The pool that was pressed longest in one replication; empty: none for long enough to hold anything up."""
    pressed = {code: one.pressed for code, one in row.pools.items() if one.pressed >= LIMITS_FROM}
    return max(sorted(pressed), key=pressed.__getitem__) if pressed else ""


def _limit(rows: Sequence[ReplicationFigures], names: dict[str, str]) -> Limit:
    counted = Counter(_most_pressed(row) for row in rows)
    if not counted:
        return Limit("", "", 0.0, 0.0, 0.0, 1.0)
    code = max(sorted(counted), key=counted.__getitem__)
    share = counted[code] / len(rows)
    pressed = band(row.pools[code].pressed for row in rows) if code else None
    return Limit(code, names.get(code, ""), pressed.mean if pressed else 0.0, share, *wilson(share, len(rows)))


def _gain(metrics: Sequence[MetricResult], after: Limit, before: Limit) -> tuple[str, bool]:
    """What changes for patients, in words; a band around 0, or a difference too small to feel, is gain 0."""
    by_field = {one.field: one for one in metrics}
    told = [
        (metric, change)
        for metric in METRICS
        if metric.field in GAIN_OF and by_field[metric.field].tells and (change := by_field[metric.field].change)
    ]
    moved = _moved(before, after)
    if not told:
        return f"Gain 0: no difference in throughput, on-time share or vein-to-vein time beyond chance. {moved}", False
    words = "; ".join(
        f"{metric.name.lower()} {change.mean:+.{metric.decimals}f} {metric.step}" for metric, change in told
    )
    better = [(change.mean > 0) == metric.more_is_better for metric, change in told]
    head = "Gain" if all(better) else "Loss" if not any(better) else "Mixed"
    return f"{head}: {words}. {moved}", any(better)


def _moved(before: Limit, after: Limit) -> str:
    """What becomes of the bottleneck; where no pool is called one on the bottleneck page, of that nearest to it."""
    was, then = (one.name if holds_up(one.code, one.pressed) else "" for one in (before, after))
    what = "bottleneck" if was or then else "pool nearest to a bottleneck"
    if was and not then:
        return f"The bottleneck ({was}) is gone: no pool is full with somebody waiting for half of the time any more."
    if not (was or then):
        was, then = before.name, after.name
    if not then:
        return "No pool is a bottleneck, before or after."
    if was == then:
        return f"The {what} stays: {then}."
    return f"The {what} moves from {was} to {then}." if was else f"{then} would become the {what}."


def holds_up(code: str, pressed: float) -> bool:
    """Whether a pool is pressed for so long that it holds the line up: by the same share as on the bottleneck page."""
    return bool(code) and pressed >= ENTER_SHARE
