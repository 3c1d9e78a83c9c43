"""Rows of a file of lanes as create_lane takes them."""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from supplychain.audit.refusals import Refused
from supplychain.imports.columns import Columns
from supplychain.imports.rows import RowProblems
from supplychain.imports.running import RowAnswer
from supplychain.orders.statuses import ReportOutcome
from supplychain.sites.models import Site
from supplychain.transport.actions.lanes import create_lane
from supplychain.transport.models import Lane

LANE_COLUMNS = Columns(
    required=("from_site", "to_site", "usual_hours"), optional=("courier", "customs_hours", "cut_offs")
)
HOURS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
OTHER_HOURS = (
    "There is a lane of this courier between these sites already, with other hours or cut-off times, or switched off: "
    "change it in the administration, with a reason."
)


def lane_row(cells: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, Any]:
    """The lane in a row's cells (those that are not empty), by column. Raises RowRefused."""
    problems, row = RowProblems(), {"courier": "", **cells}
    if empty := [name for name in LANE_COLUMNS.required if name not in cells]:
        problems.add(f"{', '.join(empty)}: empty; fill it in.")
    for name in {"usual_hours", "customs_hours"} & cells.keys():
        if not HOURS.fullmatch(cells[name]):
            problems.add(f"{name}: “{cells[name]}” is no number of hours; write 20 or 20.5.")
    clocks = re.split(r"[\s,;]+", cells.get("cut_offs", "").strip()) if cells.get("cut_offs") else []
    if wrong := [one for one in clocks if not CLOCK.fullmatch(one)]:
        problems.add(f"cut_offs: “{wrong[0]}” is no time of the day; write 09:00 16:30.")
    problems.check()
    return row | {
        "usual_hours": float(cells["usual_hours"]), "customs_hours": float(cells.get("customs_hours", 0)),
        "cut_offs": sorted({time.fromisoformat(one) for one in clocks}),
    }  # fmt: skip


def send_lanes(rows: Sequence[dict[str, Any]]) -> list[RowAnswer]:
    """Store a chunk of lanes; one answer a row."""
    codes = {row[name] for row in rows for name in ("from_site", "to_site")}
    sites = {site.code: site for site in Site.objects.filter(code__in=codes, is_active=True)}
    return [_sent(row, sites) for row in rows]


def _sent(row: Mapping[str, Any], sites: Mapping[str, Site]) -> RowAnswer:
    if unknown := [f"{name}: no site in use has the code “{row[name]}”." for name in ("from_site", "to_site")
                   if row[name] not in sites]:  # fmt: skip
        return RowAnswer(ReportOutcome.REJECTED, " ".join(unknown))
    ends = {"from_site": sites[row["from_site"]], "to_site": sites[row["to_site"]]}
    said = {name: row[name] for name in ("courier", "usual_hours", "customs_hours", "cut_offs")}
    if known := Lane.objects.filter(**ends, courier__iexact=row["courier"]).first():
        is_same = known.is_active and all(getattr(known, name) == said[name] for name in said if name != "courier")
        return RowAnswer(ReportOutcome.DUPLICATE) if is_same else RowAnswer(ReportOutcome.CONFLICT, OTHER_HOURS)
    try:
        create_lane(**ends, **said, by=None)
    except Refused as refused:
        return RowAnswer(ReportOutcome.REJECTED, str(refused))
    return RowAnswer(ReportOutcome.CREATED)
