"""Which pool holds up a line now, and what such verdicts are worth on it."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from batches.lines.models import BottleneckPeriod, VerdictTrial
from batches.lines.rules.confidence import LineCurve
from batches.lines.rules.tried import TriedVerdicts
from supplychain.sites.models import Site


def open_bottlenecks(lines: Iterable[Site]) -> dict[UUID, BottleneckPeriod]:
    """By line, the pool that holds it up now; a line that flows freely is not in it. One query."""
    periods = BottleneckPeriod.objects.filter(line__in=[line.pk for line in lines], ended_at__isnull=True)
    return {period.line_id: period for period in periods.select_related("pool", "line")}


class TriedLine(NamedTuple):
    """What the verdict was worth on simulated lines of one line's own rates."""

    curve: LineCurve
    outcome: TriedVerdicts


CURVE = ("intercept", "slope", "may_be_firm")
OUTCOME = ("made_at", "lines", "firm", "firm_right", "may_be_firm")


def tried_lines(lines: Iterable[UUID]) -> dict[UUID, TriedLine]:
    """Those of these lines on which it was tried (docs/judgement/bottleneck.md); one query."""
    tried = VerdictTrial.objects.filter(line__in=list(lines), made_at__isnull=False)
    rows = tried.values_list("line_id", *CURVE, *OUTCOME)
    return {row[0]: TriedLine(LineCurve(*row[1:4]), TriedVerdicts(*row[4:])) for row in rows}
