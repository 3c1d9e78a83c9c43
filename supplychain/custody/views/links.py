"""Links for drivers' telephones: making and taking back by people, using by whoever has one."""

from http import HTTPStatus
from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from supplychain.audit.refusals import Refused
from supplychain.custody.actions.links import hash_of, keep_refused, make_link, revoke_link, use_link
from supplychain.custody.forms import DriverForm
from supplychain.custody.models import HandOverLink
from supplychain.custody.queries import amiss_of, link_page_of, offers_for, why_unusable
from supplychain.custody.rules.links import STATE_WORDS
from supplychain.custody.statuses import LinkState
from supplychain.custody.views.custody import custody_context, visible_order
from supplychain.orders.models import PatientOrder
from supplychain.pages.access import signed_in
from supplychain.sign_in.addresses import address_of

# A token cannot be guessed; who tries all the same, or keeps the page busy, is told to wait. A depot shares an address.
TRIES = "driver_link"
LIMITS = {TRIES: "60/m/key"}
# Who makes a link is not the driver, too: they may be the second person of its hand-over.
SIGNED_IN = (
    "{name} is signed in here. The driver opens this link on their own telephone; or sign out first. Who is signed in "
    "reports the hand-over on the order’s page, under their own name."
)


@require_POST
@signed_in
def make_driver_link(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """A new link, shown this once: its token is not kept."""
    order, now = _linked_order(request, order_id), timezone.now()
    try:
        link, token = make_link(order.pk, request.POST.get("wanted", ""), by=request.user, now=now)
    except Refused as refusal:
        messages.error(request, refusal.errors["wanted"])
        return redirect("custody", order_id=order.pk)
    context = custody_context(request, order, now)
    new = {"new_link": link, "new_address": request.build_absolute_uri(f"/driver/{token}/")}
    return render(request, "supplychain/custody/custody.html", context | new)


@require_POST
@signed_in
def revoke_driver_link(request: HttpRequest, order_id: UUID, link_id: UUID) -> HttpResponse:
    """Take a link back: whoever may make one for this order may."""
    order, now = _linked_order(request, order_id), timezone.now()
    link = get_object_or_404(HandOverLink, pk=link_id, order=order)
    try:
        revoke_link(link.pk, by=request.user, now=now)
        messages.success(request, "The link was taken back: nothing can be recorded with it any more.")
    except Refused as refusal:
        messages.error(request, refusal.errors["link"])
    return redirect("custody", order_id=order.pk)


def _linked_order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order, for who may make links for its drivers. Raises Http404 for others."""
    order = visible_order(request, order_id)
    if not offers_for(order, request.user)[1]:
        raise Http404
    return order


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def driver_link(request: HttpRequest, token: str) -> HttpResponse:
    """The driver's page: one hand-over, without signing in; 410 once the link is good for nothing."""
    key = address_of(request)
    if not ratelimit.consume(request, app="cellops", action=TRIES, config=LIMITS, key=key, limit_get=True):
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    link = HandOverLink.objects.select_related("order__plant", "event").filter(token_hash=hash_of(token)).first()
    if link is None:
        return render(request, "supplychain/custody/unknown_link.html", status=HTTPStatus.NOT_FOUND)
    now, form = timezone.now(), DriverForm(request.POST or None, end=link.end)
    state, refused = link.state_at(now), ""
    if state == LinkState.OPEN and request.user.is_authenticated:
        refused = SIGNED_IN.format(name=request.user)
    elif request.method == "POST" and form.is_valid():
        try:
            use_link(token, form.cleaned_data, now=now)
            return redirect("driver_link", token=token)
        except Refused as refusal:
            refused = refusal.errors["link"]
            keep_refused(link.pk, refused, driver=form.cleaned_data["driver"], now=now)
    elif state == LinkState.OPEN:
        refused = why_unusable(link, now)
    return _driver_page(request, link, form, state, refused)


def _driver_page(
    request: HttpRequest, link: HandOverLink, form: DriverForm, state: LinkState, refused: str
) -> HttpResponse:
    if state != LinkState.OPEN:
        is_new = state == LinkState.USED and request.method != "POST"
        status = HTTPStatus.OK if is_new else HTTPStatus.GONE
        over = {"over": STATE_WORDS[state], "amiss": amiss_of(link), "is_done": state == LinkState.USED}
        return render(request, "supplychain/custody/driver.html", over, status=status)
    context = {"form": form, "shown": link_page_of(link), "refused": refused}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "supplychain/custody/driver.html", context, status=status)
