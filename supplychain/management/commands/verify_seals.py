"""`manage.py verify_seals [ORDER …]`: proves that no event has been altered, or names the first that was."""

from concurrent.futures.process import BrokenProcessPool
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.actions.seals import BrokenSeal, broken_seals, usable_processes
from supplychain.orders.models import Identifier, PatientOrder


class Command(BaseCommand):
    """Checks the seal of every order, or of those named by id, CoI or another identifier."""

    help = "Check the seal of every order's events and name the first event of each that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which orders, by how many processes."""
        parser.add_argument("orders", nargs="*", metavar="ORDER", help="CoI or other identifier; none: all orders")
        parser.add_argument("--processes", type=int, default=usable_processes(), metavar="NUMBER",
                            help="share the orders out among so many processes; as it is: one a processor")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per broken seal; exit 1 if there is any."""
        order_ids = None
        if options["orders"]:
            named = {lookup_key(typed): typed for typed in options["orders"]}
            found = Identifier.objects.filter(key__in=named).values_list("key", "order_id")
            if missing := named.keys() - {key for key, _ in found}:
                raise CommandError(f"No order has {', '.join(sorted(named[key] for key in missing))}.")
            order_ids = [order_id for _, order_id in found]
        try:
            broken = [self._told(link) for link in broken_seals(order_ids, processes=options["processes"])]
        except BrokenProcessPool as error:
            raise CommandError("A process was killed before it was done: nothing is proven. Check again, with "
                               "--processes 1 if memory is short.") from error  # fmt: skip
        if broken:
            raise CommandError(f"{len(broken)} seal(s) broken: compare with a backup before anything else is changed.")
        checked = len(set(order_ids)) if order_ids is not None else PatientOrder.objects.count()
        self.stdout.write(f"{checked} seal(s) checked, every event fits.")

    def _told(self, link: BrokenSeal) -> BrokenSeal:
        """Said at once: thousands of orders take a while."""
        where = str(link.event_id) if link.event_id else "the end"
        self.stdout.write(f"{link.coi}: event {link.position} ({where}): {link.reason}")
        return link
