"""The line pages: what stands at each stage of a site, and how the past weeks went. A fixed number of queries each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from batches.lines.models import BottleneckPeriod, PoolState
from batches.lines.rules.failures import FailingReview, failing_review
from batches.lines.rules.places import WHY_MORE_AT_WORK, more_at_work_words
from dashboards.lines.queries.history import Window, times_in_stage
from dashboards.lines.queries.loads import loads_at_stages
from dashboards.lines.rules.figures import (
    Load,
    ShownStage,
    StageRow,
    Times,
    merge_stages,
    shown_stages,
    week_starts,
)
from supplychain.flows.models import Product, Stage
from supplychain.flows.statuses import StagePlace
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

WEEKS = (8, 26, 52)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """What a person chose to see of a line: code of a product (empty: all), and how many weeks back."""

    product: str = ""
    weeks: int = WEEKS[0]

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        weeks = given.get("weeks", "")
        product = given.get("product", "").strip()[:50].replace("\0", "")
        return cls(product, int(weeks) if weeks in map(str, WEEKS) else WEEKS[0])

    @property
    def given(self) -> dict[str, Any]:
        """What is not as by default."""
        weeks = self.weeks if self.weeks != WEEKS[0] else ""
        return {name: value for name, value in (("product", self.product), ("weeks", weeks)) if value}

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode(self.given)

    def over(self, weeks: int) -> Self:
        """The same over another time."""
        return replace(self, weeks=weeks)


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one kind of site in flow order, with the ids of their rows in every flow, old and new."""

    facts: list[ShownStage]
    ids: dict[str, list[UUID]]
    products: list[Product]

    @property
    def all_ids(self) -> list[UUID]:
        """Every row of these stages."""
        return [one for same in self.ids.values() for one in same]


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One row of a line's table."""

    stage: ShownStage
    load: Load
    times: Times


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """Neighbouring stages that need the same pool, with its state and whether it holds up the line."""

    code: str
    rows: list[StageFigures]
    state: PoolState | None = None
    period: BottleneckPeriod | None = None

    @property
    def utilisation(self) -> float | None:
        """Share of the places that is taken now; more than 1 where more is reported than fits."""
        return self.state.busy / self.state.capacity if self.state and self.state.capacity else None

    @property
    def more_at_work(self) -> str:
        """That more is at work than places are taken, and why that can be; empty where it is not."""
        more = more_at_work_words(sum(row.load.running for row in self.rows), self.state.busy) if self.state else ""
        return f"{more} {WHY_MORE_AT_WORK}" if more else ""

    @property
    def load_width(self) -> str:
        """Width of the load bar."""
        return f"{min(100, round(100 * (self.utilisation or 0)))}%"


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One site with its stages, grouped by pool."""

    site: Site
    groups: list[PoolFigures]
    period: BottleneckPeriod | None
    failing: FailingReview | None

    @property
    def is_line(self) -> bool:
        """Whether it is a plant: only these have a bottleneck (docs/adr/0004)."""
        return self.site.kind == SiteKind.PLANT

    @property
    def is_watched(self) -> bool:
        """Whether any of its pools has been reviewed: of an empty line nobody knows that it flows freely."""
        return any(group.state for group in self.groups)

    @property
    def rows(self) -> list[StageFigures]:
        """Every stage."""
        return [row for group in self.groups for row in group.rows]


def own_sites(user: User) -> QuerySet[Site]:
    """The sites that the person belongs to; every other one is 404."""
    return Site.objects.filter(pk__in=user.site_ids())


def all_stages(product: str) -> dict[bool, Stages]:
    """The stages of plants (True) and of other sites (False), of one product or of all; two queries."""
    chosen = {"code": product} if product else {}
    products = list(Product.objects.filter(**chosen).only("code", "name"))
    columns = ("code", "name", "position", "pool", "planned_hours", "longest_wait_hours", "flow__is_current")
    stored = Stage.objects.filter(flow__product__in=products).order_by("flow__code", "-flow__version", "position")
    rows: dict[bool, list[tuple[UUID, StageRow]]] = {True: [], False: []}
    for pk, place, *row in stored.values_list("pk", "place", *columns):
        rows[place == StagePlace.PLANT].append((pk, StageRow(*row)))
    return {of_plant: _stages(found, products) for of_plant, found in rows.items()}


def _stages(rows: list[tuple[UUID, StageRow]], products: list[Product]) -> Stages:
    ids: dict[str, list[UUID]] = {}
    for pk, row in rows:
        ids.setdefault(row.code, []).append(pk)
    return Stages(merge_stages(row for _, row in rows), ids, products)


def window_of(sites: Iterable[Site], stages: Iterable[Stages], weeks: int, now: datetime, zone: tzinfo) -> Window:
    """The runs of these sites and stages over the chosen weeks."""
    stages = list(stages)
    return Window(
        sites=[site.pk for site in sites],
        pools=sorted({fact.pool for one in stages for fact in one.facts} | {""}),
        stages=[pk for one in stages for pk in one.all_ids],
        since=week_starts(now, weeks, zone)[0],
        now=now,
    )


def line_figures(sites: list[Site], stages: dict[bool, Stages], window: Window) -> list[LineFigures]:
    """The stages of each site with load, queue and times; four queries."""
    loads = loads_at_stages(sites, window)
    times = times_in_stage(window)
    states: dict[UUID, dict[str, PoolState]] = {}
    for state in PoolState.objects.filter(pool__site__in=sites).select_related("pool"):
        states.setdefault(state.pool.site_id, {})[state.pool.code] = state
    standing = BottleneckPeriod.objects.filter(line__in=sites, ended_at__isnull=True).select_related("pool", "line")
    periods = {period.line_id: period for period in standing}
    figures = []
    for site in sites:
        of_site = (loads.get(site.pk, {}), times.get(site.pk, {}))
        facts = shown_stages(stages[site.kind == SiteKind.PLANT].facts, *of_site)
        period = periods.get(site.pk)
        own = states.get(site.pk, {})
        figures.append(LineFigures(site, _groups(facts, *of_site, own, period), period, failing_review(own.values())))
    return figures


def _groups(
    facts: Iterable[ShownStage],
    loads: dict[str, Load],
    times: dict[str, Times],
    states: dict[str, PoolState],
    period: BottleneckPeriod | None,
) -> list[PoolFigures]:
    groups: list[PoolFigures] = []
    for stage in facts:
        if not groups or not stage.pool or groups[-1].code != stage.pool:
            mark = period if period and stage.pool == period.pool.code else None
            groups.append(PoolFigures(stage.pool, [], states.get(stage.pool), mark))
        row = StageFigures(stage, loads.get(stage.code, Load()), times.get(stage.code, Times()))
        groups[-1].rows.append(row)
    return groups
