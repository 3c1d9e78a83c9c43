"""Recording what happened to one order: the form in a dialog or on a page of its own."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from supplychain.chain.rules.hand_overs import asks_check
from supplychain.chain.statuses import CheckPlace
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import ReportResult
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import change_of, expected_doses, open_stops
from supplychain.orders.rules.change_requests import REQUEST_KINDS
from supplychain.orders.rules.second_people import asked_words
from supplychain.orders.statuses import PACKING_ENDS, OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.camera import reads_with_camera
from supplychain.recording.actions import ReportRefused, report_by_person
from supplychain.recording.forms import ReportForm, ReportSubject
from supplychain.recording.queries import (
    correction_of,
    hold_of,
    missed_of,
    notes_before,
    orders_to_record,
    permitted_reports,
    waits_for_second,
)
from supplychain.recording.rules.corrections import CANCEL_ENDS, OWN
from supplychain.recording.rules.reports import PermittedReport, PersonReports
from supplychain.recording.rules.requests import offers_cancellation, sent_words
from supplychain.recording.rules.signed import signing_of
from supplychain.sentences import said_in
from supplychain.sign_in.signing import Signing
from supplychain.transport.queries import packaging_doubt

# Open pages fetch their fragment anew on this event (templates/live_page.html).
SECOND_MISSING = "Two people check here: the second one confirms it on the order’s custody page within a day."
CHANGED = {"HX-Trigger": "changed"}


@sensitive_post_parameters("sign-password", "sign-code")
@require_http_methods(["GET", "HEAD", "POST"])
@reads_with_camera
@signed_in
def report_event(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The form of the report named by `kind`, `stage` and `attempt`, and taking it: 422 with the form if it cannot."""
    order = _order(request, order_id)
    now, asked = timezone.now(), _asked(request)
    stops = open_stops([order.pk], now=now).get(order.pk, ())
    reports = permitted_reports(order, request.user, now, order.stage_runs.all(), stops=stops)
    report = reports.find(**asked)
    if report is None:
        return _not_now(request, order, reports, asked)
    outlook = expected_doses([order.pk], now).get(order.pk) if report.tells_dates else None
    form = ReportForm(request.POST or None, subjects=[ReportSubject(order, report, stops, outlook)], now=now)
    form.initial |= {name: request.GET[name] for name in ("wish", "cause") if name in request.GET}
    signing = Signing(request, order.pk, signing_of(flow_plan(order.flow_id), report))
    return _taken(request, form, signing) if request.method == "POST" else _form(request, form, signing)


def _order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    orders = orders_to_record(request.user, [order_id])
    if not orders:
        raise Http404
    return orders[0]


def _asked(request: HttpRequest) -> dict[str, Any]:
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    attempt = given.get("attempt", "")
    number = int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) <= 3 else None
    return {"kind": given.get("kind", ""), "stage": given.get("stage", ""), "attempt": number}


def _taken(request: HttpRequest, form: ReportForm, signing: Signing) -> HttpResponse:
    if not (form.is_valid() and signing.check()):
        return _form(request, form, signing, status=422)
    try:
        result = _record(request, form, signing)
    except ReportRefused as refusal:
        return _form(request, _looked_again(form, refusal), signing, status=422)
    return _done(request, form.subjects[0].order, form.report.words, form.report, result.event_id)


def _record(request: HttpRequest, form: ReportForm, signing: Signing) -> ReportResult:
    order, report = form.subjects[0].order, form.report
    return report_by_person(
        order.pk,
        by=request.user,
        kind=report.kind,
        stage=report.stage,
        attempt=report.attempt,
        occurred_at=form.cleaned_data["occurred_at"],
        payload=form.said_of(order.pk),
        reason=form.cleaned_data.get("reason", ""),
        seen_version=form.seen_version(order.pk),
        token=str(form.cleaned_data["token"]),
        is_early_meant=form.cleaned_data["is_early_meant"],
        is_short_meant=form.cleaned_data["is_short_meant"],
        is_soon_meant=form.cleaned_data["is_soon_meant"],
        is_first_asked=form.cleaned_data["is_first_asked"],
        now=form.now,
        proof=signing.proof,
    )


def _looked_again(form: ReportForm, refusal: ReportRefused) -> ReportForm:
    """The form as filled in, with what is known now and the refusal, to be sent again after reading."""
    data = form.data.copy()
    for subject in form.subjects:
        data[f"seen_version-{subject.order.pk}"] = str(subject.order.version)
    fresh = ReportForm(data, subjects=form.subjects, now=form.now)
    fresh.is_valid()
    fresh.add_error(refusal.field if refusal.field in fresh.fields else None, str(refusal))
    return fresh


def _not_now(request: HttpRequest, order: PatientOrder, reports: PersonReports, asked: dict[str, Any]) -> HttpResponse:
    """Not permitted (any more). A form sent twice has been taken the first time, and that is said."""
    if request.method == "POST":
        try:
            said = {"occurred_at": timezone.now(), "seen_version": order.version, "now": timezone.now()}
            report_by_person(order.pk, by=request.user, token=request.POST.get("token", "")[:40], **asked, **said)
        except ReportRefused as refusal:
            return _refused(request, order, str(refusal))
        return _done(request, order, "it was recorded the first time already, as it was sent then")
    return _refused(request, order, reports.why_not(**asked))


def _refused(request: HttpRequest, order: PatientOrder, why: str) -> HttpResponse:
    why = _said_here(why)
    if request.htmx:
        return HttpResponse(why, status=409, content_type="text/plain; charset=utf-8", headers=CHANGED)
    return render(request, "supplychain/recording/report_refused.html", {"order": order, "why": why}, status=409)


def _said_here(sentence: str) -> str:
    """The sentence with its moments in the reader's zone."""
    return said_in(sentence, timezone.get_current_timezone(), timezone.now())


def _form(request: HttpRequest, form: ReportForm, signing: Signing, status: int = 200) -> HttpResponse:
    subject = form.subjects[0]
    template = "supplychain/recording/_report_form.html" if request.htmx else "supplychain/recording/report.html"
    context = {"form": form, "order": subject.order, "report": subject.report, "next": _next(request)}
    context["signing"] = signing
    context |= {"stops": subject.stops, "outlook": subject.outlook}
    context["ends"] = CANCEL_ENDS if subject.report.kind == OrderEventKind.CANCELLED else ""
    context["missed"] = missed_of(subject.order, subject.report, form.now)
    context["answering"] = notes_before(subject.order, subject.report, form.now, subject.stops)
    context["hold"] = hold_of(subject.order, subject.report)
    context["correction"] = correction_of(request.user, subject.order, subject.report)
    plan = flow_plan(subject.order.flow_id).stages.get(subject.report.stage)
    context |= {"checks_identity": asks_check(plan, subject.report.kind), "token": uuid4()}
    context["two_people"] = asked_words(flow_plan(subject.order.flow_id), subject.report.kind, subject.report.stage)
    context["checked_from"] = CheckPlace.HAND_OVER.value
    return render(request, template, context, status=status)


def _done(
    request: HttpRequest,
    order: PatientOrder,
    words: str,
    report: PermittedReport | None = None,
    event_id: UUID | None = None,
) -> HttpResponse:
    kind = request.POST.get("kind", "")
    sent = ""
    doubt = _said_here(packaging_doubt(order, event_id, timezone.now())) if kind in PACKING_ENDS else ""
    if kind in REQUEST_KINDS:
        order.refresh_from_db(fields=["change_request", "promised_at"])
        plant = order.plant
        sent = _said_here(sent_words(kind, change_of(order), plant.name, plant.telephone, order.promised_at))
    if request.htmx:
        said = {"order": order, "words": words, "is_request": kind in REQUEST_KINDS, "sent": sent}
        said["offers_cancellation"] = offers_cancellation(kind, request.POST)
        said |= {"doubt": doubt, "event": event_id, "asks_second": waits_for_second(order, event_id)}
        said["correction"] = correction_of(request.user, order, report) if report else OWN
        response = render(request, "supplychain/recording/_report_done.html", said)
        response["HX-Trigger"] = CHANGED["HX-Trigger"]
        return response
    messages.success(request, f"{order.coi}: {sent}" if sent else f"Recorded for {order.coi}: {words}.")
    if doubt:
        messages.error(request, f"{order.coi}: {doubt}")
    if waits_for_second(order, event_id):
        messages.warning(request, f"{order.coi}: {SECOND_MISSING}")
    if offers_cancellation(kind, request.POST):
        messages.warning(request, f"{order.coi}: the patient has died. Ask the plant to cancel the order, too.")
    if back := _next(request):
        return redirect(back)
    return redirect("order", order_id=order.pk)


def _next(request: HttpRequest) -> str:
    """Where the person came from, if that is one of our own pages."""
    asked = (request.POST if request.method == "POST" else request.GET).get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()) else ""
