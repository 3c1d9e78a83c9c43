"""The bottlenecks page: each line now, its history, and why the bottleneck moved. A fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from batches.lines.models import BottleneckPeriod, PoolState
from batches.lines.queries import open_bottlenecks
from batches.lines.rules.failures import FailingReview, failing_review
from batches.ramp_ups.queries.outlooks import LineOutlook, line_outlooks
from dashboards.lines.rules.bottleneck_history import (
    BottleneckChange,
    Evidence,
    RootStretch,
    Share,
    bands_of,
    changes_of,
    shares_of,
)
from dashboards.lines.rules.verdicts import LineVerdict, Measured, orders_to_check, verdict_of
from supplychain.orders.models import PatientOrder
from supplychain.pages.charts import Chart
from supplychain.sites.models import Site

DAYS = (30, 90, 365)
# Changes are told with all their numbers, the newest first; older ones still show as bands.
MOST_EXPLAINED = 40


@dataclass(frozen=True, slots=True)
class BottleneckChoice:
    """Which line (code of a plant, empty: all) and how many days back."""

    line: str = ""
    days: int = DAYS[1]

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        days, line = given.get("days", ""), given.get("line", "").strip()[:50].replace("\0", "")
        return cls(line, int(days) if days in map(str, DAYS) else DAYS[1])

    @property
    def query(self) -> str:
        """The same as a query string, without what stands by default."""
        days = self.days if self.days != DAYS[1] else ""
        return urlencode({name: value for name, value in (("line", self.line), ("days", days)) if value})

    def over(self, days: int) -> Self:
        """The same over another time."""
        return replace(self, days=days)


@dataclass(frozen=True, slots=True)
class LineBottlenecks:
    """One line: the period that stands, its pools now, what was before, and how sure that is; `ahead`: what is to limit
    it in the next weeks, None: not simulated."""

    site: Site
    period: BottleneckPeriod | None
    states: Sequence[PoolState]
    bands: Chart
    shares: list[Share]
    changes: list[BottleneckChange]
    verdict: LineVerdict
    ahead: LineOutlook | None

    @property
    def root(self) -> dict[str, Any]:
        """The newest numbers of the pool that holds up the line."""
        if self.period is None:
            return {}
        pools = self.period.evidence.get("pools", ())
        return next((pool for pool in pools if pool.get("pool") == self.period.pool.code), {})

    @property
    def failing(self) -> FailingReview | None:
        """Since when its pools could not be reviewed; None: they are."""
        return failing_review(self.states)

    @property
    def differs(self) -> str:
        """Why the next weeks name another pool than the past one; empty: they do not, or nothing is known of them."""
        return self.ahead.differs_from(self.period.pool.name if self.period else "") if self.ahead else ""

    @property
    def nearest(self) -> PoolState | None:
        """The pool that comes nearest to being named, where none is."""
        pressed = [state for state in self.states if state.pressed_share > 0]
        return max(pressed, key=lambda state: state.pressed_share, default=None)


def bottleneck_lines(lines: Sequence[Site], chosen: BottleneckChoice, now: datetime) -> list[LineBottlenecks]:
    """Each of `lines`, now and over the chosen days; five queries, one more where there are orders to look at."""
    lines = [line for line in lines if chosen.line in ("", line.code)]
    since = now - timedelta(days=chosen.days)
    standing = open_bottlenecks(lines)
    stretches = _stretches(lines, since)
    explained = _explained(lines, since)
    ahead = line_outlooks(lines)
    states: dict[UUID, list[PoolState]] = {}
    for state in PoolState.objects.filter(pool__site__in=lines).select_related("pool"):
        states.setdefault(state.pool.site_id, []).append(state)
    cois = _cois(state for of_line in states.values() for state in of_line)
    return [
        LineBottlenecks(
            site=line,
            period=standing.get(line.pk),
            states=states.get(line.pk, []),
            bands=bands_of(
                f"bands-{line.code}", f"Past {chosen.days} days, {line.name}", stretches.get(line.pk, []), since, now
            ),
            shares=shares_of(stretches.get(line.pk, []), since, now),
            changes=changes_of(explained.get(line.pk, []), since),
            verdict=_verdict(line, standing.get(line.pk), states.get(line.pk, []), ahead.get(line.pk), cois, now),
            ahead=ahead.get(line.pk),
        )
        for line in lines
    ]


def _verdict(
    line: Site, period: BottleneckPeriod | None, states: Sequence[PoolState], ahead: LineOutlook | None,
    cois: Mapping[str, str], now: datetime,
) -> LineVerdict:  # fmt: skip
    measured = [Measured(state.pool.code, state.pool.name, state.evidence) for state in states]
    root, evidence = (period.pool.code, period.evidence) if period else ("", {})
    return verdict_of(
        f"limits-{line.code}", root, evidence, measured, now,
        line=line.name, ahead=ahead.holds_up if ahead else "", cois=cois,
    )  # fmt: skip


def _cois(states: Iterable[PoolState]) -> dict[str, str]:
    """The chains of identity of the orders to look at, by id: who sees a line sees its orders."""
    ids = {order for state in states for order in orders_to_check(state.evidence)}
    rows = PatientOrder.objects.filter(pk__in=ids).values_list("pk", "coi") if ids else ()
    return {str(order_id): coi for order_id, coi in rows}


def _periods(lines: Sequence[Site], since: datetime) -> Any:
    in_time = Q(ended_at__isnull=True) | Q(ended_at__gte=since)
    return BottleneckPeriod.objects.filter(in_time, line__in=lines).order_by("-started_at", "pk")


def _stretches(lines: Sequence[Site], since: datetime) -> dict[UUID, list[RootStretch]]:
    found: dict[UUID, list[RootStretch]] = {}
    for line_id, *row in _periods(lines, since).values_list("line_id", *STRETCH_COLUMNS):
        found.setdefault(line_id, []).append(_stretch(row))
    return found


def _explained(lines: Sequence[Site], since: datetime) -> dict[UUID, list[tuple[RootStretch, Evidence]]]:
    found: dict[UUID, list[tuple[RootStretch, Evidence]]] = {}
    columns = ("line_id", "opened_evidence", "evidence", "ended_evidence", *STRETCH_COLUMNS)
    for line_id, opened, newest, ended, *row in _periods(lines, since).values_list(*columns)[:MOST_EXPLAINED]:
        found.setdefault(line_id, []).append((_stretch(row), Evidence(opened, newest, ended)))
    return found


STRETCH_COLUMNS = (
    "pk", "pool__code", "pool__name", "started_at", "ended_at", "why", "ended_why", "opened_why",
)  # fmt: skip


def _stretch(row: Sequence[Any]) -> RootStretch:
    return RootStretch(str(row[0]), *row[1:])
