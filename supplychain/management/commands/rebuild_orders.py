"""`manage.py rebuild_orders [--all]`: the states of orders, folded anew from their events."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import PatientOrder


class Command(BaseCommand):
    """Folds open orders anew, or all; they are judged by the workers soon after."""

    help = "Fold the states of open orders anew from their events, as an upgrade asks for. No fact changes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which orders."""
        parser.add_argument("--all", action="store_true", help="ended orders as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many were folded; exit 1 and name those that could not be."""
        orders = PatientOrder.objects.all() if options["all"] else PatientOrder.objects.open()
        found = list(orders.order_by("pk"))
        failed = rebuild_orders(found, now=timezone.now())
        self.stdout.write(f"{len(found) - len(failed)} order(s) folded anew from their events; the workers judge them.")
        for order_id, why in failed.items():
            self.stdout.write(f"{order_id}: {why}")
        if failed:
            raise CommandError(f"{len(failed)} order(s) could not be folded: they stand as they were.")
