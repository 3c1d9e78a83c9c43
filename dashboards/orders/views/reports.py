"""Chain reports of an order: made, listed, and had again as they were made."""

import json
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from dashboards.orders.queries.chain_report import chain_report
from dashboards.orders.queries.page import order_view
from dashboards.orders.rules.chain_paper import chain_paper
from dashboards.orders.views.page import found_order
from supplychain.documents.actions import issue_report
from supplychain.documents.models import IssuedReport
from supplychain.documents.queries import reports_of
from supplychain.nesting import laid_out
from supplychain.orders.actions.seals import check_seal
from supplychain.orders.queries import open_stops
from supplychain.pages.access import signed_in
from supplychain.pages.papers import FontMissing, pdf_of


@require_safe
@signed_in
def chain_reports(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The reports that were made of the order, and the button for another."""
    order = found_order(request, order_id)
    now = timezone.now()
    stops = open_stops([order.pk], now=now).get(order.pk, ())
    shown = {"order": order, "stops": stops, "reports": reports_of(order.pk), "now": now}
    return render(request, "dashboards/orders/chain_reports.html", shown)


@require_POST
@signed_in
def make_chain_report(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Verify the whole seal, and keep a report of what the record says now."""
    now = timezone.now()
    found_order(request, order_id)
    check = check_seal(order_id, whole=True, now=now)
    order, zone = found_order(request, order_id), timezone.get_current_timezone_name()
    view = order_view(order, request.user, now, most_events=None)
    content = chain_report(view, check, request.user, zone, now)
    issue_report(order, content, by=request.user, time_zone=zone, now=now)
    return redirect("chain_reports", order_id=order_id)


@require_safe
@signed_in
def chain_report_pdf(request: HttpRequest, order_id: UUID, report_id: UUID) -> HttpResponse:
    """The report for paper."""
    report = _report(request, order_id, report_id)
    address = request.build_absolute_uri(reverse("check_document"))
    remark = "Demo data: no real patients." if settings.DEMO else ""
    paper = chain_paper(
        json.loads(report.content), report.fingerprint, address, ZoneInfo(report.time_zone), remark=remark
    )
    try:
        return _file(pdf_of(paper), "application/pdf", report, "pdf")
    except FontMissing as missing:
        messages.error(request, f"No PDF can be made: {missing} Its JSON says the same.")
        return redirect("chain_reports", order_id=order_id)


@require_safe
@signed_in
def chain_report_json(request: HttpRequest, order_id: UUID, report_id: UUID) -> HttpResponse:
    """The report as data; `content` word for word as its fingerprint was taken of it."""
    report = _report(request, order_id, report_id)
    said: dict[str, Any] = {"fingerprint": report.fingerprint, "content": report.content}
    return _file(laid_out(said | {"report": json.loads(report.content)}), "application/json", report, "json")


def _file(content: bytes, content_type: str, report: IssuedReport, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"{report.order.coi}-chain-{report.fingerprint[:12]}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _report(request: HttpRequest, order_id: UUID, report_id: UUID) -> IssuedReport:
    order = found_order(request, order_id)
    return get_object_or_404(IssuedReport.objects.select_related("order"), pk=report_id, order=order)
