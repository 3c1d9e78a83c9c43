"""Tables as CSV files."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from supplychain.pages.charts import Chart, ChartKind
from supplychain.pages.spreadsheets import without_formula


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A file to save; moments are RFC 3339 with the offset of the person's zone, what is not known is empty."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerows([_cell(value) for value in row] for row in (header, *rows))
    return response


def chart_file(name: str, chart: Chart) -> HttpResponse:
    """The numbers of a chart."""
    # The name of this column in files does not follow the words of the page.
    first = chart.header[0] if chart.kind in (ChartKind.BANDS, ChartKind.POINTS) else "label"
    return csv_file(f"{name}-{chart.key}", [first, *chart.header[1:]], chart.table)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return without_formula(value) if isinstance(value, str) else value
