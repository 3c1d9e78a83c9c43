"""The charts of the line pages, made of their figures. Pure.

`behind` gives the address of the orders behind a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from dashboards.lines.rules.figures import AGE_NAMES, Load, ShownStage, Times, age_hours, bar_names
from supplychain.pages.charts import CATEGORIES, Chart, ChartKind, Series, Tone

WAITING, WORKING = "waiting", "working"
EVERY_STAGE = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """Addresses of the lists of orders behind numbers: one page, told by its parameters what to list."""

    address: str
    given: Mapping[str, Any]

    def __call__(self, part: str, **more: Any) -> str:
        """The list of one part; what is empty is left out."""
        chosen = {"part": part, **more, **self.given}
        return f"{self.address}?{urlencode({name: value for name, value in chosen.items() if value not in ('', None)})}"


def queue_by_age(loads: Sequence[Load], behind: Behind, stage: str = EVERY_STAGE) -> Chart:
    """How long those who wait have waited, told apart by whether they still may."""
    within = [sum(load.within[age] for load in loads) for age in range(len(AGE_NAMES))]
    past = [sum(load.past[age] for load in loads) for age in range(len(AGE_NAMES))]
    spans = [age_hours(age) for age in range(len(AGE_NAMES))]
    links = [behind("waiting", stage=stage, low=low or "", high=high) for low, high in spans]
    links_past = [behind("past", stage=stage, low=low or "", high=high) for low, high in spans]
    shown = any((*within, *past))
    return Chart(
        key="queue-by-age",
        title="Queue by age",
        kind=ChartKind.STACKED_BARS,
        labels=AGE_NAMES,
        row_name="Waiting for",
        series=(
            Series("Within the permitted wait", within, Tone.FIRST, links=links),
            Series("Past the permitted wait", past, Tone.CRITICAL, links=links_past),
        )
        if shown
        else (),
        unit="orders",
        empty_text="nobody waits here now",
    )


def progress_of_line(
    stages: Sequence[ShownStage],
    counts: Mapping[tuple[str, str], Sequence[int]],
    at: Sequence[datetime],
    zone: tzinfo,
    behind: Behind,
) -> Chart:
    """Orders at each stage, waiting or at work, at each of the moments."""
    links = [behind("present", at=_stamp(moment)) for moment in at]
    series = []
    for number, stage in enumerate(stages):
        waiting, working = (counts.get((stage.code, part)) for part in (WAITING, WORKING))
        if waiting or working:
            values = [sum(pair) for pair in zip(waiting or [0] * len(at), working or [0] * len(at), strict=True)]
            series.append(Series(stage.name, values, CATEGORIES[number % len(CATEGORIES)], links=links))
    return _progress(_names(at, zone), series)


def progress_of_stage(
    stage: ShownStage,
    counts: Mapping[tuple[str, str], Sequence[int]],
    at: Sequence[datetime],
    zone: tzinfo,
    behind: Behind,
) -> Chart:
    """Orders waiting for one stage and at work in it, at each of the moments."""
    links = [behind("present", stage=stage.code, at=_stamp(moment)) for moment in at]
    series = [
        Series(name, counts.get((stage.code, part), [0] * len(at)), tone, links=links)
        for name, part, tone in (("At work", WORKING, Tone.FIRST), ("Waiting", WAITING, Tone.ATTENTION))
    ]
    return _progress(_names(at, zone), series if counts else [])


def _progress(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    return Chart(
        key="progress",
        title="Work in progress",
        kind=ChartKind.STACKED_AREAS,
        labels=labels,
        row_name="When",
        series=series,
        unit="orders",
        empty_text="orders appear here as they reach a stage in this time",
    )


def throughput_of_line(
    stages: Sequence[ShownStage],
    completed: Mapping[str, Sequence[int]],
    infused: Sequence[int],
    weeks: Sequence[datetime],
    zone: tzinfo,
    behind: Behind,
) -> Chart:
    """What the first and the last stage completed each full week, and how many patients were infused."""
    with_work = [stage for stage in stages if stage.code in completed]
    full = weeks[:-1]  # a week that has just begun would look like a collapse
    ends = list(dict.fromkeys([*with_work[:1], *with_work[-1:]]))
    series = [
        Series(
            f"{stage.name} completed", completed[stage.code][:-1], tone, links=of_weeks(behind, stage.code, full, zone)
        )
        for stage, tone in zip(ends, (Tone.MUTED, Tone.FIRST), strict=False)
    ]
    links = [behind("infused", week=_day(week, zone)) for week in full]
    series.append(Series("Infused", infused[:-1], Tone.GOOD, dashed=True, links=links))
    return _throughput(series if with_work or any(infused) else [], _names(full, zone), ChartKind.LINES)


def throughput_of_stage(
    stage: ShownStage, completed: Mapping[str, Sequence[int]], weeks: Sequence[datetime], zone: tzinfo, behind: Behind
) -> Chart:
    """What one stage completed each week."""
    links = of_weeks(behind, stage.code, weeks, zone)
    series = [Series("Completed", completed[stage.code], Tone.FIRST, links=links)] if stage.code in completed else []
    names = _names(weeks, zone)
    return _throughput(series, [*names[:-1], f"{names[-1]} so far"], ChartKind.BARS)


def _throughput(series: Sequence[Series], labels: Sequence[str], kind: ChartKind) -> Chart:
    return Chart(
        key="throughput",
        title="Throughput per week, by its Monday",
        kind=kind,
        labels=labels,
        row_name="Week",
        series=series,
        unit="orders",
        empty_text="a stage that is completed in this time counts in its week",
    )


def times_of_line(stages: Sequence[ShownStage], times: Mapping[str, Times], behind: Behind) -> Chart:
    """Median wait and median work of each stage beside what was planned."""
    shown = [stage for stage in stages if times.get(stage.code, Times()).completed]
    of = [times[stage.code] for stage in shown]
    links = [behind("completed", stage=stage.code) for stage in shown]
    rows = (
        ("Waiting, median", [one.wait_median for one in of], Tone.ATTENTION),
        ("Working, median", [one.work_median for one in of], Tone.FIRST),
        ("Working, planned", [stage.planned[-1] for stage in shown], Tone.MUTED),
    )
    return Chart(
        key="times",
        title="Time in stage",
        kind=ChartKind.BARS,
        labels=[stage.name for stage in shown],
        row_name="Stage",
        series=[Series(name, _rounded(values), tone, links=links) for name, values, tone in rows] if shown else (),
        unit="h",
        empty_text="a stage completed in this time counts",
        sideways=True,
    )


def distribution(
    key: str, title: str, edges: Sequence[float], counts: Sequence[int], behind: Behind, stage: str, tone: Tone
) -> Chart:
    """How many completed runs waited, or worked, how long. `counts`: one more than there are bars with an end."""
    spans = zip(edges, [*edges[1:], None], strict=True)
    part = "waited" if key == WAITING else "worked"
    links = [behind(part, stage=stage, low=f"{low:g}", high=high and f"{high:g}") for low, high in spans]
    return Chart(
        key=f"{key}-times",
        title=title,
        kind=ChartKind.BARS,
        labels=bar_names(edges),
        row_name="How long",
        series=[Series("Runs", counts, tone, links=links)] if any(counts) else (),
        unit="orders",
        empty_text="a stage completed in this time, with both moments known, counts",
    )


def of_weeks(behind: Behind, stage: str, weeks: Sequence[datetime], zone: tzinfo) -> list[str]:
    """Where the number of each week leads."""
    return [behind("completed", stage=stage, week=_day(week, zone)) for week in weeks]


def _names(moments: Sequence[datetime], zone: tzinfo) -> list[str]:
    """Days as labels; the year stands where it is another than before."""
    names: list[str] = []
    year = None
    for moment in moments:
        local = moment.astimezone(zone)
        names.append(f"{local.day} {local:%b}" + ("" if year in (None, local.year) else f" {local.year}"))
        year = local.year
    return names


def _day(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _rounded(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else round(value, 1) for value in values]


def week_end(week: datetime, zone: tzinfo) -> datetime:
    """The next Monday's midnight, also across a change of clocks."""
    local = week.astimezone(zone)
    return datetime.combine(local.date() + timedelta(weeks=1), local.time(), tzinfo=zone)
