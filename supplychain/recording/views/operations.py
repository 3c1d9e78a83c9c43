"""Recording for one or many orders: scan them onto a worklist, choose what happened, look at it again, record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import visible
from supplychain.identifiers.rules.codes import LONGEST, keyboard_hint, read_code
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import expected_doses, open_stops
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.statuses import ReportOutcome
from supplychain.pages.access import signed_in
from supplychain.pages.camera import reads_with_camera
from supplychain.people.models import User
from supplychain.recording.actions import OrderReport, OrderReportResult, report_many_by_person
from supplychain.recording.forms import ReportForm, ReportSubject
from supplychain.recording.queries import notes_before_all, orders_to_record, orders_with_code, reports_of_one_among
from supplychain.recording.rules.reports import PersonReports
from supplychain.recording.rules.worklists import Scan, SharedReport, scan_onto, shared_reports

# As many as an address can carry.
MOST_ORDERS = 50
MOST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """An order on the worklist; `without`: the address of the list without it; `stops`: its critical flags."""

    order: PatientOrder
    stage_name: str
    without: str
    stops: Sequence[Stop] = ()


@dataclass(slots=True)
class Work:
    """A person's worklist with what they may record of each order; `deed`: what they chose to record.

    `asked`: how many orders were asked for, `back`: the page that led here.
    """

    orders: list[PatientOrder]
    reports: list[PersonReports]
    of_all: list[SharedReport]
    of_some: list[SharedReport]
    deed: str
    now: datetime
    stops: Mapping[UUID, Sequence[Stop]]
    asked: int
    back: str

    @property
    def rows(self) -> list[WorklistRow]:
        """The orders as they are listed."""
        ids = [order.pk for order in self.orders]
        return [
            WorklistRow(
                order,
                _stage_name(order),
                address([one for one in ids if one != order.pk], back=self.back),
                self.stops.get(order.pk, ()),
            )
            for order in self.orders
        ]

    @property
    def chosen(self) -> SharedReport | None:
        """The report that was chosen, if it is permitted of all."""
        return next((shared for shared in self.of_all if shared.value == self.deed), None)

    @property
    def not_permitted(self) -> list[tuple[PatientOrder, str]]:
        """The orders of which what was chosen cannot be recorded, each with the reason."""
        kind, _, stage = self.deed.partition(":")
        pairs = zip(self.orders, self.reports, strict=True)
        return [(order, each.why_not(kind, stage)) for order, each in pairs if not each.find(kind, stage)]

    @property
    def others(self) -> str:
        """The address of the list with the orders of which it can; empty without one."""
        left = [subject.order.pk for subject in self.subjects()]
        return address(left, deed=self.deed, back=self.back) if left else ""

    @property
    def left_out(self) -> int:
        """How many of the orders asked for are not on the list."""
        return self.asked - len(self.orders)

    @property
    def next_of_all(self) -> list[SharedReport]:
        """What most likely comes next for all of them."""
        return [shared for shared in self.of_all if shared.report.is_main]

    @property
    def here(self) -> str:
        """The address of the list with what was chosen: who has to log in before it is taken comes back to it."""
        return address([order.pk for order in self.orders], deed=self.deed, back=self.back)

    @property
    def query(self) -> str:
        """The worklist as it stands in an address."""
        return address([order.pk for order in self.orders], back=self.back).partition("?")[2]

    def subjects(self) -> list[ReportSubject]:
        """The orders of which the chosen report is permitted, with that report."""
        kind, _, stage = self.deed.partition(":")
        pairs = zip(self.orders, self.reports, strict=True)
        able = [(order, report) for order, each in pairs if (report := each.find(kind, stage))]
        promised = [order.pk for order, report in able if report.asks_promise]
        outlooks = expected_doses(promised, self.now) if promised else {}
        return [
            ReportSubject(order, report, self.stops.get(order.pk, ()), outlooks.get(order.pk)) for order, report in able
        ]


def address(order_ids: list[UUID], **more: str) -> str:
    """The page with these orders on its worklist."""
    said = [(name, text) for name, text in more.items() if text]
    query = urlencode([*(("order", order_id) for order_id in order_ids), *said])
    return f"{reverse('operations')}?{query}" if query else reverse("operations")


@require_http_methods(["GET", "HEAD", "POST"])
@reads_with_camera
@signed_in
def operations(request: HttpRequest) -> HttpResponse:
    """The worklist in `order`; with `deed` the form of what happened. POST takes a scan of `code`, reviews, records."""
    given = request.POST if request.method == "POST" else request.GET
    order_ids, scan = _order_ids(given), None
    if code := request.POST.get("code", "").strip(" \t\r\n"):
        scan = _scan(request, code, order_ids)
        order_ids = list(scan.order_ids)
    work = _work(request.user, order_ids, given)
    if request.method == "POST" and work.orders and not code:
        return _recorded(request, work) if "record" in request.POST else _reviewed(request, work)
    form = _form(work, None) if work.chosen else None
    return _page(request, work, form=form, scan=scan)


def _reviewed(request: HttpRequest, work: Work) -> HttpResponse:
    """Shows what is about to be recorded; back to the form for what cannot be taken."""
    if not work.chosen:
        return _page(request, work, problem="This cannot be recorded of all these orders any more: choose again.")
    form = _form(work, request.POST)
    is_valid = form.is_valid()
    return _page(request, work, form=form, is_review=is_valid, status=200 if is_valid else 422)


def _recorded(request: HttpRequest, work: Work) -> HttpResponse:
    """Records it order by order; one that has changed meanwhile stops no other."""
    form = _form(work, request.POST) if work.subjects() else None
    if form and not form.is_valid():
        return _page(request, work, form=form, status=422)
    done = _record(request, work, form)
    after = _work(request.user, [order.pk for order in work.orders], QueryDict(urlencode({"back": work.back})))
    results = list(zip(work.orders, done, strict=True))
    taken = sum(result.outcome != ReportOutcome.REJECTED for result in done)
    return _page(request, after, results=results, taken=taken, words=_words(work))


def _record(request: HttpRequest, work: Work, form: ReportForm | None) -> list[OrderReportResult]:
    kind, _, stage = work.deed.partition(":")
    said = form.cleaned_data if form else {}
    able = {subject.order.pk: subject for subject in form.subjects} if form else {}
    reports = [
        OrderReport(
            order.pk,
            able[order.pk].report.attempt if order.pk in able else None,
            _number(request.POST.get(f"seen_version-{order.pk}", "")),
            form.said_of(order.pk) if form and order.pk in able else {},
        )
        for order in work.orders
    ]
    return report_many_by_person(
        reports,
        by=request.user,
        kind=kind,
        stage=stage,
        occurred_at=said.get("occurred_at", work.now),
        reason=said.get("reason", ""),
        token=str(said.get("token", request.POST.get("token", "")))[:40],
        is_early_meant=said.get("is_early_meant", False),
        is_short_meant=said.get("is_short_meant", False),
        is_soon_meant=said.get("is_soon_meant", False),
        is_first_asked=said.get("is_first_asked", False),
        now=work.now,
    )


def _stage_name(order: PatientOrder) -> str:
    stage = flow_plan(order.flow_id).stages.get(order.current_stage)
    return stage.name if stage and order.is_open else ""


def _words(work: Work) -> str:
    subjects = work.subjects()
    return subjects[0].report.words if subjects else "This"


def _form(work: Work, data: QueryDict | None) -> ReportForm:
    return ReportForm(data, subjects=work.subjects(), now=work.now, is_many=True)


def _notes(work: Work) -> list[str]:
    chosen = work.subjects() if work.chosen else []
    return notes_before_all([(one.order, one.report, one.stops) for one in chosen], work.now)


def _order_ids(given: QueryDict) -> list[UUID]:
    found = dict.fromkeys(order_id for text in given.getlist("order") if (order_id := _uuid(text)))
    return list(found)


def _back(given: QueryDict) -> str:
    """The page of this site that led here; empty for any other address."""
    back = given.get("back", "")[:MOST_ADDRESS]
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _scan(request: HttpRequest, code: str, order_ids: list[UUID]) -> Scan:
    """What the code adds to the list. It is kept as an identity check, too: no order was in hand to compare it with."""
    device = request.headers.get("User-Agent", "")
    by, read = Reporter.of_user(request.user), {"read": code, "place": CheckPlace.WORKLIST, "device": device}
    check_identity(None, by=by, client_id=str(uuid4()), now=timezone.now(), **read)
    reading = read_code(code)
    found = orders_with_code(request.user, reading)
    scan = scan_onto(order_ids, visible(code[:LONGEST]), found, most=MOST_ORDERS)
    left_over = "" if found else reading.left_over
    return replace(scan, why=" ".join(filter(None, (reading.problem, left_over, keyboard_hint(code)))))


def _work(user: User, order_ids: list[UUID], given: QueryDict) -> Work:
    now = timezone.now()
    orders = orders_to_record(user, order_ids[:MOST_ORDERS])
    stops = open_stops([order.pk for order in orders], now=now)
    reports = [reports_of_one_among(order, user, now, stops.get(order.pk, ())) for order in orders]
    shared, deed = shared_reports(reports), given.get("deed", "")
    return Work(orders, reports, *shared, deed, now, stops, len(order_ids), _back(given))


def _scanned(request: HttpRequest, work: Work, scan: Scan | None) -> list[tuple[PatientOrder, str, Sequence[Stop]]]:
    """The orders that bear the scanned code, each with the address of the worklist that has it too and its critical
    flags."""
    if scan is None:
        return []
    listed = {order.pk: order for order in work.orders}
    missing = {order.pk: order for order in orders_to_record(request.user, set(scan.found) - listed.keys())}
    found = [(listed | missing)[order_id] for order_id in scan.found]
    lists = ([order.pk, *(one for one in listed if one != order.pk)] for order in found)
    # One alone is on the list now, with its own.
    stops = open_stops([order.pk for order in found], now=work.now) if len(found) > 1 else {}
    return [
        (order, address(ids, back=work.back), stops.get(order.pk, ())) for order, ids in zip(found, lists, strict=True)
    ]


def _page(
    request: HttpRequest, work: Work, *, status: int = 200, scan: Scan | None = None, **more: Any
) -> HttpResponse:
    """The page; for htmx what changes of it, with the page's address brought up to date."""
    context = {
        "work": work, "scan": scan, "scanned": _scanned(request, work, scan), "most": MOST_ORDERS,
        "reads_only": request.user.only_reads, "notes": _notes(work), **more,
    }  # fmt: skip
    template = "supplychain/recording/_operations.html" if request.htmx else "supplychain/recording/operations.html"
    response = render(request, template, context, status=status)
    if request.htmx:
        deed = work.deed if work.chosen else ""
        response["HX-Replace-Url"] = address([order.pk for order in work.orders], deed=deed, back=work.back)
    return response
