"""The scored predictions behind “How right we were”, as far as the viewer may see their orders."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict

from batches.calibration.queries.outcomes import known_ready_at
from batches.calibration.queries.scored import at_lead, read_rows, recent, scored
from batches.calibration.rules.choice import LEADS_DAYS
from batches.calibration.rules.figures import EVERYTHING, ScoredRow
from batches.calibration.rules.questions import Question, Scored
from batches.forecasts.models import CalibrationState, Prediction
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.pages.scopes import Scope
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.sites.models import Site

LEADS = (EVERYTHING, *LEADS_DAYS)
# Columns of the probability and of what came, by question.
ANSWERS = {
    Question.BY_PROMISE: ("p_by_promise", "missed_promise"),
    Question.LATE: ("p_late", "was_late"),
    Question.WAIT: ("p_wait_expires", "wait_expired"),
    Question.NO_DOSE: ("p_no_dose", "had_no_dose"),
}
# Whether the patient gets what was promised: withdrawals count, as they do not where lateness alone is asked after.
DEFAULT = Question.BY_PROMISE
YES_NO = {"yes": True, "no": False}
PAGE = 50


@dataclass(frozen=True, slots=True)
class CalibrationFilter:
    """Codes of product and plant (empty: all), the question, and how long before the promise (days; 0: everything).

    `low`, `high`: only probabilities from–to (0–1); `came`, `held`: only what came (or did not), and intervals that
    held (or did not): for the list behind a number.
    """

    product: str = ""
    plant: str = ""
    ask: Question = DEFAULT
    lead: int = EVERYTHING
    low: float | None = None
    high: float | None = None
    came: str = ""
    held: str = ""
    page: int = 1

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        codes = {name: given.get(name, "").strip()[:50].replace("\0", "") for name in ("product", "plant")}
        ask, lead, page = given.get("ask", ""), given.get("lead", ""), given.get("page", "")[:6]
        return cls(
            **codes,
            ask=Question(ask) if ask in set(Question) else DEFAULT,
            lead=int(lead) if lead in map(str, LEADS) else EVERYTHING,
            low=_share(given.get("low", "")),
            high=_share(given.get("high", "")),
            came=given["came"] if given.get("came") in YES_NO else "",
            held=given["held"] if given.get("held") in YES_NO else "",
            page=max(int(page), 1) if page.isascii() and page.isdigit() else 1,
        )

    @property
    def query(self) -> str:
        """The address' query string, without what stands by default."""
        chosen = {"product": self.product, "plant": self.plant}
        chosen |= {"ask": self.ask.value if self.ask != DEFAULT else ""}
        chosen |= {"lead": str(self.lead) if self.lead != EVERYTHING else ""}
        ends = {"low": self.low, "high": self.high}
        chosen |= {name: repr(value) for name, value in ends.items() if value is not None}
        chosen |= {"came": self.came, "held": self.held, "page": str(self.page) if self.page > 1 else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def whole(self) -> Self:
        """The same without the part that a list is narrowed to."""
        return replace(self, low=None, high=None, came="", held="", page=1)

    @property
    def is_part(self) -> bool:
        """Whether it is narrowed to the predictions behind one number."""
        return replace(self, page=1) != self.whole

    @property
    def low_percent(self) -> float | None:
        """From which probability on, in per cent; None: any."""
        return None if self.low is None else self.low * 100

    @property
    def high_percent(self) -> float:
        """Up to which probability, in per cent."""
        return 100 if self.high is None else self.high * 100

    def part(self, **given: float | str) -> Self:
        """The list behind a number."""
        return replace(self.whole, **given)

    def at_page(self, page: int) -> Self:
        """Another page of the same list."""
        return replace(self, page=page)

    def conditions(self) -> Q:
        """What predictions of the chosen question and part fulfil."""
        said, came = ANSWERS[self.ask]
        if self.held:
            found = Q(known_ready_at__isnull=False, ready_low__isnull=False, ready_high__isnull=False)
            inside = Q(known_ready_at__gte=F("ready_low"), known_ready_at__lte=F("ready_high"))
            return found & (inside if YES_NO[self.held] else ~inside)
        found = Q(**{f"{said}__isnull": False, f"{came}__isnull": False})
        if self.low is not None:
            found &= Q(**{f"{said}__gte": self.low})
        if self.high is not None:
            found &= Q(**{f"{said}__lte": self.high})
        return found & Q(**{came: YES_NO[self.came]}) if self.came else found


def seen_predictions(chosen: CalibrationFilter, viewer: Viewer, scope: Scope) -> QuerySet[Prediction]:
    """Every prediction of the viewer's orders that product and plant let through."""
    conditions = list(scope.conditions(product=chosen.product, plant=chosen.plant, site=""))
    return of_orders(Prediction.objects.all(), viewer.orders().filter(*conditions))


def settled(chosen: CalibrationFilter, seen: QuerySet[Prediction], now: datetime) -> QuerySet[Prediction]:
    """Of these the scored ones at the chosen lead, `settled_at` with them."""
    known = recent(seen, chosen.ask, now)
    if chosen.lead == EVERYTHING:
        return known
    return scored(Prediction.objects.filter(pk__in=at_lead(known, chosen.lead).values("pk")), chosen.ask)


def rows_by_lead(chosen: CalibrationFilter, seen: QuerySet[Prediction], now: datetime) -> Mapping[int, list[ScoredRow]]:
    """All scored predictions, and those at each fixed lead; a query each."""
    return {lead: _rows(settled(replace(chosen, lead=lead), seen, now)) for lead in LEADS}


def awaited(seen: QuerySet[Prediction], now: datetime) -> tuple[int, int]:
    """Open orders with predictions: those whose promise has not passed, and those past it."""
    is_past = Q(order__promised_at__lt=now)
    found = seen.filter(scored_at=None, order__status__in=OPEN_ORDER_STATUSES).aggregate(
        ahead=Count("order", filter=~is_past, distinct=True), past=Count("order", filter=is_past, distinct=True)
    )
    return found["ahead"], found["past"]


def states_of(chosen: CalibrationFilter, scope: Scope, viewer: Viewer) -> list[CalibrationState]:
    """How the viewer's lines (the chosen one) are judged; the figures of a line only for its own people."""
    plants = _plants(chosen, scope)
    states = list(
        CalibrationState.objects.filter(line__in=plants)
        .select_related("line")
        .order_by("line__name")
        .prefetch_related("line__refinements")
    )
    for state in states:
        if state.line_id not in viewer.site_ids:
            state.why = state.late_why = ""
    return states


def own_lines(chosen: CalibrationFilter, scope: Scope, viewer: Viewer) -> list[Site]:
    """The plants of the viewer's own, or the chosen one of them."""
    return [plant for plant in _plants(chosen, scope) if plant.pk in viewer.site_ids]


def _plants(chosen: CalibrationFilter, scope: Scope) -> list[Site]:
    return [plant for plant in scope.plants if chosen.plant in ("", plant.code)]


def listed(chosen: CalibrationFilter, predictions: QuerySet[Prediction]) -> QuerySet[Prediction]:
    """The predictions behind a number, newest outcome first, with what a row shows."""
    known = predictions.annotate(known_ready_at=known_ready_at())
    found = known.filter(chosen.conditions()).select_related("order__product", "line")
    return found.order_by(F("settled_at").desc(), "made_at", "pk")


def _rows(predictions: QuerySet[Prediction]) -> list[ScoredRow]:
    read = read_rows(predictions, "order__product_id")
    return [ScoredRow(product, Scored._make(rest)) for product, *rest in read]


def _share(text: str) -> float | None:
    try:
        share = float(text[:30])
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
