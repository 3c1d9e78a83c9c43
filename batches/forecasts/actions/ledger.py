"""The ledger of predictions: a new row supersedes the one that stands, and nothing that was said is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, transaction

from batches.forecasts.rules.standing import NewPrediction
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.ids import new_id
from supplychain.sql import Writes, reason_of

# Line, when it was made, model, number of paths.
Head = tuple[UUID, datetime, str, int]
POISON = (DataError, IntegrityError, ValueError, TypeError, OverflowError)
PREDICTION_COLUMNS = ("id", "order_id", "line_id", "made_at", "model", "paths", *NewPrediction._fields)
SUPERSEDED_COLUMNS = ("id", "superseded_at")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What is newly said of one order, in place of `standing`."""

    order_id: UUID
    sites: frozenset[UUID]
    made: NewPrediction
    standing: StandingPrediction | None


def write_said(said: Sequence[Said], head: Head) -> dict[str, str]:
    """All rows together; if one order's spoil that, one by one. Returns the orders (text) not written, and why."""
    left_out: dict[str, str] = {}
    try:
        with transaction.atomic():
            _write(said, head)
    except POISON:
        for one in said:
            try:
                with transaction.atomic():
                    _write([one], head)
            except POISON as error:
                log.exception("prediction could not be stored", order=str(one.order_id))
                left_out[str(one.order_id)] = reason_of(error)
    return left_out


def _write(said: Sequence[Said], head: Head) -> None:
    made_at = head[1]
    writes = Writes()
    superseded = [(one.standing.id, made_at) for one in said if one.standing]
    writes.update("batches_prediction", SUPERSEDED_COLUMNS, superseded)
    rows = [(new_id(), one.order_id, *head, *one.made) for one in said]
    writes.insert("batches_prediction", PREDICTION_COLUMNS, rows)
    writes.run()
