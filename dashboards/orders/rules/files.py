"""The order list as a CSV file. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from supplychain.pages.spreadsheets import without_formula

HEADER = (
    "chain_of_identity", "chain_of_identity_issuer", "patient_reference", "product", "flow", "ordering_site",
    "collection_site", "plant", "infusion_site", "priority", "ordered_at", "status", "stage", "stage_status",
    "stage_since", "attempt", "promised_at", "forecast_ready_at", "forecast_ready_from",
    "forecast_ready_to", "forecast_basis", "forecast_assumes", "slack_hours", "late_probability", "worst_flag", "flags",
    "flags_unacknowledged", "last_event", "last_event_words", "last_event_at", "last_recorded_at",
    "infused_at", "cancelled_at", "closed_at", "change_asked", "change_asked_at", "change_outcome",
    "hold_budget_hours", "hold_limit_at", "hold_foreseen_end_at",
)  # fmt: skip


def cells(values: Sequence[Any], zone: tzinfo) -> list[str]:
    """One row as texts: moments in ISO 8601 with the zone's offset, numbers as they are, no formulas."""
    return [_cell(value, zone) for value in values]


def _cell(value: Any, zone: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, float):
        return f"{value:.1f}"
    return without_formula(value) if isinstance(value, str) else str(value)


def file_name(what: str, now: datetime, zone: tzinfo) -> str:
    """For example cellops-orders-2026-11-23.csv."""
    return f"cellops-{what}-{now.astimezone(zone):%Y-%m-%d}.csv"
