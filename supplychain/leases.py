"""Work that is due and claimed: any number of workers share it out, and a dead worker's share comes back by itself.

Work that fits into one transaction needs no lease: a row lock with SKIP LOCKED does (claim_due_orders, tell_due_flips).
Whoever computes or sends for seconds holds a lease instead. What was computed is written only while the lease is its
own: after its end the work may be somebody else's. What became of a mail is a fact and is written in any case.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from supplychain.ids import new_id

Row = TypeVar("Row", bound="Leasable")


class Leasable(models.Model):
    """A row that one worker at a time works on. `lease` names the claim, `leased_until` says when it ends by itself."""

    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def give_back(self) -> None:
        """End the claim; the caller saves the row."""
        self.lease, self.leased_until = None, None


def free(now: datetime) -> Q:
    """Rows that nobody holds: never claimed, given back, or held by a worker that is no more."""
    return Q(lease__isnull=True) | Q(leased_until__lte=now)


def take(
    rows: models.QuerySet[Row], *, now: datetime, lasts: timedelta, limit: int | None = None, **also: Any
) -> list[Row]:
    """Claim at most `limit` of these rows, in their order, without waiting for anybody; two statements.

    All bear the same new lease afterwards. `also`: other columns to set with it (of an expression the rows
    here keep what they had). Call it in a transaction.
    """
    locked = list(rows.filter(free(now)).select_for_update(skip_locked=True, of=("self",))[:limit])
    if not locked:
        return []
    marks = also | {"lease": new_id(), "leased_until": now + lasts}
    rows.model._default_manager.filter(pk__in=[row.pk for row in locked]).update(**marks)
    for row in locked:
        for name, value in marks.items():
            if not hasattr(value, "resolve_expression"):
                setattr(row, name, value)
    return locked
