"""Which lines' probabilities are in use, and the scored predictions behind that."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, DateTimeField, F, Q, QuerySet, When, Window
from django.db.models.expressions import CombinedExpression, Value
from django.db.models.functions import Coalesce, RowNumber

from batches.calibration.queries.outcomes import known_ready_at
from batches.calibration.rules.choice import (
    DECIDING_LEAD_DAYS,
    LEADS_DAYS,
    NEWEST_ORDERS,
    UNSCORED,
    Choice,
)
from batches.calibration.rules.questions import OF_THE_PROMISE, Question, Scored
from batches.forecasts.models import CalibrationState, Prediction

# Errors of more than a year ago are of another process.
LOOK_BACK = timedelta(days=400)
# What is said of an open order is never older than a day, in a past that was forecast once a week than a week.
NEWS = timedelta(days=7)
ENDED_AT = Coalesce(
    "order__infused_at", "order__cancelled_at", "order__closed_at", "scored_at", output_field=DateTimeField()
)


def models_in_use(line_ids: Iterable[UUID]) -> dict[UUID, Choice]:
    """Whether the simulated probabilities of these lines are used (`Choice.is_used`), and why; one query.

    A line's predictions are made and kept even while they are not used: only so can they come back into use.
    """
    lines = list(line_ids)
    rows = CalibrationState.objects.filter(line__in=lines)
    columns = ("line_id", "is_used", "why", "orders", "brier", "baseline_brier")
    known = {line: Choice(*rest) for line, *rest in rows.values_list(*columns)}
    return dict.fromkeys(lines, UNSCORED) | known


def scored(predictions: QuerySet[Prediction], question: Question) -> QuerySet[Prediction]:
    """Those whose answer to the question is known and was not yet so when they were made; with `settled_at` and
    `p_by_promise` (`p_without_dose`).

    What is said of a dose that is ready says nothing of the future, and would only flatter the scores.
    """
    if question in OF_THE_PROMISE:
        known = predictions.filter(promise_scored_at__isnull=False).annotate(settled_at=F("promise_settled_at"))
    else:
        known = predictions.filter(scored_at__isnull=False).annotate(settled_at=Coalesce("was_ready_at", ENDED_AT))
    without = F("p_no_dose") + (Value(1.0) - F("p_no_dose")) * F("p_late")
    return known.filter(made_at__lt=F("settled_at")).annotate(p_by_promise=without)


def recent(predictions: QuerySet[Prediction], question: Question, now: datetime) -> QuerySet[Prediction]:
    """Of the last 400 days: by the promise where it is asked after, so that early doses of promises to come are not in
    before the late ones are; else by when the order ended."""
    since = now - LOOK_BACK
    is_recent = Q(promised_at__gte=since) if question in OF_THE_PROMISE else Q(scored_at__gte=since)
    return scored(predictions.filter(is_recent), question)


def at_lead(predictions: QuerySet[Prediction], days: int) -> QuerySet[Prediction]:
    """Of `scored` ones: of each order the one that stood `days` before its own promise.

    Whose outcome came between the prediction and that moment counts too, unless what stood was older than NEWS: to
    leave out who was ready meanwhile would keep those that took longer than was said. Where the promise moved, the
    newest that so stood counts.
    """
    moment = CombinedExpression(F("promised_at"), "-", Value(timedelta(days=days)), output_field=DateTimeField())
    standing = predictions.annotate(asked_at=moment).filter(
        Q(superseded_at=None) | Q(superseded_at__gt=F("asked_at")),
        Q(settled_at__gt=F("asked_at")) | Q(made_at__gt=F("asked_at") - NEWS),
        made_at__lte=F("asked_at"),
    )
    return standing.order_by("order_id", "-made_at").distinct("order_id")


def read_rows(predictions: QuerySet[Prediction], *before: str) -> list[tuple]:
    """These (`scored` ones): the columns `before`, then those of `Scored`."""
    ended_at = Case(When(scored_at__isnull=False, then=ENDED_AT), default=None)
    promise = F("order__promised_at")
    known = predictions.annotate(known_ready_at=known_ready_at(), ended_at=ended_at, newest_promise=promise)
    return list(known.values_list(*before, *Scored._fields))


def rows_of(predictions: QuerySet[Prediction]) -> list[Scored]:
    """These (`scored` ones) as the rules read them."""
    return [Scored._make(row) for row in read_rows(predictions)]


def scored_of_lines(line_ids: Iterable[UUID], now: datetime) -> dict[UUID, dict[Question, dict[int, list[Scored]]]]:
    """Scored predictions of these lines by question and lead in days, each order once; a query for each kind and lead.

    Questions that become known at the same moment share their rows.
    """
    all_of_lines = Prediction.objects.filter(line__in=list(line_ids))
    lines: dict[UUID, dict[Question, dict[int, list[Scored]]]] = {}
    for alike in (OF_THE_PROMISE, frozenset(Question) - OF_THE_PROMISE):
        known = recent(all_of_lines, min(alike), now)
        for lead in LEADS_DAYS:
            for row in rows_of(at_lead(known, lead)):
                for question in alike:
                    lines.setdefault(row.line_id, {}).setdefault(question, {}).setdefault(lead, []).append(row)
    return lines


def newest_of_lines(now: datetime) -> dict[UUID, list[Scored]]:
    """Of every line the deciding predictions of its newest model, the promise that passed last first; one query."""
    deciding = at_lead(recent(Prediction.objects.all(), Question.LATE, now), DECIDING_LEAD_DAYS)
    chosen = Prediction.objects.filter(pk__in=deciding.values("pk"))
    rank = Window(RowNumber(), partition_by="line", order_by=[F("promised_at").desc(), F("order_id").asc()])
    newest = scored(chosen, Question.LATE).annotate(rank=rank).filter(rank__lte=NEWEST_ORDERS)
    lines: dict[UUID, list[Scored]] = {}
    for row in rows_of(newest.order_by("line_id", "rank")):
        of_line = lines.setdefault(row.line_id, [])
        if not of_line or row.model == of_line[0].model:
            of_line.append(row)
    return lines
