"""What may be recorded of several orders at once, and what a scan brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from supplychain.orders.rules.change_requests import REQUEST_KINDS
from supplychain.recording.rules.reports import PermittedReport, PersonReports


class ScanOutcome(StrEnum):
    """What a scanned or typed code led to."""

    ADDED = "added"
    AGAIN = "again"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Scan:
    """What became of one scanned code: the worklist after it; `found`: the orders that bear the code.

    `why`: what is wrong with the code itself, and what to do.
    """

    code: str
    outcome: ScanOutcome
    order_ids: tuple[UUID, ...]
    found: tuple[UUID, ...] = ()
    why: str = ""


def scan_onto(order_ids: Sequence[UUID], code: str, found: Sequence[UUID], *, most: int) -> Scan:
    """The worklist after a scan: the one order that bears the code comes on top, nothing is ever guessed."""
    listed = tuple(order_ids)
    if not found:
        return Scan(code, ScanOutcome.UNKNOWN, listed)
    if len(found) > 1:
        return Scan(code, ScanOutcome.SEVERAL, listed, tuple(found))
    if found[0] in listed:
        return Scan(code, ScanOutcome.AGAIN, listed, tuple(found))
    if len(listed) >= most:
        return Scan(code, ScanOutcome.FULL, listed, tuple(found))
    return Scan(code, ScanOutcome.ADDED, (found[0], *listed), tuple(found))


@dataclass(frozen=True, slots=True)
class SharedReport:
    """Something that may be said of some orders; `why_not`: what stands in the way for the first of the others."""

    report: PermittedReport
    orders: int
    why_not: str = ""

    @property
    def value(self) -> str:
        """How an address or form names it: kind and stage."""
        return ":".join(self.report.deed)


def shared_reports(each: Sequence[PersonReports]) -> tuple[list[SharedReport], list[SharedReport]]:
    """What is permitted of all orders, and what of some only; in the order in which it is offered for the first."""
    first: dict[tuple[str, str], PermittedReport] = {}
    for reports in each:
        for report in reports.permitted:
            if report.kind not in REQUEST_KINDS:  # each is read and answered by itself
                first.setdefault(report.deed, report)
    of_all: list[SharedReport] = []
    of_some: list[SharedReport] = []
    for deed, report in first.items():
        without = [reports for reports in each if not reports.find(*deed)]
        if without:
            of_some.append(SharedReport(report, len(each) - len(without), without[0].why_not(*deed)))
        else:
            of_all.append(SharedReport(report, len(each)))
    return of_all, [shared for shared in of_some if shared.report.is_main]
