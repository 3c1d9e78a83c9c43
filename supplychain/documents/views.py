"""Comparing a printed document with the record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from supplychain.documents.queries import compared, report_with
from supplychain.documents.rules.fingerprints import SHORTEST, typed_fingerprint
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer


@require_safe
@signed_in
def check_document(request: HttpRequest) -> HttpResponse:
    """What became of the document whose fingerprint is `?fingerprint=`: typed from paper, or its printed code."""
    typed = request.GET.get("fingerprint", "").strip()
    fingerprint = typed_fingerprint(typed)
    report = report_with(fingerprint, Viewer.of(request.user).orders()) if fingerprint else None
    shown = {
        "typed": typed, "fingerprint": fingerprint, "report": report, "shortest": SHORTEST, "now": timezone.now(),
        "compared": compared(report) if report else None,
    }  # fmt: skip
    return render(request, "supplychain/documents/check.html", shown)
