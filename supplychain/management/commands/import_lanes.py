"""`manage.py import_lanes FILE.csv`: brings the usual ways of couriers in."""

from collections.abc import Callable, Sequence
from typing import Any

from supplychain.imports.lanes import LANE_COLUMNS, lane_row, send_lanes
from supplychain.imports.running import RowAnswer
from supplychain.management.import_command import ImportCommand


class Command(ImportCommand):
    """One row, one lane; the columns are in docs/imports.md."""

    help = (
        "Import lanes from a CSV file. Columns: docs/imports.md. Safe to run twice. Rejected rows go to a file beside "
        "it; exit status 1 then."
    )
    columns = LANE_COLUMNS
    what = "lanes"
    make_row = staticmethod(lane_row)

    def sender(self, source: str | None) -> Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]:
        """Lanes are master data: no source speaks for them."""
        return send_lanes
