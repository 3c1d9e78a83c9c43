"""Trying the verdict on simulated lines of each line's own rates, some at a time, and keeping what that is worth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from batches.capacity.models import PoolCapacity
from batches.lines.models import VerdictTrial
from batches.ramp_ups.queries.lines import read_line
from batches.ramp_ups.rules.lines import fingerprint
from batches.trials.rules.planting import CannotBePlanted
from batches.trials.rules.trials import TrialOutcome, TrialVerdict, found_on, trial_of
from supplychain.flows.models import Flow
from supplychain.leases import take
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.sql import LOST, reason_of

log = structlog.get_logger(__name__)

# The worker is shared with the forecasts: so many simulated lines at once, a second or two of work.
LINES_AT_ONCE = 6
# Longer than these take; after it another worker tries them.
LEASE = timedelta(minutes=10)
# A trial is made anew so long after the one before; what failed, after a day.
AGAIN, AFTER_FAILURE = timedelta(weeks=1), timedelta(days=1)


def ask_for_trials(*, now: datetime) -> None:
    """Make every active plant due that was never tried, or whose places or flows are no longer those that were.

    Four statements however many plants there are.
    """
    bases = _bases(now)
    known = VerdictTrial.objects.in_bulk(list(bases))
    VerdictTrial.objects.bulk_create(
        [VerdictTrial(line_id=line, basis=basis, due_at=now) for line, basis in bases.items() if line not in known],
        ignore_conflicts=True,
    )
    other = [one for line, one in known.items() if one.basis != bases[line]]
    for one in other:
        # What is being worked out for the old ones is dropped: it no longer finds its lease.
        one.basis, one.due_at, one.progress, one.lease, one.leased_until = bases[one.line_id], now, [], None, None
    VerdictTrial.objects.bulk_update(other, ["basis", "due_at", "progress", "lease", "leased_until"])


def go_on_with_trials(*, now: datetime) -> bool:
    """Try the line that has been due for longest on a few simulated lines; whether any was due."""
    with transaction.atomic():
        due = VerdictTrial.objects.filter(due_at__lte=now).select_related("line").order_by("due_at", "line_id")
        claimed = take(due, now=now, lasts=LEASE, limit=1)
    for row in claimed:
        _write(row, _worked_on(row, now))
    return bool(claimed)


def _worked_on(row: VerdictTrial, now: datetime) -> dict[str, Any]:
    """The columns to write. What one line's rates make the rules raise stays with that line."""
    try:
        return _next_step(row, now)
    except LOST:
        raise
    except CannotBePlanted as reason:
        nothing = {"intercept": 0.0, "slope": 1.0, "may_be_firm": False, "lines": 0, "verdicts": 0}
        nothing |= {"firm": 0, "firm_right": 0, "rows": [], "made_at": None}
        return nothing | {"why": str(reason)[:200], "progress": [], "due_at": now + AGAIN}
    except Exception as error:
        log.exception("verdicts could not be tried on a line; the others go on", line=str(row.line_id))
        return {"why": f"the trial failed ({reason_of(error)})"[:200], "progress": [], "due_at": now + AFTER_FAILURE}


def _next_step(row: VerdictTrial, now: datetime) -> dict[str, Any]:
    line = read_line(row.line, now=now)
    trial = trial_of(line)
    done = [[TrialVerdict(*one) for one in of_line] for of_line in row.progress[1:]]
    if row.progress[:1] != [list(trial.pools)]:
        done = []  # other pools are in use than when it began
    done += found_on(line, trial, trial.plantings[len(done) : len(done) + LINES_AT_ONCE])
    if len(done) < len(trial.plantings):
        return {"progress": [list(trial.pools), *done]}
    return _kept(trial.outcome(done)) | {"made_at": now, "why": "", "progress": [], "due_at": now + AGAIN}


def _kept(found: TrialOutcome) -> Mapping[str, Any]:
    return found.curve._asdict() | {
        "lines": found.lines, "verdicts": found.verdicts, "firm": found.firm, "firm_right": found.firm_right,
        "rows": list(found.rows),
    }  # fmt: skip


def _write(row: VerdictTrial, columns: Mapping[str, Any]) -> None:
    mine = VerdictTrial.objects.filter(pk=row.pk, lease=row.lease)
    mine.update(**columns, lease=None, leased_until=None)


def _bases(now: datetime) -> dict[UUID, str]:
    """By plant a fingerprint of the places that its pools have now, and of the flows that orders take."""
    plants = Site.objects.filter(kind=SiteKind.PLANT, is_active=True).values_list("pk", flat=True)
    flows = sorted(
        str(pk) for pk in Flow.objects.filter(is_current=True, product__is_active=True).values_list("pk", flat=True)
    )
    places: dict[UUID, list[Sequence[Any]]] = defaultdict(list)
    begun = PoolCapacity.objects.filter(starts_at__lte=now).order_by("pool_id", "-starts_at").distinct("pool_id")
    for site, code, count in begun.values_list("pool__site_id", "pool__code", "places"):
        places[site].append((code, count))
    return {plant: fingerprint(sorted(places[plant]), flows) for plant in plants}
