"""Which lines' probabilities are in use, and the scored predictions behind that."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, F, Q, QuerySet, Window
from django.db.models.expressions import CombinedExpression, Value
from django.db.models.functions import Coalesce, RowNumber

from batches.calibration.rules.choice import (
    DECIDING_LEAD_DAYS,
    LEADS_DAYS,
    NEWEST_ORDERS,
    UNSCORED,
    Choice,
)
from batches.calibration.rules.questions import Scored
from batches.forecasts.models import CalibrationState, Prediction

# Errors of more than a year ago are of another process.
LOOK_BACK = timedelta(days=400)


def models_in_use(line_ids: Iterable[UUID]) -> dict[UUID, Choice]:
    """Whether the simulated probabilities of these lines are used (`Choice.is_used`), and why; one query.

    A line's predictions are made and kept even while they are not used: only so can they come back into use.
    """
    lines = list(line_ids)
    rows = CalibrationState.objects.filter(line__in=lines)
    columns = ("line_id", "is_used", "why", "orders", "brier", "baseline_brier")
    known = {line: Choice(*rest) for line, *rest in rows.values_list(*columns)}
    return dict.fromkeys(lines, UNSCORED) | known


def scored(predictions: QuerySet[Prediction]) -> QuerySet[Prediction]:
    """Those whose outcome is known and was not yet so when they were made; with `settled_at` (see `Scored`).

    What is said of a dose that is ready says nothing of the future, and would only flatter the scores.
    """
    settled_at = Coalesce(
        "was_ready_at", "order__cancelled_at", "order__closed_at", "scored_at", output_field=DateTimeField()
    )
    known = predictions.filter(scored_at__isnull=False).annotate(settled_at=settled_at)
    return known.filter(made_at__lt=F("settled_at"))


def at_lead(predictions: QuerySet[Prediction], days: int) -> QuerySet[Prediction]:
    """Of `scored` ones: of each order the one that stood `days` before its own promise, if the outcome was then open.

    Where the promise moved, the newest that so stood counts.
    """
    moment = CombinedExpression(F("promised_at"), "-", Value(timedelta(days=days)), output_field=DateTimeField())
    standing = predictions.annotate(asked_at=moment).filter(
        Q(superseded_at=None) | Q(superseded_at__gt=F("asked_at")),
        made_at__lte=F("asked_at"),
        settled_at__gt=F("asked_at"),
    )
    return standing.order_by("order_id", "-made_at").distinct("order_id")


def rows_of(predictions: QuerySet[Prediction]) -> list[Scored]:
    """These (`scored` ones) as the rules read them."""
    return [Scored._make(row) for row in predictions.values_list(*Scored._fields)]


def scored_of_lines(line_ids: Iterable[UUID], now: datetime) -> dict[UUID, dict[int, list[Scored]]]:
    """Scored predictions of these lines by lead in days, each order once; a query for each lead."""
    recent = scored(Prediction.objects.filter(line__in=list(line_ids), scored_at__gte=now - LOOK_BACK))
    lines: dict[UUID, dict[int, list[Scored]]] = {}
    for lead in LEADS_DAYS:
        for row in rows_of(at_lead(recent, lead)):
            lines.setdefault(row.line_id, {}).setdefault(lead, []).append(row)
    return lines


def newest_of_lines(now: datetime) -> dict[UUID, list[Scored]]:
    """Of every line the deciding predictions of its newest model, the order settled last first; one query."""
    recent = scored(Prediction.objects.filter(scored_at__gte=now - LOOK_BACK))
    deciding = Prediction.objects.filter(pk__in=at_lead(recent, DECIDING_LEAD_DAYS).values("pk"))
    rank = Window(RowNumber(), partition_by="line", order_by=[F("settled_at").desc(), F("order_id").asc()])
    newest = scored(deciding).annotate(rank=rank).filter(rank__lte=NEWEST_ORDERS).order_by("line_id", "rank")
    lines: dict[UUID, list[Scored]] = {}
    for row in rows_of(newest):
        of_line = lines.setdefault(row.line_id, [])
        if not of_line or row.model == of_line[0].model:
            of_line.append(row)
    return lines
