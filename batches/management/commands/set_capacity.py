"""`manage.py set_capacity --site CODE --pool CODE --places N`: a pool and how many orders it serves at once."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from batches.capacity.actions import create_pool, create_suite
from batches.capacity.models import Pool
from batches.capacity.queries import need_of, places_before
from batches.capacity.rules import fewer_places_question
from supplychain.audit.refusals import Refused
from supplychain.flows.models import Stage
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.sites.queries import find_sites


def _moment(text: str) -> datetime:
    try:
        return read_moment(text)
    except UnreadableMoment as problem:
        raise ArgumentTypeError(str(problem)) from problem


class Command(BaseCommand):
    """Reads the options and calls the action."""

    help = "Set up a pool of a site, or change how many orders it serves at once from a moment on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which pool, how many places, from when on."""
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--pool", required=True, help="code of the pool, as the flows' stages name it")
        parser.add_argument("--places", required=True, type=int, help="orders that it serves at once")
        parser.add_argument("--starts-at", type=_moment, help="such as 2026-12-01T06:00:00+01:00 (default: now)")
        parser.add_argument("--name", default="", help="name for people (default: the code)")
        parser.add_argument("--meant", action="store_true", help="also where open orders need more places than that")
        parser.add_argument("--suites", default="", help="codes of its named places, separated by commas")

    def handle(self, *, site: str, pool: str, places: int, **options: Any) -> None:
        """Set the capacity, or say what is wrong and end with status 1."""
        now = timezone.now()
        known = sorted(set(Stage.objects.exclude(pool="").values_list("pool", flat=True)))
        if pool not in known:
            raise CommandError(
                f"pool: no flow names “{pool}”. Pools of the loaded flows: {', '.join(known) or 'none'}."
            )
        starts_at, name = options["starts_at"] or now, options["name"] or pool
        try:
            place = find_sites([site], field="site")[0]
            if not options["meant"]:
                self._ask(Pool(site=place, code=pool), places, starts_at, now)
            made = create_pool(site=place, code=pool, name=name, places=places, starts_at=starts_at, by=None, now=now)
        except (Refused, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for code in filter(None, (part.strip() for part in options["suites"].split(","))):
            create_suite(made, code=code, by=None)
        self.stdout.write(f"{made} serves {places} at once from {starts_at:%Y-%m-%d %H:%M %Z} on.")

    def _ask(self, pool: Pool, places: int, starts_at: datetime, now: datetime) -> None:
        """Orders that are left without a place are not overlooked."""
        stored = Pool.objects.filter(site=pool.site, code=pool.code).first()
        before = places_before(stored, starts_at) if stored else None
        if question := fewer_places_question(places, before, need_of(pool), starts_at=starts_at, now=now):
            raise CommandError(f"{question} If that is meant, add --meant.")
