"""`/api/v1/calibration/`: how right the forecast of each line was, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import django_filters
import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.calibration.queries.replays import refinements_of_lines
from batches.calibration.queries.scored import scored_of_lines
from batches.calibration.queries.verdicts import trials_of, verdicts_of
from batches.calibration.rules.coverage import coverage
from batches.calibration.rules.questions import Question, Scored, said_of, stretches_of
from batches.calibration.rules.reliability import equal_bins
from batches.calibration.rules.scores import scores
from batches.calibration.rules.verdicts import ScoredVerdict, VerdictFigures, ledger
from batches.forecasts.models import CalibrationState
from batches.lines.models import VerdictTrial
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import plant_filter

DEFINITIONS = {
    "question": "by_promise: no dose was ready by the promise, for whatever reason; late: the same, without orders "
    "withdrawn before it; both are scored when the promise passes, open then is missed. "
    "wait: a permitted wait ran out; no_dose: ended without an infusion; both are scored when the order has ended.",
    "lead_days": "Of each order counts the prediction that stood so many days before its promise; each order once.",
    "brier": "Mean of (probability - outcome) squared; 0 is perfect. Ends of intervals are 95 %, clustered by week.",
    "gain": "1 - brier / brier of the reference: the plain medians' yes or no, or the base rate said of every order.",
    "parts": "brier = reliability - resolution + uncertainty + within_bins (Murphy 1973; Stephenson et al. 2008).",
    "coverage": "Share of the 80 % intervals (P10 to P90) that held, with its Wilson interval.",
    "widening": "Hours by which each end of the simulated interval is moved outward (conformalized quantiles).",
    "refinements": "Scored on the line's own past weeks, forecast anew from what was recorded by then.",
    "verdicts": "Whether the pool named was used most in the four weeks after, or none held the line up; one a week.",
    "late": "P(late) as told where past errors correct it by itself: log-odds = late_intercept + late_slope · log-odds "
    "as simulated; else (0 and 1) it is that of the widened dates. Range and P(late) never contradict each other.",
}


class ScoreBody(msgspec.Struct):
    """How good the answers to one question were, given `lead_days` before the promise; see `definitions`."""

    question: Question
    lead_days: int
    orders: int
    base_rate: float
    brier: float
    brier_low: float | None
    brier_high: float | None
    baseline_orders: int
    baseline_brier: float | None
    gain_over_baseline: float | None
    gain_over_baseline_low: float | None
    gain_over_baseline_high: float | None
    gain_over_base_rate: float | None
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


class CoverageBody(msgspec.Struct):
    """How often the 80 % intervals held that were given `lead_days` before the promise."""

    lead_days: int
    orders: int
    share: float
    low: float
    high: float
    mean_width_hours: float


class RefinementBody(msgspec.Struct):
    """What a refinement of the forecast brought on the line's own past: Brier scores of P(late), and whether it is in
    use."""

    refinement: str
    is_used: bool
    changed_at: Moment
    why: str
    orders: int
    brier_without: float | None
    brier_with: float | None
    refreshed_at: Moment


class VerdictBody(msgspec.Struct):
    """How often verdicts on the line of one kind came so in the four weeks after them: `confidence` is the mean of what
    was said, `came` the share (0–1) with its interval; null brier: how sure it was, nobody said."""

    kind: str
    verdicts: int
    confidence: float | None
    came: float
    low: float
    high: float
    brier: float | None


class TrialRowBody(msgspec.Struct):
    """Verdicts on simulated lines of which one pool is so much slower than the others (0: none is): those that name a
    pool, the planted one; firm ones, right ones of these; and the same as lines in general would have had them."""

    slower: float
    verdicts: int
    named: int
    right: int
    firm: int
    firm_right: int
    was_firm: int
    was_firm_right: int


class VerdictTrialBody(msgspec.Struct):
    """What the confidence of the verdict rests on: simulated lines of the line's own rates, tried at `made_at`, which
    taught `intercept` and `slope` (on the log-odds of lines in general); `rows`: each half by what the other taught.
    `may_be_firm` false: too few firm ones held, so none is called firm. Null `made_at`: not calibrated yet (`why`)."""

    made_at: Moment | None
    lines: int
    verdicts: int
    intercept: float
    slope: float
    may_be_firm: bool
    firm: int
    firm_right: int
    rows: list[TrialRowBody]
    why: str


class CalibrationBody(msgspec.Struct):
    """How right the forecast of a line was; `is_used` false: the plain medians decide until it is better again."""

    line: str
    model: str
    is_used: bool
    why: str
    changed_at: Moment
    orders: int
    brier: float | None
    baseline_brier: float | None
    widening_low_hours: float
    widening_high_hours: float
    interval_orders: int
    late_intercept: float
    late_slope: float
    late_why: str
    refreshed_at: Moment
    scores: list[ScoreBody]
    coverage: list[CoverageBody]
    refinements: list[RefinementBody]
    verdicts: list[VerdictBody]
    verdict_trial: VerdictTrialBody | None
    definitions: dict[str, str]


class CalibrationFilter(django_filters.FilterSet):
    """Which lines."""

    line = plant_filter("line__code")

    class Meta:
        model = CalibrationState
        fields: tuple[str, ...] = ()


EXAMPLE = {
    "line": "leiden", "model": "mc-1", "is_used": True,
    "why": "Over the newest 140 scored orders its Brier score is 0.148, that of the plain medians 0.243 (less is "
    "better): the simulation is used.",
    "changed_at": "2026-01-10T06:00:00Z", "orders": 140, "brier": 0.148, "baseline_brier": 0.243,
    "widening_low_hours": 0.0, "widening_high_hours": 7.5, "interval_orders": 50, "late_intercept": 0.0,
    "late_slope": 1.0,
    "late_why": "Of the newest 140 orders the simulation gave 23 % to be late on average, and 21 % came late: "
    "P(late) is told as the dates have it.", "refreshed_at": "2026-03-02T08:30:00Z",
    "scores": [
        {
            "question": "late", "lead_days": 14, "orders": 140, "base_rate": 0.21, "brier": 0.148, "brier_low": 0.111,
            "brier_high": 0.185, "baseline_orders": 140, "baseline_brier": 0.243, "gain_over_baseline": 0.39,
            "gain_over_baseline_low": 0.15, "gain_over_baseline_high": 0.63, "gain_over_base_rate": 0.12,
            "reliability": 0.012, "resolution": 0.031, "uncertainty": 0.168, "within_bins": -0.001,
        }
    ],
    "coverage": [
        {"lead_days": 14, "orders": 140, "share": 0.77, "low": 0.7, "high": 0.83, "mean_width_hours": 184.8}
    ],
    "refinements": [
        {
            "refinement": "frailty", "is_used": True, "changed_at": "2026-02-10T06:00:00Z",
            "why": "In use: Brier 0.119 → 0.071 over 140 past orders.", "orders": 140, "brier_without": 0.119,
            "brier_with": 0.071, "refreshed_at": "2026-03-02T08:30:00Z",
        }
    ],
    "verdicts": [
        {"kind": "One pool named", "verdicts": 38, "confidence": 0.86, "came": 0.89, "low": 0.71, "high": 0.97,
         "brier": 0.09}
    ],
    "verdict_trial": {
        "made_at": "2026-03-01T02:10:00Z", "lines": 108, "verdicts": 852, "intercept": -0.06, "slope": 1.17,
        "may_be_firm": True, "firm": 46, "firm_right": 44, "why": "",
        "rows": [{"slower": 0.3, "verdicts": 108, "named": 55, "right": 53, "firm": 29, "firm_right": 29,
                  "was_firm": 25, "was_firm_right": 25}],
    },
    "definitions": DEFINITIONS,
}  # fmt: skip


class Calibration(ListEndpoint):
    """Calibration of the plants among your sites, over the orders scored in the last 400 days."""

    required_scopes = {"GET": "capacity:read"}
    queryset = CalibrationState.objects.all()
    filterset_class = CalibrationFilter
    order_by = ("line_id",)
    columns = (
        "line_id", "line__code", "model", "is_used", "why", "changed_at", "orders", "brier", "baseline_brier",
        "widening_low_hours", "widening_high_hours", "interval_orders", "late_intercept", "late_slope", "late_why",
        "refreshed_at",
    )  # fmt: skip

    def visible(self) -> QuerySet:
        """Lines that are sites of the one who asks."""
        return CalibrationState.objects.filter(line__in=self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[CalibrationBody]:
        """Lines with their scores at each lead."""
        lines, now = [row[0] for row in rows], timezone.now()
        by_line, tried = scored_of_lines(lines, now), refinements_of_lines(lines)
        said, trials = verdicts_of(lines, now).scored, trials_of(lines)
        return [
            _body(
                row, by_line.get(row[0], {}), tried.get(row[0], ()),
                ([one for one in said if one.line == row[0]], trials[row[0]].trial),
            )
            for row in rows
        ]  # fmt: skip

    @extend_schema(
        operation_id="list_calibration",
        summary="How right the forecast was",
        responses={200: CalibrationBody} | OF_A_LIST,
        examples=[OpenApiExample("A line", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Scores of every probability that was given, against the plain medians and the base rate, by line."""
        return super().get(request)


def _body(
    row: tuple,
    said_to: Mapping[Question, Mapping[int, list[Scored]]],
    tried: Iterable[tuple],
    of_verdicts: tuple[list[ScoredVerdict], VerdictTrial | None],
) -> CalibrationBody:
    verdicts, trial = of_verdicts
    found = [_score(question, lead, said) for question in Question for lead, said in said_to.get(question, {}).items()]
    held = [(lead, coverage(stretches_of(said))) for lead, said in said_to.get(Question.BY_PROMISE, {}).items()]
    return CalibrationBody(
        *row[1:],
        [one for one in found if one],
        [CoverageBody(lead, c.orders, c.share, c.low, c.high, c.mean_width_hours) for lead, c in held if c],
        [RefinementBody(*one) for one in tried],
        [_verdict(one) for one in ledger(verdicts, ()).by_kind],
        _trial(trial) if trial else None,
        DEFINITIONS,
    )


def _trial(one: VerdictTrial) -> VerdictTrialBody:
    rows = [TrialRowBody(**row) for row in one.rows]
    return VerdictTrialBody(
        one.made_at, one.lines, one.verdicts, one.intercept, one.slope, one.may_be_firm, one.firm, one.firm_right, rows,
        one.why,
    )  # fmt: skip


def _verdict(one: VerdictFigures) -> VerdictBody:
    brier = one.scores.brier.value if one.scores else None
    return VerdictBody(one.name, one.verdicts, one.said, one.came.came, one.came.low, one.came.high, brier)


def _score(question: Question, lead: int, rows: list[Scored]) -> ScoreBody | None:
    said = said_of(rows, question)
    found = scores(said, equal_bins(said))
    if found is None:
        return None
    gain: tuple[Any, ...] = found.skill_baseline or (None, None, None)
    return ScoreBody(
        question, lead, found.orders, found.base_rate, *found.brier, found.compared,
        found.baseline_brier.value if found.baseline_brier else None, *gain,
        found.skill_climate.value if found.skill_climate else None, *found.murphy,
    )  # fmt: skip
