"""Measuring the lines of a review whose verdict is due or in doubt; the others keep what was measured."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from batches.lines.actions.claims import Claim
from batches.lines.actions.readings import PoolReadings, read_further_back, with_stays
from batches.lines.rules.doubt import PoolBefore, must_be_measured
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.long_views import LONGEST_WINDOW_HOURS, needs_longer_view, with_longer_view
from batches.lines.rules.measures import measure_line

_Pools = Mapping[UUID, LinePool]
_Line = Sequence[Claim]


def with_measures(claims: Sequence[Claim], pools: _Pools, readings: PoolReadings, *, now: datetime) -> _Pools:
    """The same pools, those of the lines that must be measured with their measures and, where the week alone says too
    little, with more of the past; two statements at most."""
    lines = [line for line in _lines(claims) if _is_asked(line, pools, now)]
    if not lines:
        return pools
    facts = with_stays(readings, [claim.key for line in lines for claim in line], now=now)
    measured = dict(pools)
    for line in lines:
        measures = measure_line({claim.code: facts[claim.key] for claim in line}, now)
        measured |= {one.pool_id: replace(pools[one.pool_id], measures=measures[one.code]) for one in line}
    return _with_longer_views(lines, measured, readings, now)


def _lines(claims: Sequence[Claim]) -> list[_Line]:
    lines: dict[UUID, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.in_line:
            lines[claim.site_id].append(claim)
    return list(lines.values())


def _is_asked(line: _Line, pools: _Pools, now: datetime) -> bool:
    if any(claim.failing for claim in line):
        return True
    reviews = [(_before(claim), pools[claim.pool_id].review) for claim in line]
    return must_be_measured(reviews, now)


def _before(claim: Claim) -> PoolBefore:
    return PoolBefore(claim.condition, claim.capacity, claim.pressed_share, claim.measured_at)


def _with_longer_views(lines: Sequence[_Line], pools: _Pools, readings: PoolReadings, now: datetime) -> _Pools:
    asked = [line for line in lines if needs_longer_view([pools[claim.pool_id] for claim in line])]
    if not asked:
        return pools
    keys = [claim.key for line in asked for claim in line]
    facts = read_further_back(readings, keys, opened=now - timedelta(hours=LONGEST_WINDOW_HOURS))
    found = dict(pools)
    for line in asked:
        of_line = {claim.code: facts[claim.key] for claim in line}
        seen = with_longer_view([pools[claim.pool_id] for claim in line], of_line, now)
        found |= {claim.pool_id: pool for claim, pool in zip(line, seen, strict=True)}
    return found
