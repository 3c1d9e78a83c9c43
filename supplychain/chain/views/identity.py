"""Checking an identity on a page: one field for scanner or hand, the answer in large words, and all that was read."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from supplychain.chain.actions.identity import CheckRefused, check_identity
from supplychain.chain.models import IdentityCheck
from supplychain.chain.queries.identity import checks_of, others_seen
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import visible
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.pages.access import signed_in
from supplychain.pages.camera import reads_with_camera
from supplychain.pages.csv_files import csv_file
from supplychain.people.models import User

# The newest of an order; the file has all of them.
MOST_SHOWN = 200
WAITED, LONGEST_WAIT = re.compile("[0-9]{1,6}"), timedelta(days=1)
HEADER = (
    "read_at", "recorded_at", "outcome", "stage", "made_from", "read", "understood_as", "number", "answer", "by",
    "device", "other_order",
)  # fmt: skip
LOOKS = {
    CheckOutcome.MATCH: ("is-added", "ti-circle-check", "Match"),
    CheckOutcome.UNFIT: ("is-mismatch", "ti-hand-stop", "DO NOT USE: stop"),
    CheckOutcome.MISMATCH: ("is-mismatch", "ti-hand-stop", "MISMATCH: stop"),
    CheckOutcome.UNKNOWN: ("is-unsure", "ti-help-hexagon", "Unknown"),
}
# What open pages of the order listen to (live_page.html), and the list of its checks.
CHANGED, CHECKED = "changed", "checked"
LIST = "checks"


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check as the page shows it; `other`: the other order, where the reader may see it."""

    check: IdentityCheck
    stage_name: str
    other: PatientOrder | None

    @property
    def looks(self) -> tuple[str, str, str]:
        """Its class, icon and words."""
        return LOOKS[CheckOutcome(self.check.outcome)]

    @property
    def read(self) -> str:
        """What was read, with what nobody sees shown by its number."""
        return visible(self.check.read)

    @property
    def by(self) -> str:
        """The person or system that read it."""
        return str(self.check.source or self.check.user)


@require_http_methods(["GET", "HEAD", "POST"])
@reads_with_camera
@signed_in
def identity_checks(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The field and what was read of the order so far; POST checks what was read. For htmx the dialog, or the answer.

    A code that cannot be taken is said so (422); whatever was read is otherwise answered with 200.
    """
    order = _order(request, order_id)
    if request.method == "POST":
        return _checked(request, order)
    return _page(request, order)


@require_safe
@signed_in
def identity_checks_csv(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Every check of the order, the newest first."""
    order = _order(request, order_id)
    rows = [
        (
            one.check.read_at, one.check.recorded_at, one.check.outcome, one.check.stage, one.check.place,
            one.check.read, one.check.read_kind, one.check.read_value, one.check.why, one.by, one.check.device,
            one.other.coi if one.other else "",
        )
        for one in _shown(list(checks_of(order)), order, request.user)
    ]  # fmt: skip
    return csv_file(f"cellops-identity-checks-{order.pk}", HEADER, rows)


def _order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    orders = PatientOrder.objects.of_sites(request.user.site_ids()).select_related("product")
    order = orders.filter(pk=order_id).first()
    if order is None:
        raise Http404
    return order


def _checked(request: HttpRequest, order: PatientOrder) -> HttpResponse:
    now = timezone.now()
    place = CheckPlace.HAND_OVER if request.POST.get("place") == CheckPlace.HAND_OVER else CheckPlace.ORDER
    try:
        done = check_identity(
            order.pk,
            read=request.POST.get("read", ""),
            by=Reporter.of_user(request.user),
            place=place,
            client_id=request.POST.get("token", "")[:100] or str(uuid4()),
            now=now,
            read_at=now - _waited(request.POST.get("waited", "")),
            stage=request.POST.get("stage", "")[:40],
            device=request.headers.get("User-Agent", ""),
        )
    except CheckRefused as refusal:
        if refusal.is_forbidden:
            raise PermissionDenied(str(refusal)) from refusal
        return _page(request, order, problem=str(refusal), status=422)
    (shown,) = _shown([done.check], order, request.user)
    response = _page(request, order, answer=shown)
    is_news = shown.check.outcome == CheckOutcome.MISMATCH
    response["HX-Trigger"] = f"{CHECKED}, {CHANGED}" if is_news else CHECKED
    return response


def _waited(said: str) -> timedelta:
    """How long a code waited on its page for a network, in seconds; what is no such number, or more than a day: not."""
    seconds = int(said) if WAITED.fullmatch(said) else 0
    return timedelta(seconds=seconds) if timedelta(seconds=seconds) <= LONGEST_WAIT else timedelta(0)


def _shown(checks: list[IdentityCheck], order: PatientOrder, user: User) -> list[ShownCheck]:
    stages, seen = flow_plan(order.flow_id).stages, others_seen(checks, user)
    return [
        ShownCheck(
            one,
            stages[one.stage].name if one.stage in stages else "",
            one.other_order if one.other_order_id in seen else None,
        )
        for one in checks
    ]


def _page(
    request: HttpRequest, order: PatientOrder, *, answer: ShownCheck | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    """The whole page, also for its list of checks; for htmx else the dialog, or of what was read the answer alone."""
    page = {"order": order, "answer": answer, "problem": problem, "token": uuid4(), "most": MOST_SHOWN}
    if request.htmx and request.htmx.target != LIST:
        is_asked = request.method == "POST"
        name = "_check_answer" if is_asked else "_check_dialog"
        return render(request, f"supplychain/chain/{name}.html", page, status=status)
    page["stops"] = open_stops([order.pk], now=timezone.now()).get(order.pk, ())
    page["checks"] = _shown(list(checks_of(order)[:MOST_SHOWN]), order, request.user)
    return render(request, "supplychain/chain/identity_checks.html", page, status=status)
