"""What a person wants to be told by e-mail, and when."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from batches.notifications.actions.settings import set_preferences
from batches.notifications.forms import NotificationSettingsForm
from batches.notifications.models import NotificationPreference
from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notification_settings(request: HttpRequest) -> HttpResponse:
    """The form, and taking it: 422 with the form for what cannot be taken."""
    stored = NotificationPreference.objects.filter(person=request.user).first()
    stored = stored or NotificationPreference(person=request.user)
    form = NotificationSettingsForm(request.POST or None, instance=stored, person=request.user)
    if request.method == "POST" and _is_taken(form, request):
        messages.success(request, "Saved. It holds from the next message on.")
        return redirect("notification_settings")
    page = {"form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "batches/notifications/notification_settings.html", page, status=status)


def _is_taken(form: NotificationSettingsForm, request: HttpRequest) -> bool:
    if not form.is_valid():
        return False
    said = {name: form.cleaned_data[name] for name in form.Meta.fields}
    try:
        set_preferences(**said, muted=form.muted, by=request.user)
    except Refused as refusal:
        for field, text in refusal.errors.items():
            form.add_error(field if field in form.fields else None, text)
    return not form.errors
