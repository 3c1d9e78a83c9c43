"""What one line's page and one stage's page show: figures and charts made of one reading each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from batches.forecasts.queries.jobs import line_forecasts
from dashboards.lines.queries.history import (
    Window,
    bars,
    completed_by_week,
    infused_by_week,
    progress_changes,
    times_in_stage,
)
from dashboards.lines.queries.lines import (
    LineFigures,
    LineFilter,
    StageFigures,
    Stages,
    all_stages,
    line_figures,
    window_of,
)
from dashboards.lines.rules import charts as line_charts
from dashboards.lines.rules.charts import WAITING, WORKING, Behind
from dashboards.lines.rules.figures import (
    ShownStage,
    Times,
    bar_edges,
    counts_at,
    moments,
    shown_stages,
    week_starts,
)
from supplychain.orders.models import PatientOrder
from supplychain.pages.charts import Chart, Tone
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


@dataclass(frozen=True, slots=True)
class ForecastGaps:
    """What the newest forecast of a line leaves out, and why. `failed`: why there is none newer than `made_at`."""

    made_at: datetime | None
    failed: str
    orders: Sequence[tuple[PatientOrder, str]]
    unknown_demand: Collection[str]

    @property
    def is_incomplete(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.failed or self.orders or self.unknown_demand)


def forecast_gaps(site: Site) -> ForecastGaps | None:
    """Of a plant that is forecast; one query, two where orders are left out."""
    made = line_forecasts([site.pk]).get(site.pk) if site.kind == SiteKind.PLANT else None
    if made is None:
        return None
    orders = PatientOrder.objects.filter(pk__in=list(made.left_out)).order_by("coi") if made.left_out else ()
    named = [(order, made.left_out[str(order.pk)]) for order in orders]
    return ForecastGaps(made.made_at, made.failed, named, made.unknown_demand)


@dataclass(frozen=True, slots=True)
class LineReading:
    """One site over one time: what every part of its pages starts from."""

    site: Site
    chosen: LineFilter
    stages: dict[bool, Stages]
    window: Window
    zone: tzinfo
    behind: Behind

    @classmethod
    def of(cls, site: Site, chosen: LineFilter, address: str, now: datetime, zone: tzinfo) -> "LineReading":
        """The stages that this kind of site does, and the window; two queries."""
        stages = all_stages(chosen.product)
        window = window_of([site], [stages[site.kind == SiteKind.PLANT]], chosen.weeks, now, zone)
        return cls(site, chosen, stages, window, zone, Behind(address, chosen.given))

    @property
    def own(self) -> Stages:
        """The stages of this kind of site."""
        return self.stages[self.site.kind == SiteKind.PLANT]

    @property
    def weeks(self) -> list[datetime]:
        """The beginnings of the weeks shown."""
        return week_starts(self.window.now, self.chosen.weeks, self.zone)

    @property
    def moments(self) -> list[datetime]:
        """When work in progress is counted."""
        return moments(self.window.now, self.chosen.weeks, self.zone)

    def figures(self) -> LineFigures:
        """Stages, queues and pools now; four queries."""
        return line_figures([self.site], self.stages, self.window)[0]

    def stage(self, code: str) -> ShownStage | None:
        """The stage of this code; None: this kind of site has none."""
        return next((stage for stage in self.own.facts if stage.code == code), None)

    def narrowed(self, code: str) -> Window:
        """The window of one stage."""
        window = self.window
        pools = {stage.pool for stage in self.own.facts if stage.code == code}
        return Window(window.sites, sorted(pools | {""}), self.own.ids.get(code, []), window.since, window.now)


@dataclass(frozen=True, slots=True)
class WeekRow:
    """What one stage completed in each week, with the addresses of the orders behind the numbers."""

    stage: ShownStage
    cells: list[tuple[int, str]]
    total: int


@dataclass(frozen=True, slots=True)
class LineHistory:
    """How the chosen weeks of a line went."""

    progress: Chart
    throughput: Chart
    times: Chart
    weeks: list[datetime]
    week_rows: list[WeekRow]

    @property
    def charts(self) -> dict[str, Chart]:
        """By key."""
        return {chart.key: chart for chart in (self.progress, self.throughput, self.times)}


def queue_chart(reading: LineReading, figures: LineFigures) -> Chart:
    """The queue of all stages of a site by age."""
    return line_charts.queue_by_age([row.load for row in figures.rows], reading.behind)


def line_history(reading: LineReading) -> LineHistory:
    """Work in progress, throughput and time in stage of one site; four queries."""
    times = times_in_stage(reading.window).get(reading.site.pk, {})
    at, weeks = reading.moments, reading.weeks
    counts = counts_at(progress_changes(reading.window, at), len(at))
    completed = completed_by_week(reading.window, weeks)
    infused = infused_by_week(reading.site, [one.pk for one in reading.own.products], weeks, reading.window.now)
    facts, behind, zone = shown_stages(reading.own.facts, {}, times), reading.behind, reading.zone
    return LineHistory(
        progress=line_charts.progress_of_line(facts, counts, at, zone, behind),
        throughput=line_charts.throughput_of_line(facts, completed, infused, weeks, zone, behind),
        times=line_charts.times_of_line(facts, times, behind),
        weeks=weeks,
        week_rows=[_week_row(stage, completed, reading) for stage in facts if stage.code in completed],
    )


def _week_row(stage: ShownStage, completed: Mapping[str, list[int]], reading: LineReading) -> WeekRow:
    counts = completed[stage.code]
    links = line_charts.of_weeks(reading.behind, stage.code, reading.weeks, reading.zone)
    return WeekRow(stage, list(zip(counts, links, strict=True)), sum(counts))


@dataclass(frozen=True, slots=True)
class StageHistory:
    """How the chosen weeks of one stage went."""

    times: Times
    progress: Chart
    throughput: Chart
    waiting: Chart
    working: Chart

    @property
    def charts(self) -> dict[str, Chart]:
        """By key."""
        return {chart.key: chart for chart in (self.progress, self.throughput, self.waiting, self.working)}


def stage_history(reading: LineReading, stage: ShownStage) -> StageHistory:
    """Time in stage with its distribution, work in progress and throughput of one stage; four queries."""
    window, behind, zone = reading.narrowed(stage.code), reading.behind, reading.zone
    times = times_in_stage(window).get(reading.site.pk, {}).get(stage.code, Times())
    wait_edges = bar_edges(times.wait_p90, *stage.permitted[:1])
    work_edges = bar_edges(times.work_p90, *stage.planned)
    waited, worked = bars(window, wait_edges, work_edges)
    at, weeks = reading.moments, reading.weeks
    counts = counts_at(progress_changes(window, at), len(at))
    completed = completed_by_week(window, weeks)
    chart = line_charts.distribution
    return StageHistory(
        times=times,
        progress=line_charts.progress_of_stage(stage, counts, at, zone, behind),
        throughput=line_charts.throughput_of_stage(stage, completed, weeks, zone, behind),
        waiting=chart(WAITING, "How long they waited", wait_edges, waited, behind, stage.code, Tone.ATTENTION),
        working=chart(WORKING, "How long the work took", work_edges, worked, behind, stage.code, Tone.FIRST),
    )


def stage_figures(reading: LineReading, figures: LineFigures, code: str) -> dict[str, Any]:
    """One stage's row and pool, and its queue by age."""
    for group in figures.groups:
        for row in group.rows:
            if row.stage.code == code:
                return _stage_now(reading, group, row)
    return {}


def _stage_now(reading: LineReading, group: Any, row: StageFigures) -> dict[str, Any]:
    queue = line_charts.queue_by_age([row.load], reading.behind, row.stage.code)
    return {"group": group, "row": row, "queue": queue}
