"""`manage.py verify_seals [ORDER …]`: proves that no event has been altered, or names the first that was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import Identifier, PatientOrder


class Command(BaseCommand):
    """Checks the seal of every order, or of those named by id, CoI or another identifier."""

    help = "Check the seal of every order's events and name the first event of each that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which orders."""
        parser.add_argument("orders", nargs="*", metavar="ORDER", help="CoI or other identifier; none: all orders")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per broken seal; exit 1 if there is any."""
        order_ids = None
        if options["orders"]:
            named = {lookup_key(typed): typed for typed in options["orders"]}
            found = Identifier.objects.filter(key__in=named).values_list("key", "order_id")
            if missing := named.keys() - {key for key, _ in found}:
                raise CommandError(f"No order has {', '.join(sorted(named[key] for key in missing))}.")
            order_ids = [order_id for _, order_id in found]
        broken = 0
        for link in broken_seals(order_ids):
            broken += 1
            where = str(link.event_id) if link.event_id else "the end"
            self.stdout.write(f"{link.coi}: event {link.position} ({where}): {link.reason}")
        if broken:
            raise CommandError(f"{broken} seal(s) broken: compare with a backup before anything else is changed.")
        checked = len(set(order_ids)) if order_ids is not None else PatientOrder.objects.count()
        self.stdout.write(f"{checked} seal(s) checked, every event fits.")
