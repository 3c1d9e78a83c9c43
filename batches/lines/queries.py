"""Which pool holds up a line now."""

from collections.abc import Iterable
from uuid import UUID

from batches.lines.models import BottleneckPeriod
from supplychain.sites.models import Site


def open_bottlenecks(lines: Iterable[Site]) -> dict[UUID, BottleneckPeriod]:
    """By line, the pool that holds it up now; a line that flows freely is not in it. One query."""
    periods = BottleneckPeriod.objects.filter(line__in=[line.pk for line in lines], ended_at__isnull=True)
    return {period.line_id: period for period in periods.select_related("pool", "line")}
