"""Asking for the seal of an order to be verified."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from supplychain.orders.actions.seals import request_seal_check
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer


@require_POST
@signed_in
def verify_seal(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Have the whole chain verified by a worker; the page shows the result by itself."""
    if not Viewer.of(request.user).orders().filter(pk=order_id).exists():
        raise Http404
    request_seal_check(order_id, now=timezone.now())
    messages.info(request, "The seal is being verified; this page shows the result by itself.")
    return redirect("order", order_id=order_id)
