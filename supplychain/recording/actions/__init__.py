"""What people record on our screens, and what they take back."""

from supplychain.recording.actions.refusals import ReportRefused
from supplychain.recording.actions.reports import (
    MOST_ORDERS,
    OrderReport,
    OrderReportResult,
    report_by_person,
    report_many_by_person,
)
from supplychain.recording.actions.withdrawals import withdraw_report, withdraw_reports

__all__ = [
    "MOST_ORDERS",
    "OrderReport",
    "OrderReportResult",
    "ReportRefused",
    "report_by_person",
    "report_many_by_person",
    "withdraw_report",
    "withdraw_reports",
]
