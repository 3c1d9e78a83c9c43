"""What the verdict on a line says: how sure it is, which pool limits when, if the record adds up, what helps. Pure.

Read from the evidence that the reviews keep (docs/judgement/bottleneck.md); what an older review did not keep is left
out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batches.forecasts.rules.words import about_days
from batches.lines.rules.confidence import FIRM, LIKELY
from batches.lines.rules.sureness import sure_of_none
from batches.lines.rules.tried import UNTRIED, tried_in
from supplychain.pages.charts import Band, Chart, ChartKind, Look, Tone
from supplychain.words import with_verb

# Below this hardly anybody waits.
NO_WAIT_HOURS = 0.5
LOOKS = {
    "sole": ("Full for longest, alone", Tone.ATTENTION, Look.SOLID),
    "shifting": ("Full for longest in turn with another pool", Tone.ATTENTION, Look.HATCHED),
    "active": ("Full, but another pool was full for longer", Tone.MUTED, Look.OUTLINED),
}


class Measured(NamedTuple):
    """One pool of a line with what its newest review kept."""

    code: str
    name: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """Little's law for one pool that does not add up: what is likely wrong, and orders to look at (id, its number)."""

    pool: str
    finding: str
    orders: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """The verdict on one line in words. `confidence` 0–1, None: not known; `tried`: what that rests on, with a mark for
    the day; `pools`: those measured, in flow order."""

    confidence: float | None
    sure: str
    resamples: str
    tried: str
    pools: Sequence[Measured]
    chart: Chart | None
    checks: Sequence[Check]
    relief: Sequence[str]
    missing: int | None

    @property
    def is_firm(self) -> bool:
        """Whether it is called firm."""
        return self.confidence is not None and self.confidence >= FIRM


def verdict_of(
    key: str, root: str, evidence: Mapping[str, Any], states: Iterable[Measured], now: datetime,
    *, line: str = "", ahead: str = "", cois: Mapping[str, str] | None = None,
) -> LineVerdict:  # fmt: skip
    """The verdict on a line: `root` code of the pool named (empty: none), `evidence` of the period that stands;
    `line`: its name, for the chart; `ahead`: name of the pool by which its own simulation is held up in the next weeks
    (empty: none, or not known); `cois`: the numbers of the orders to look at, by id.

    How sure none is says how often such lines were held up in the weeks after: where this line's own orders tell that
    it will be, that is not said.
    """
    pools = sorted((one for one in states if one.evidence), key=lambda one: (one.evidence.get("position", 0), one.code))
    confidence = evidence.get("confidence") if root else None if ahead else _none_sure(pools)
    resampled = evidence.get("resampled_share", confidence) if root else _none_named(pools)
    return LineVerdict(
        confidence=confidence,
        sure=_sure_words(root, evidence, pools, confidence, ahead),
        resamples=_worth(root, evidence, confidence) + _resamples(resampled, named=bool(root)),
        tried=_tried(evidence) if root and _is_calibrated(evidence) else "",
        pools=pools,
        chart=_chart(key, pools, line, now),
        checks=_checks(pools, cois or {}),
        relief=relief_words(evidence.get("relief") or {}),
        missing=evidence.get("orders_missing_promise") if root else None,
    )


def _none_sure(pools: Sequence[Measured]) -> float | None:
    """How sure it is that none of them limits the line; None where that was not kept of a pool."""
    used = [one.evidence["used"] for one in pools if "used" in one.evidence]
    return sure_of_none(used) if used and len(used) == len(pools) else None


def _none_named(pools: Sequence[Measured]) -> float | None:
    shares = [one.evidence.get("named_share", 0.0) for one in pools]
    return max(0.0, 1 - sum(shares)) if shares else None


def _sure_words(
    root: str, evidence: Mapping[str, Any], pools: Sequence[Measured], confidence: float | None, ahead: str
) -> str:
    near = [one.name for one in pools if one.code in {root, *evidence.get("not_told_apart", ())}]
    if root and len(near) > 1:
        return _not_told_apart(near)
    if not root and ahead:
        return f"Open: simulated, {with_verb(ahead, 'will hold it up')} in the next four weeks"
    return _sure(confidence, _why_open(evidence, root, pools))


def _sure(confidence: float | None, why_open: str) -> str:
    if confidence is None:
        return ""
    return "Firm" if confidence >= FIRM else "Likely" if confidence >= LIKELY else f"Open: {why_open}"


def _why_open(evidence: Mapping[str, Any], root: str, pools: Iterable[Measured]) -> str:
    if not root:
        return "its fullest pool leaves little room"
    if not _is_calibrated(evidence):
        return "it hangs on single days"
    is_alone = {one.evidence.get("utilisation") == 0 for one in pools if one.code != root} == {True}
    return "too few have got through it to tell" if is_alone else "another pool is used about as much"


def _is_calibrated(evidence: Mapping[str, Any]) -> bool:
    """Whether its confidence is how often such verdicts were right where the truth was known; not in older ones."""
    return "resampled_share" in evidence


def _tried(evidence: Mapping[str, Any]) -> str:
    tried = tried_in(evidence)
    return tried.words if tried else UNTRIED


def _not_told_apart(names: Sequence[str]) -> str:
    return f"Not told apart: {', '.join(names[:-1])} or {names[-1]}"


def _calibrated(evidence: Mapping[str, Any], root: str) -> str:
    """How often such a verdict was right where the truth was known; empty for older ones."""
    if not root or not _is_calibrated(evidence):
        return ""
    return f"with so clear a lead it was right for {hundredths(evidence['confidence'])} of 100 simulated lines; "


def _worth(root: str, evidence: Mapping[str, Any], confidence: float | None) -> str:
    return _calibrated(evidence, root) if root else _clear(confidence)


def _clear(confidence: float | None) -> str:
    if confidence is None:
        return ""
    return f"{hundredths(confidence)} of 100 simulated lines as full were not held up in the four weeks after; "


def _resamples(confidence: float | None, *, named: bool) -> str:
    if confidence is None:
        return ""
    return (
        f"{'named' if named else 'no pool named'} in {hundredths(confidence)} of 100 random mixes of the window's days"
    )


def hundredths(share: float) -> str:
    """A share as a count of 100 that is 0 or 100 only where it is exactly so."""
    count = min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)
    return str(count)


def _chart(key: str, pools: Sequence[Measured], line: str, now: datetime) -> Chart | None:
    if not pools:
        return None
    days = max(((one.evidence.get("little") or {}).get("window_hours", 168.0) for one in pools), default=168.0) / 24
    title = ", ".join(filter(None, (f"Which pool was full for longest, past {days:g} days", line)))
    return Chart(
        key=key, title=title, kind=ChartKind.BANDS,
        rows=[one.name for one in pools], bands=[band for one in pools for band in _bands(one)],
        start=now - timedelta(days=days), end=now,
        empty_text="no pool had all its places taken",
    )  # fmt: skip


def _bands(pool: Measured) -> list[Band]:
    bands = []
    for kind, start, end in pool.evidence.get("stretches", ()):
        words, tone, look = LOOKS[kind]
        bands.append(Band(
            pool.name, datetime.fromisoformat(start), datetime.fromisoformat(end), words, tone=tone, look=look
        ))  # fmt: skip
    return bands


def orders_to_check(evidence: Mapping[str, Any]) -> list[str]:
    """Ids of the orders to look at where Little's law does not add up for a pool; none where it does."""
    little = evidence.get("little") or {}
    return [] if little.get("adds_up") else list(dict.fromkeys(one["order"] for one in little.get("examples", ())))


def _checks(pools: Sequence[Measured], cois: Mapping[str, str]) -> list[Check]:
    checks = []
    for pool in pools:
        little = pool.evidence.get("little") or {}
        if little and not little.get("adds_up"):
            orders = [(order, cois.get(order, order)) for order in orders_to_check(pool.evidence)]
            checks.append(Check(pool.name, little.get("finding", ""), orders))
    return checks


def relief_words(relief: Mapping[str, Any]) -> list[str]:
    """What one more place would bring, in sentences; nothing known, nothing said."""
    if not relief:
        return []
    return [_gain(relief), *_queue(relief), *_long_run(relief)]


def _gain(relief: Mapping[str, Any]) -> str:
    places, before, after = relief["places_after"], relief["weekly_before"], relief["weekly_after"]
    binds = relief.get("binds", "")
    if relief["gain"] > 0:
        limit = f"; then {with_verb(binds, 'limits the line')}" if binds else ""
        return f"With {places} places {after:.1f} orders a week go through instead of {before:.1f}{limit}."
    if binds:
        as_full = with_verb(binds, "is as full")
        return f"With {places} places no more orders go through: {as_full}, and would limit the line then."
    return f"With {places} places no more orders go through: no more come than go through already."


def _queue(relief: Mapping[str, Any]) -> list[str]:
    before, after = relief.get("joins_before_hours"), relief.get("joins_after_hours")
    if not before or after is None:
        return []
    if after < NO_WAIT_HOURS:
        return ["New arrivals would hardly wait at all."]
    # Only the difference: what new arrivals wait is counted anew with every review, and stands above.
    if before - after < NO_WAIT_HOURS:
        return ["New arrivals would wait about as long."]
    return [f"New arrivals would wait {about_days(timedelta(hours=before - after))} less."]


def _long_run(relief: Mapping[str, Any]) -> list[str]:
    """The mean wait in the long run: an interval, or nothing where the window tells too little."""
    before, after = relief.get("wait_before_interval"), relief.get("wait_after_interval")
    if not before or not after:
        return []
    if before[1] is not None and before[1] < NO_WAIT_HOURS:
        return ["At the window's rate of arrivals hardly anyone waits in the long run: the queue is a backlog."]
    if after[0] is None:
        return ["In the long run the queue still grows without limit: more orders come than go through."]
    if before[0] is None:
        return [f"In the long run new arrivals would wait {_span(after)}; as it is, the queue grows without limit."]
    if before[1] is None and before[0] < NO_WAIT_HOURS:
        return ["How long new arrivals wait in the long run cannot be told from so few orders."]
    return [f"In the long run new arrivals would wait {_span(after)} instead of {_span(before)}."]


def _span(interval: Sequence[float | None]) -> str:
    low, high = interval
    if low is None:
        return "without limit"
    if high is None:
        return f"{_wait(low)} or longer, perhaps without limit"
    return _wait(low) if _wait(low) == _wait(high) else f"between {_wait(low)} and {_wait(high)}"


def _wait(hours: float) -> str:
    return "hardly at all" if hours < NO_WAIT_HOURS else about_days(timedelta(hours=hours))
