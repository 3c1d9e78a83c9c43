"""Issued documents, as far as their orders exist for whoever asks."""

from uuid import UUID

from django.db.models import QuerySet

from supplychain.documents.models import IssuedReport
from supplychain.documents.rules.fingerprints import ReportComparison, compare
from supplychain.orders.models import PatientOrderQuerySet, StatusEvent


def reports_of(order_id: UUID) -> QuerySet[IssuedReport]:
    """The chain reports of an order, the newest first, without what they say."""
    return IssuedReport.objects.filter(order=order_id).defer("content").select_related("made_by").order_by("-made_at")


def report_with(fingerprint: str, orders: PatientOrderQuerySet) -> IssuedReport | None:
    """The report of one of `orders` whose fingerprint begins so; None: there is none, or more than one."""
    found = IssuedReport.objects.filter(fingerprint__startswith=fingerprint, order__in=orders)
    reports = list(found.select_related("order", "made_by")[:2])
    return reports[0] if len(reports) == 1 else None


def compared(report: IssuedReport) -> ReportComparison:
    """The report beside the record as it is now; one query."""
    order = report.order
    heads = dict(
        StatusEvent.objects.filter(order=order, position__gte=report.events)
        .order_by("position")
        .values_list("position", "hash")
    )
    return compare(
        report.content, report.fingerprint, report.events, report.head,
        head_now=heads.get(report.events, ""), events_now=max(heads, default=0),
    )  # fmt: skip
