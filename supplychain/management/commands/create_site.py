"""`manage.py create_site --code CODE --kind KIND`: a new site."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from supplychain.audit.refusals import Refused
from supplychain.sites.actions import create_site
from supplychain.sites.statuses import SiteKind


class Command(BaseCommand):
    """Reads the options and calls the action."""

    help = "Create a treatment centre, collection centre or manufacturing plant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the site."""
        parser.add_argument("--code", required=True, help="short and lasting: systems and files name the site by it")
        parser.add_argument("--name", default="", help="name for people (default: the code)")
        parser.add_argument("--kind", required=True, choices=SiteKind.values)
        parser.add_argument("--time-zone", default="UTC", help="IANA name, for example Europe/Oslo (default: UTC)")

    def handle(self, *, code: str, name: str, kind: str, time_zone: str, **options: Any) -> None:
        """Create the site, or say what is wrong with it and end with status 1."""
        try:
            site = create_site(code=code, name=name or code, kind=SiteKind(kind), time_zone=time_zone, by=None)
        except Refused as refusal:
            raise CommandError(refusal.as_lines()) from refusal
        self.stdout.write(f"{site.get_kind_display()} {site.code} ({site.time_zone}) is there.")
