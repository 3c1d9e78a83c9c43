"""The ledger of verdicts: what was shown of each line, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import transaction

from batches.capacity.models import Pool
from batches.lines.actions.readings import read_whole_pools
from batches.lines.models import ShownVerdict
from batches.lines.rules.verdicts import (
    FOLLOWED,
    REPORT_GRACE,
    ToldVerdict,
    after,
    changed_places,
    limited,
    opens_week,
    was_held_up,
)
from supplychain.sql import LOST, reason_of

log = structlog.get_logger(__name__)

# A line has one a week: many lines that were never scored take some rounds.
MOST_SCORED = 20
CAME = ["scored_at", "limited_by", "was_held_up", "came", "unscored_why"]


class SaidOfLine(NamedTuple):
    """A verdict, and the ids of the line's pools by their codes."""

    verdict: ToldVerdict
    pools: Mapping[str, UUID]


def keep_verdicts(said: Mapping[UUID, SaidOfLine], *, now: datetime) -> None:
    """Keep what is shown of these lines (by id) where it is something else than before, or the first of its week.

    One statement where nothing changes. Call it with the pool states of the lines locked, as `name_bottlenecks` is.
    """
    standing = {one.line_id: one for one in ShownVerdict.objects.filter(line__in=list(said), superseded_at=None)}
    news = {line: one for line, one in said.items() if _is_news(standing.get(line), one, now)}
    if not news:
        return
    ended = [one for line, one in standing.items() if line in news]
    for one in ended:
        one.superseded_at = max(now, one.made_at)
    ShownVerdict.objects.bulk_update(ended, ["superseded_at"])
    ShownVerdict.objects.bulk_create(_row(line, one, standing.get(line), now) for line, one in news.items())


def score_verdicts(*, now: datetime) -> int:
    """Write what the four weeks after the verdicts of each week came to; how many, at most MOST_SCORED at once.

    Five statements each. What cannot be read is marked with its reason and holds up no other.
    """
    with transaction.atomic():
        due = ShownVerdict.objects.filter(
            opens_week=True, scored_at=None, made_at__lte=now - FOLLOWED - REPORT_GRACE
        ).order_by("made_at", "pk")  # fmt: skip
        rows = list(due.select_for_update(skip_locked=True)[:MOST_SCORED])
        for row in rows:
            _score(row, now)
        ShownVerdict.objects.bulk_update(rows, CAME)
    return len(rows)


def _is_news(standing: ShownVerdict | None, said: SaidOfLine, now: datetime) -> bool:
    if standing is None or opens_week(now, standing.made_at):
        return True
    codes = {pool_id: code for code, pool_id in said.pools.items()}
    named = codes.get(standing.pool_id, "") if standing.pool_id else ""
    before = ToldVerdict(named, tuple(standing.rivals), standing.confidence, standing.window_hours)
    return said.verdict.is_news_after(before)


def _row(line: UUID, said: SaidOfLine, standing: ShownVerdict | None, now: datetime) -> ShownVerdict:
    verdict = said.verdict
    return ShownVerdict(
        line_id=line,
        pool_id=said.pools[verdict.pool] if verdict.pool else None,
        rivals=list(verdict.rivals),
        confidence=verdict.confidence,
        window_hours=verdict.window_hours,
        made_at=now,
        opens_week=opens_week(now, standing.made_at if standing else None),
    )


def _score(row: ShownVerdict, now: datetime) -> None:
    row.scored_at = now
    try:
        with transaction.atomic():
            _write_what_came(row)
    except LOST:
        raise
    except Exception as error:
        log.exception("what came of a verdict could not be read", line=str(row.line_id), verdict=str(row.pk))
        row.limited_by_id, row.was_held_up, row.came, row.unscored_why = None, None, {}, reason_of(error)


def _write_what_came(row: ShownVerdict) -> None:
    pools = {code: pool_id for pool_id, code in Pool.objects.filter(site=row.line_id).values_list("pk", "code")}
    keys = {(row.line_id, code): pool_id for code, pool_id in pools.items()}
    hours = FOLLOWED.total_seconds() / 3600
    read = read_whole_pools(keys, now=row.made_at + FOLLOWED, window_hours=hours).facts
    facts = {code: read[row.line_id, code] for code in pools}
    changed = changed_places(facts, row.made_at)
    if changed:
        row.unscored_why = f"Places changed in the weeks after: {', '.join(changed)}."[:200]
        return
    seen = after(facts, row.made_at)
    row.came = {code: one.evidence() for code, one in seen.items()}
    row.limited_by_id, row.was_held_up = pools.get(limited(seen)), was_held_up(seen)
