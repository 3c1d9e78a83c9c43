"""How the bottleneck of a line moved: bands, shares of time, and each change in words with its numbers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batches.lines.rules.measures import RECENT_DAYS
from batches.lines.rules.pools import WINDOW_HOURS
from batches.lines.statuses import PoolCondition
from supplychain.pages.charts import Band, Chart, ChartKind, Tone

DAY_HOURS = 24.0
NO_BOTTLENECK = "No bottleneck"


class RootStretch(NamedTuple):
    """A time in which one pool was the root bottleneck of a line; `ended_at` None: it still is."""

    id: str
    pool: str
    name: str
    started_at: datetime
    ended_at: datetime | None
    why: str
    ended_why: str
    opened_why: str = ""


class Evidence(NamedTuple):
    """The numbers kept with a stretch: when it was named, at its newest review, and when it was given up."""

    opened: Mapping[str, Any]
    newest: Mapping[str, Any]
    ended: Mapping[str, Any]


class Share(NamedTuple):
    """How much of a time a pool was the bottleneck, and how often it was named."""

    name: str
    time: timedelta
    share: float
    times: int


class Number(NamedTuple):
    """One number of one pool before and after a change; `limit` says what it is held against."""

    pool: str
    what: str
    before: str
    after: str
    limit: str


@dataclass(frozen=True, slots=True)
class BottleneckChange:
    """The bottleneck came, went or moved. `before` and `after`: names of pools, empty: none."""

    id: str
    at: datetime
    before: str
    after: str
    crossed: str
    why: str
    numbers: list[Number]

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        if self.before and self.after:
            return f"From {self.before} to {self.after}"
        return f"{self.after} became the bottleneck" if self.after else f"{self.before}: no longer the bottleneck"


def bands_of(key: str, title: str, stretches: Sequence[RootStretch], since: datetime, now: datetime) -> Chart:
    """The stretches of one line as bands, a row for each pool that was ever named."""
    rows = list(dict.fromkeys(stretch.name for stretch in stretches))
    bands = [
        Band(
            row=one.name,
            started_at=one.started_at,
            ended_at=one.ended_at,
            text=_short(one.opened_why or one.why, one.name),
            tone=Tone.SECOND if one.ended_at else Tone.ATTENTION,
            link=f"#change-{one.id}",
        )
        for one in stretches
    ]
    return Chart(
        key=key, title=title, kind=ChartKind.BANDS, rows=rows, bands=bands, start=since, end=now,
        empty_text="no pool has held up this line in this time",
    )  # fmt: skip


def shares_of(stretches: Iterable[RootStretch], since: datetime, now: datetime) -> list[Share]:
    """Share of the time since `since` of each pool, most first, and what is left without a bottleneck."""
    whole = now - since
    spent: dict[str, timedelta] = {}
    named: dict[str, int] = {}
    for one in stretches:
        lasted = max(min(one.ended_at or now, now) - max(one.started_at, since), timedelta())
        spent[one.name] = spent.get(one.name, timedelta()) + lasted
        named[one.name] = named.get(one.name, 0) + 1
    shares = [Share(name, time, time / whole, named[name]) for name, time in spent.items()]
    free = max(whole - sum(spent.values(), timedelta()), timedelta())
    return [*sorted(shares, key=lambda share: share.time, reverse=True), Share(NO_BOTTLENECK, free, free / whole, 0)]


def changes_of(stretches: Iterable[tuple[RootStretch, Evidence]], since: datetime) -> list[BottleneckChange]:
    """Every change of one line since `since`, newest first. Where one ends at the moment another begins, it moved."""
    told = sorted(stretches, key=lambda pair: pair[0].started_at)
    begun = {stretch.started_at: (stretch, evidence) for stretch, evidence in told}
    followers: set[str] = set()
    changes = []
    for stretch, evidence in told:
        if stretch.ended_at is None or stretch.ended_at < since:
            continue
        after = begun.get(stretch.ended_at)
        if after and after[0].id != stretch.id:
            followers.add(after[0].id)
            changes.append(_moved((stretch, evidence), after))
        else:
            changes.append(_ended(stretch, evidence))
    news = [pair for pair in told if pair[0].started_at >= since and pair[0].id not in followers]
    changes += [_began(stretch, evidence) for stretch, evidence in news]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _began(stretch: RootStretch, evidence: Evidence) -> BottleneckChange:
    pool, limits = _pool(evidence.opened, stretch.pool), evidence.opened.get("limits", {})
    return BottleneckChange(
        id=stretch.id,
        at=stretch.started_at,
        before="",
        after=stretch.name,
        crossed=_entered(pool, limits),
        why=_short(stretch.opened_why or stretch.why, stretch.name),
        numbers=_numbers(stretch.name, {}, pool, f"named from {_percent(limits.get('enter_share'))}"),
    )


def _ended(stretch: RootStretch, evidence: Evidence) -> BottleneckChange:
    pool, limits = _pool(evidence.ended, stretch.pool), evidence.ended.get("limits", {})
    before = _pool(evidence.newest, stretch.pool)
    crossed = ""
    if pool:
        leave = _percent(limits.get("leave_share"))
        moves = "It moves again. " if before.get("condition") == PoolCondition.STUCK else ""
        moves = "A place opens again, or nobody needs it any more. " if _is_shut(before) else moves
        crossed = f"{moves}{_pressed(pool)}: less than the {leave} down to which a pool stays named"
    return BottleneckChange(
        id=f"end-{stretch.id}",
        at=stretch.ended_at or stretch.started_at,
        before=stretch.name,
        after="",
        crossed=crossed,
        why=_short(stretch.ended_why, stretch.name),
        numbers=_numbers(stretch.name, before, pool, f"stays named down to {_percent(limits.get('leave_share'))}"),
    )


def _moved(old: tuple[RootStretch, Evidence], new: tuple[RootStretch, Evidence]) -> BottleneckChange:
    (before, before_evidence), (after, after_evidence) = old, new
    opened, limits = after_evidence.opened, after_evidence.opened.get("limits", {})
    now_old, now_new = _pool(opened, before.pool), _pool(opened, after.pool)
    numbers = [
        *_numbers(before.name, _pool(before_evidence.newest, before.pool), now_old,
                  f"stays named down to {_percent(limits.get('leave_share'))}"),
        *_numbers(after.name, _pool(before_evidence.newest, after.pool), now_new,
                  f"named from {_percent(limits.get('enter_share'))}"),
    ]  # fmt: skip
    return BottleneckChange(
        id=after.id,
        at=after.started_at,
        before=before.name,
        after=after.name,
        crossed=_displaced(now_old, now_new, limits),
        why=before.ended_why,
        numbers=numbers,
    )


def _entered(pool: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    if not pool:
        return ""
    if _is_shut(pool):
        return "No place was open and no date set for one, though open orders need it: such a pool is named at once"
    if pool.get("condition") == PoolCondition.STUCK:
        return "Nothing moved any more while somebody waited: a stuck pool is named at once"
    enter = limits.get("enter_share")
    if enter and (pool.get("pressed_share") or 0.0) < enter:
        return f"{_pressed(pool)}, and for half or more of each of the last {RECENT_DAYS} days: these name it"
    return f"{_pressed(pool)}: at least the {_percent(enter)} from which a pool is named"


def _is_shut(pool: Mapping[str, Any]) -> bool:
    """Whether it was named for want of any place (batches.lines.rules.line_pools)."""
    return pool.get("capacity") == 0 and "expected_wait_hours" in pool and pool["expected_wait_hours"] is None


def _displaced(old: Mapping[str, Any], new: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    if not (old and new):
        return ""
    if _is_shut(new):
        return _entered(new, limits)
    # Where more of the past than the week decided, its figures are the reason.
    mine, theirs, ratio = _order_days(_decided(new)), _order_days(_decided(old)), limits.get("displace_ratio")
    if theirs and ratio and mine >= ratio * theirs:
        days = _decided(new).get("window_hours", WINDOW_HOURS) / 24
        return (
            f"{mine:.1f} days waited by all orders together in {days:.0f} days, against {theirs:.1f}: "
            f"{mine / theirs:.2f} times as many, at least {ratio:g} times are needed"
        )
    return _entered(new, limits)


def _numbers(name: str, before: Mapping[str, Any], after: Mapping[str, Any], limit: str) -> list[Number]:
    if not (before or after):
        return []
    rows = (
        ("Full with a queue", lambda pool: _percent(pool.get("pressed_share")), limit),
        ("Days waited, all orders together", lambda pool: f"{_order_days(pool):.1f}", ""),
        ("Places taken", lambda pool: f"{pool.get('busy')} of {pool.get('capacity')}", ""),
        ("Waiting", lambda pool: str(pool.get("queue")), ""),
        *(JUDGED if "sole_share" in after else ()),
        *(DECIDED if "longer" in after else ()),
    )
    return [
        Number(name, what, of(before) if before else "–", of(after) if after else "–", held) for what, of, held in rows
    ]


def _limiting(pool: Mapping[str, Any]) -> float | None:
    return pool["sole_share"] + pool["shifting_share"] if "sole_share" in pool else None


# Kept since active periods are told; before that there is nothing to show.
JUDGED = (
    ("Limited the line, alone or in turn", lambda pool: _percent(_limiting(pool)), ""),
    ("Named in random mixes of the days", lambda pool: _percent(pool.get("named_share")), ""),
)


# What chose where the week alone says too little.
DECIDED = (
    ("Days that decided", lambda pool: f"{_decided(pool).get('window_hours', WINDOW_HOURS) / 24:.0f}", ""),
    ("Days waited by all orders in them", lambda pool: f"{_order_days(_decided(pool)):.1f}", ""),
)


def _decided(pool: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of the window that chose between this pool and others."""
    return pool.get("longer") or pool


def _pool(evidence: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    return next((pool for pool in evidence.get("pools", ()) if pool.get("pool") == code), {})


def _order_days(pool: Mapping[str, Any]) -> float:
    return (pool.get("waiting_hours") or 0.0) / DAY_HOURS


def _pressed(pool: Mapping[str, Any]) -> str:
    days = (pool.get("window_hours") or WINDOW_HOURS) / DAY_HOURS
    return f"Full with a queue for {_percent(pool.get('pressed_share'))} of the last {days:g} days"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def _short(text: str, name: str) -> str:
    """“Pool: what” where the pool has been named already: only what."""
    rest = text.removeprefix(f"{name}: ")
    return rest[:1].upper() + rest[1:]
