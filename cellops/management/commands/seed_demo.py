"""`manage.py seed_demo`: a believable past to look at."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cellops.demo.credentials import credentials_path, ensure_credentials, write_credentials
from cellops.demo.people import logins
from cellops.demo.writing import write_demo
from supplychain.sites.models import Site

# A seed under which the picture is a good one to start from; any other does as well.
USUAL_SEED = 8
USUAL_ORDERS = 400


class Command(BaseCommand):
    """Fills an empty database through the actions; keeps what the demo's systems sign in with for live_demo."""

    help = (
        "Fill an empty database with an invented network: two plants, eight treatment centres, six months of orders, "
        "a bottleneck, risks of each kind. Only in demo mode (CELLOPS_DEMO=1): it makes logins with a known password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are data already")
        parser.add_argument("--seed", type=int, default=USUAL_SEED, help="another number, another past (%(default)s)")
        parser.add_argument("--orders", type=int, default=USUAL_ORDERS, help="how many orders (%(default)s)")
        parser.add_argument("--show-logins", action="store_true", help="print the demo logins")
        parser.add_argument("--credentials", type=Path, help="file for live_demo (var/run/demo-sources.json)")

    def handle(self, *, seed: int, orders: int, **options: Any) -> None:
        """Seed, or say why not."""
        if not settings.DEMO:
            raise CommandError("This is no demo: seed_demo makes logins with a known password. Set CELLOPS_DEMO=1.")
        if orders < 1:
            raise CommandError("--orders: give at least 1.")
        path = options["credentials"] or credentials_path()
        if not Site.objects.exists():
            self._seed(seed, orders, path)
        elif options["if_empty"]:
            ensure_credentials(path)
        else:
            raise CommandError("There are data already; the demo wants an empty database (make clean).")
        if options["show_logins"]:
            self.stdout.write(logins() or "There are no demo logins.")

    def _seed(self, seed: int, orders: int, path: Path) -> None:
        with connection.cursor() as cursor:
            # All is one transaction, which simulates for minutes where the machine is slow: that is no lost client.
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
        console = Console(stderr=True)
        bar = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("Making up six months", total=1.0)
            plan, credentials = write_demo(
                seed=seed, orders=orders, now=timezone.now(), told=lambda share: progress.update(task, completed=share)
            )
        write_credentials(path, credentials)
        self.stdout.write(f"Demo data: {len(plan.orders)} orders, {len(plan.told)} events.")
