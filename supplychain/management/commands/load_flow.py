"""`manage.py load_flow FILE`: checks a flow file and loads it for its products."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from supplychain.flows.actions import FlowOutcome, FlowRefused, LoadedFlow, load_flow
from supplychain.flows.models import Product


class Command(BaseCommand):
    """Reads the file, calls the action, shows what came of it."""

    help = "Check a flow file (YAML) and load it. A problem changes nothing: all of them are listed, exit status 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one or more files."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *, files: list[Path], **options: Any) -> None:
        """Load every file; a file with problems does not stop the others."""
        outcomes = [self._load(path) for path in files]
        self._say_products_without_default()
        if not all(outcomes):
            raise CommandError("Nothing was loaded from the files with problems; correct them and load them again.")

    def _load(self, path: Path) -> bool:
        try:
            loaded = load_flow(path.read_text(encoding="utf-8"), by=None, now=timezone.now())
        except FlowRefused as refusal:
            count = len(refusal.problems)
            self.stderr.write(f"{path}: {count} {'problem' if count == 1 else 'problems'}")
            for problem in refusal.problems:
                self.stderr.write(f"  {problem}")
            return False
        except (OSError, UnicodeDecodeError) as error:
            self.stderr.write(f"{path}: cannot be read: {error}")
            return False
        self._show(path, loaded)
        return True

    def _show(self, path: Path, loaded: list[LoadedFlow]) -> None:
        console = Console(file=self.stdout, width=100, highlight=False)
        table = Table(title=f"{loaded[0].flow.code}: {loaded[0].flow.name}", title_justify="left")
        for heading in ("product", "name", "version", "default", "stages", "outcome"):
            table.add_column(heading)
        for each in loaded:
            table.add_row(*_row(each))
        console.print(table)
        if not any(each.changed for each in loaded):
            self.stdout.write(f"{path}: the same content is loaded already; nothing changed.")

    def _say_products_without_default(self) -> None:
        without = Product.objects.filter(is_active=True).exclude(flows__is_current=True, flows__is_default=True)
        if codes := ", ".join(without.values_list("code", flat=True)):
            self.stdout.write(f"An order of {codes} must name its flow: no flow has default: true for it.")


def _row(loaded: LoadedFlow) -> list[str]:
    outcome = str(loaded.outcome.label)
    if loaded.default_changed and loaded.outcome != FlowOutcome.CREATED:
        outcome += ", now default" if loaded.flow.is_default else ", no longer default"
    if loaded.product_renamed:
        outcome += ", product renamed"
    stages = str(len(loaded.flow.definition["stages"]))
    default = "yes" if loaded.flow.is_default else "no"
    return [loaded.product.code, loaded.product.name, str(loaded.flow.version), default, stages, outcome]
