"""Which orders the key figures are of; what became of them is read by batches/outcomes/queries.py.

An order counts if something was recorded of it since the first month shown began and it was ordered before the last
one ended, which an index answers; so a year costs a year's orders, however many years there are.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Self
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from batches.outcomes.queries import kpi_cases
from dashboards.kpis.rules.tables import KpiSums, sums_of
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.pages.minutes import once_a_minute
from supplychain.pages.periods import Month, month_span, read_month
from supplychain.pages.scopes import Scope
from supplychain.pages.viewers import Viewer

LENGTHS = (6, 12, 24)
USUAL_LENGTH = 12


@dataclass(frozen=True, slots=True)
class KpiFilter:
    """Codes of product, plant and site (empty: all), and which months: `length` of them up to and with `until`."""

    until: Month
    product: str = ""
    plant: str = ""
    site: str = ""
    length: int = USUAL_LENGTH

    @classmethod
    def read(cls, given: QueryDict, today: date) -> Self:
        """The filter in an address; what makes no sense counts as not given. No month lies in the future."""
        codes = {name: given.get(name, "").strip()[:50].replace("\0", "") for name in ("product", "plant", "site")}
        length = given.get("months", "")
        newest = Month.of(today)
        until = read_month(given.get("until", "")) or newest
        return cls(
            until=min(until, newest),
            length=int(length) if length in map(str, LENGTHS) else USUAL_LENGTH,
            **codes,
        )

    @property
    def months(self) -> list[Month]:
        """Oldest first."""
        return [self.until.plus(back) for back in range(1 - self.length, 1)]

    def earlier(self) -> Self:
        """As many months before these."""
        return replace(self, until=self.until.plus(-self.length))

    def later(self, today: date) -> Self | None:
        """As many months after these; None where these are the newest."""
        newest = Month.of(today)
        return None if self.until >= newest else replace(self, until=min(self.until.plus(self.length), newest))

    def query(self, today: date) -> str:
        """The address' query string, without what stands by default."""
        chosen = {"product": self.product, "plant": self.plant, "site": self.site}
        chosen |= {"months": str(self.length) if self.length != USUAL_LENGTH else ""}
        chosen |= {"until": self.until.code if self.until != Month.of(today) else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    def orders(self, viewer: Viewer, scope: Scope, zone: tzinfo) -> PatientOrderQuerySet:
        """The viewer's orders that touch these months. Nothing happens to an order that is not recorded later."""
        start, end = month_span(self.months[0], zone)[0], month_span(self.until, zone)[1]
        orders = viewer.orders().filter(ordered_at__lt=end)
        orders = orders.filter(Q(last_recorded_at__gte=start) | Q(status__in=OPEN_ORDER_STATUSES))
        return orders.filter(*scope.conditions(product=self.product, plant=self.plant, site=self.site))


def kpi_sums(chosen: KpiFilter, viewer: Viewer, scope: Scope, zone: tzinfo, now: datetime) -> KpiSums:
    """All figures of the viewer's orders in the chosen months. One query; none within a minute of the last, for every
    order of the months is read for it, and outcomes are brought up to date every two minutes only."""
    spans = [month_span(month, zone) for month in chosen.months]
    bounds = [spans[0][0], *(end for _, end in spans)]
    # The ids tell apart what the SQL does not: who sees all has no condition in it.
    asked = (sorted(viewer.site_ids), viewer.sees_all, chosen, bounds)
    orders = chosen.orders(viewer, scope, zone)
    return once_a_minute("kpis", asked, now, lambda: sums_of(kpi_cases(orders, bounds, now), len(spans)))
