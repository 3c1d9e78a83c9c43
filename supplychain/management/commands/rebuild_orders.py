"""`manage.py rebuild_orders [--all]`: the states of orders, folded anew from their events."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
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
        """Print how many were folded."""
        orders = PatientOrder.objects.all() if options["all"] else PatientOrder.objects.open()
        folded = rebuild_orders(list(orders.values_list("pk", flat=True)), now=timezone.now())
        self.stdout.write(f"{folded} order(s) folded anew from their events; the workers judge them.")
