"""`manage.py create_source CODE --kind KIND --sites CODE,CODE`: a new reporting system and its OAuth client."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from supplychain.audit.refusals import Refused
from supplychain.sites.models import Site
from supplychain.systems.actions import USUAL_SCOPES, create_source
from supplychain.systems.statuses import SourceKind


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


class Command(BaseCommand):
    """Reads the options, calls the action, prints JSON and nothing else."""

    help = "Create a reporting system. Prints its client id and secret as JSON; the secret is never shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the source."""
        parser.add_argument("--code", required=True, help="short and lasting: a-z, 0-9, - and _")
        parser.add_argument("--name", default="", help="name for people (default: the code)")
        parser.add_argument("--kind", choices=SourceKind.values, default=SourceKind.HOSPITAL.value)
        parser.add_argument("--sites", type=_words, help="codes, separated by commas (default: the only site there is)")
        parser.add_argument(
            "--scopes", type=_words, help=f"separated by commas; events:write alone: with what its kind reports "
            f"(default: {_usual()})",
        )  # fmt: skip

    def handle(self, *, code: str, name: str, kind: str, **options: Any) -> None:
        """Create the source; on a problem say which, print nothing on standard output, end with status 1."""
        sites = _only_site() if options["sites"] is None else options["sites"]
        try:
            made = create_source(
                code=code, name=name or code, kind=SourceKind(kind), sites=sites, scopes=options["scopes"], by=None
            )
        except Refused as refusal:
            raise CommandError(refusal.as_lines()) from refusal
        answer = {
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "code": made.source.code,
            "scopes": made.source.scopes,
            "sites": [site.code for site in made.source.sites.all()],
        }
        self.stdout.write(json.dumps(answer))


def _only_site() -> list[str]:
    codes = list(Site.objects.filter(is_active=True).values_list("code", flat=True))
    if len(codes) == 1:
        return codes
    raise CommandError(
        f"Name the source's sites with --sites CODE,CODE. Known sites: {', '.join(codes) or 'none yet'}."
    )


def _usual() -> str:
    return "; ".join(f"{kind}: {','.join(scopes)}" for kind, scopes in USUAL_SCOPES.items())
