"""What the newest past says of how long stages take and how they end."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from batches.durations.models import LearnedDuration
from batches.durations.queries.runs import LOOK_BACK, ends_row, past_runs, planned_stages
from batches.durations.rules.curves import Curve
from batches.durations.rules.shrinkage import Learned
from batches.durations.rules.subjects import Subject, learn_all
from supplychain.ids import new_id
from supplychain.sql import Writes

SUBJECT = ("product_id", "site_id", "stage", "resource")
FIGURES = ("completed", "failed", "withdrawn", "censored", "own_weight", "quantiles", "median_hours", "p90_hours",
           "planned_hours", "failed_share", "failed_low", "failed_high", "withdrawn_share", "drift", "is_drifting",
           "ends", "refreshed_at")  # fmt: skip
# A thousandth of an hour is four seconds.
DIGITS = 3


def refresh_learned_durations(*, now: datetime) -> int:
    """Learn every product's stages anew from the runs of the newest 400 days; returns how many rows there are.

    For each stage of a product: over all sites, for each site and for each resource that ran it. Four statements,
    whatever the number of rows; rows that nothing stands behind any more are dropped.
    """
    # Learning takes seconds to minutes: no transaction stands open meanwhile.
    learned = learn_all(planned_stages(), past_runs(since=now - LOOK_BACK, now=now))
    _store(learned, now)
    return len(learned)


@transaction.atomic
def _store(learned: Mapping[Subject, Learned], now: datetime) -> None:
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in FIGURES)
    writes = Writes()
    writes.insert(
        LearnedDuration._meta.db_table,
        ("id", *SUBJECT, *FIGURES),
        [[new_id(), *_key(subject), *_figures(one), now] for subject, one in learned.items()],
        on_conflict=f"({', '.join(SUBJECT)}) DO UPDATE SET {updates}",
    )
    writes.run()
    LearnedDuration.objects.exclude(refreshed_at=now).delete()


def _key(subject: Subject) -> tuple[str, str | None, str, str]:
    return (subject.product, subject.site or None, subject.stage, subject.resource)


def _figures(one: Learned) -> Iterator[Any]:
    """In the order of FIGURES, without the last."""
    yield from (one.completed, one.failed, one.withdrawn, one.censored, one.own_weight)
    yield _rounded(one.curve)
    yield from (one.median_hours, one.p90_hours, one.planned_hours)
    yield from (one.failed_share, one.failed_low, one.failed_high, one.withdrawn_share)
    yield from (one.drift_evidence, bool(one.drift and one.drift.is_telling))
    ends = one.ends
    yield ends_row(ends and ends._replace(completing=_rounded(ends.completing), failing=_rounded(ends.failing)))


def _rounded(curve: Curve) -> Curve:
    return tuple(round(hours, DIGITS) for hours in curve)
