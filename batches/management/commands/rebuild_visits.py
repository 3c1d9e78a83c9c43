"""`manage.py rebuild_visits`: what orders did in pools, made anew from their stage runs."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from batches.lines.actions.visits import rebuild_visits


class Command(BaseCommand):
    """Makes anew what reviews of pools read; the reviews themselves wait for it and go on."""

    help = "Make anew what reviews of pools read of the stage runs. It can be run at any time; nothing else changes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print of how many orders the runs were read."""
        orders = rebuild_visits(now=timezone.now())
        self.stdout.write(f"What {orders} order(s) did in pools was made anew from their stage runs.")
