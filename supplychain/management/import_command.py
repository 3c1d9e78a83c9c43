"""What `manage.py import_orders`, `import_events` and `import_lanes` have in common."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from supplychain.garbage import collect_seldom
from supplychain.imports.columns import Columns
from supplychain.imports.csv_files import CsvFile, FileRefused, column_name
from supplychain.imports.running import Import, RejectedRows, RowAnswer, Tally, free_path
from supplychain.orders.actions.events import Reporter
from supplychain.orders.statuses import ReportOutcome
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind

SAFE_TO_REPEAT = "What is in stays in; run the same command again, it is safe."


class ImportCommand(BaseCommand):
    """Reads a CSV file, sends its rows to an action, and says what came of them."""

    columns: ClassVar[Columns]
    what: ClassVar[str]

    # What makes a row for the action from a row's cells, and what stores a chunk of such rows.
    make_row: ClassVar[Callable[[Mapping[str, str], ZoneInfo | None], dict[str, Any]]]
    make_sender: ClassVar[Callable[[Reporter], Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, who speaks through it, and how to read it."""
        parser.add_argument("file", metavar="FILE.csv", type=Path, help="CSV in UTF-8, first line the column names")
        parser.add_argument("--source", help="code of the source system that the file speaks for (the one spreadsheet)")
        parser.add_argument("--time-zone", help="zone of moments that have no offset, for example Europe/Oslo")
        parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN", help="leave this column unread")
        parser.add_argument("--rejected", type=Path, help="where rejected rows go (FILE.rejected.csv beside the file)")

    def run_from_argv(self, argv: list[str]) -> None:
        """From the command line the process is this import's own."""
        collect_seldom()
        super().run_from_argv(argv)

    def handle(self, *, file: Path, **options: Any) -> None:
        """Import the file; exit status 1 if any row was rejected."""
        zone = _zone(options["time_zone"])
        send = self.sender(options["source"])
        try:
            csv_file = CsvFile(file, self.columns.known)
            names = self.columns.read(csv_file.header, ignored=[column_name(name) for name in options["ignore"]])
        except (FileRefused, OSError) as problem:
            raise CommandError(f"{file}: nothing was imported.\n{problem}") from problem
        rejected = _writable(options["rejected"] or free_path(file))
        with RejectedRows(rejected, csv_file) as rows:
            run = Import(
                file=csv_file, names=names, read=self.make_row, send=send, rejected=rows, zone=zone
            )  # fmt: skip
            self._run(run)
        self._say(run.tally, rejected)

    def sender(self, source: str | None) -> Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]:
        """What stores a chunk of rows."""
        return self.make_sender(Reporter.of_source(_source(source)))

    def _run(self, run: Import) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task(f"Importing {self.what}", total=run.file.bytes)
            try:
                for position in run.run():
                    progress.update(bar, completed=position)
            except (FileRefused, OSError, OperationalError, InterfaceError) as problem:
                reached = f"Everything up to line {run.tally.last_line} was sent. {SAFE_TO_REPEAT}"
                raise CommandError(f"{str(problem).strip()}\n{reached}") from problem

    def _say(self, tally: Tally, rejected: Path) -> None:
        counts = ", ".join(f"{tally.outcomes[outcome]} {text}" for outcome, text in _words(self.what))
        blank = f", {tally.blank} blank lines" if tally.blank else ""
        self.stdout.write(f"{counts}{blank}.")
        if tally.doubted:
            more = [f"and {tally.doubted - len(tally.doubts)} more"] if tally.doubted > len(tally.doubts) else []
            rows = "1 row was" if tally.doubted == 1 else f"{tally.doubted} rows were"
            self.stderr.write("\n".join([f"{rows} taken and flagged; look at the orders:", *tally.doubts, *more]))
        if tally.refused:
            raise CommandError(
                f"Rows not taken are in {rejected}, each with its line and reason. Mend them, then import that file."
            )


def _writable(path: Path) -> Path:
    if path.exists() or not os.access(path.parent, os.W_OK):
        raise CommandError(f"Rejected rows cannot be written to {path}; name a new file with --rejected.")
    return path


def _words(what: str) -> list[tuple[ReportOutcome, str]]:
    return [
        (ReportOutcome.CREATED, f"{what} created"),
        (ReportOutcome.DUPLICATE, "already known"),
        (ReportOutcome.CONFLICT, "conflicts"),
        (ReportOutcome.REJECTED, "rejected"),
    ]


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"--time-zone: “{name}” is no IANA time zone; write for example Europe/Oslo.") from error


def _source(code: str | None) -> SourceSystem:
    """The source to speak for: the one named, else the only spreadsheet there is."""
    active = SourceSystem.objects.filter(is_active=True)
    found = list(active.filter(code=code) if code else active.filter(kind=SourceKind.SPREADSHEET)[:2])
    if len(found) == 1:
        return found[0]
    known = ", ".join(active.order_by("code").values_list("code", flat=True)[:20]) or "none"
    problem = f"There is no source “{code}”" if code else "Name the source that the file speaks for with --source CODE"
    raise CommandError(
        f"{problem} (known: {known}). Make one with: "
        "manage.py create_source --code my-sheets --kind spreadsheet --sites SITE_CODE"
    )
