"""Keeping, renaming and giving up views of the order list; each leads back to the list with a word on what was done."""

from uuid import UUID

from django.contrib import messages
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in
from supplychain.saved_views import actions as saved_views
from supplychain.saved_views.forms import RenameViewForm, SaveViewForm
from supplychain.saved_views.models import SavedView


@require_POST
@signed_in
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter shown under a name."""
    form = SaveViewForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    try:
        view = saved_views.save_view(**form.cleaned_data, by=request.user)
    except Refused as refusal:
        return _back(request, form.cleaned_data["query"], refusal=refusal)
    return _back(request, view.query, f"Saved as “{view.name}”.")


@require_POST
@signed_in
def rename_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Give a view another name."""
    view = _own(request, view_id)
    form = RenameViewForm(request.POST)
    if not form.is_valid():
        return _refused(request, form, view.query)
    try:
        renamed = saved_views.rename_view(view_id=view_id, name=form.cleaned_data["name"], by=request.user)
    except Refused as refusal:
        return _back(request, view.query, refusal=refusal)
    return _back(request, renamed.query, f"“{view.name}” is now “{renamed.name}”.")


@require_POST
@signed_in
def delete_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Give up a view; the filter stays shown."""
    _own(request, view_id)
    view = saved_views.delete_view(view_id=view_id, by=request.user)
    return _back(request, view.query, f"The view “{view.name}” is deleted.")


def _own(request: HttpRequest, view_id: UUID) -> SavedView:
    view = request.user.saved_views.filter(pk=view_id).first()
    if view is None:
        raise Http404
    return view


def _refused(request: HttpRequest, form: ModelForm, query: str = "") -> HttpResponse:
    texts = {field: " ".join(problems) for field, problems in form.errors.items()}
    return _back(request, query or request.POST.get("query", ""), refusal=Refused(texts))


def _back(request: HttpRequest, query: str, done: str = "", *, refusal: Refused | None = None) -> HttpResponse:
    if refusal:
        messages.error(request, " ".join(refusal.errors.values()))
    else:
        messages.success(request, done)
    # An address of our own with what was sent behind the question mark only; a line break has no place in a header.
    return HttpResponseRedirect(f"{reverse('orders')}?{''.join(query[:1000].split())}")
