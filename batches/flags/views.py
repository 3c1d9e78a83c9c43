"""What people do with a raised flag: say that they know of it, take it on."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from batches.flags.actions.people import (
    FlagActionRefused,
    acknowledge_flag,
    settle_flag,
    take_on_flag,
)
from batches.flags.forms import AcknowledgeFlagForm, SettleFlagForm
from batches.flags.models import Flag
from supplychain.orders.models import PatientOrder
from supplychain.pages.access import signed_in
from supplychain.people.models import User
from supplychain.people.statuses import Role

HANDLING_ROLES = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR, Role.SITE_COORDINATOR)
# Tells the page (hx-trigger) that what it shows is no longer so.
CHANGED = {"HX-Trigger": "flag-changed"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def acknowledge(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """The form (for htmx the form alone), and taking it: 422 with the form for a comment that cannot be taken."""
    flag = _flag_to_handle(request.user, flag_id)
    form = AcknowledgeFlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acknowledge_flag(
                flag.pk, by=request.user, person=str(request.user), now=timezone.now(), **form.cleaned_data
            )
        except FlagActionRefused as refusal:
            return _refused(refusal)
        return _done(request, flag)
    template = "batches/flags/_acknowledge_flag.html" if request.htmx else "batches/flags/acknowledge_flag.html"
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"flag": flag, "form": form, "now": timezone.now()}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settle(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """The form of the decision of quality assurance, and taking it: 422 with the form for a reason that is missing."""
    flag = _flag_to_handle(request.user, flag_id)
    form = SettleFlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            settle_flag(flag.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
        except FlagActionRefused as refusal:
            return _refused(refusal)
        return _done(request, flag)
    template = "batches/flags/_settle_flag.html" if request.htmx else "batches/flags/settle_flag.html"
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"flag": flag, "form": form}, status=status)


@require_POST
@signed_in
def take_on(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Make the flag the person's own."""
    flag = _flag_to_handle(request.user, flag_id)
    try:
        take_on_flag(flag.pk, by=request.user, now=timezone.now())
    except FlagActionRefused as refusal:
        return _refused(refusal)
    return _done(request, flag)


def _flag_to_handle(user: User, flag_id: UUID) -> Flag:
    """The flag. Raises Http404 where the order does not exist for this person, PermissionDenied without the role."""
    flags = Flag.objects.select_related("order")
    flag = flags.filter(pk=flag_id, order__in=PatientOrder.objects.of_sites(user.site_ids())).first()
    if flag is None:
        raise Http404
    if not PatientOrder.objects.of_sites(user.site_ids(*HANDLING_ROLES)).filter(pk=flag.order_id).exists():
        raise PermissionDenied
    return flag


def _done(request: HttpRequest, flag: Flag) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers=CHANGED)
    return redirect("order", order_id=flag.order_id)


def _refused(refusal: FlagActionRefused) -> HttpResponse:
    return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8", headers=CHANGED)
