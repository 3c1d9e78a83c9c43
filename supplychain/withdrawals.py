"""Projections that a late fact takes back: kept and marked, since readings, checks and signatures point at them."""

from typing import TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


def standing_part(row: models.Model, name: str) -> models.Model | None:
    """What hangs on `row` one to one under this name; None where there is nothing or it was withdrawn.

    Ask here, not the attribute: a relation of one to one finds withdrawn rows, too.
    """
    part = getattr(row, name, None)
    return None if part is None or part.withdrawn_at else part


class StandingManager(models.Manager[Row]):
    """The rows that stand; those that were withdrawn are found through `everything`."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Without what was withdrawn."""
        return super().get_queryset().filter(withdrawn_at__isnull=True)


class Withdrawable(models.Model):
    """A projection that is withdrawn, not deleted, when the facts no longer say it; it may come back."""

    withdrawn_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a late fact took it back; empty: it stands."
    )

    objects = StandingManager()
    everything = models.Manager()

    class Meta:
        abstract = True
        # A row that points here finds it, withdrawn or not.
        base_manager_name = "everything"
