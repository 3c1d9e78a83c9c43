"""What people record on our screens: checked against the rules before it is taken, then recorded like every fact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction

from supplychain.audit.signing import Proof
from supplychain.orders.actions.events import Reporter, ReportResult, record_events
from supplychain.orders.actions.store import CHANGED_MEANWHILE, LockedOrder, lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.queries import expected_doses, open_stops
from supplychain.orders.rules.change_requests import (
    ASKED_FOR,
    cause_words,
    deed_missing,
    new_promise_problem,
    wanted_problem,
    wording_problems,
)
from supplychain.orders.rules.delays import delay_problems
from supplychain.orders.rules.durations import CONFIRMED
from supplychain.orders.rules.duties import NEW_ATTEMPT, has_right, holder_words, holders_of, roles_at
from supplychain.orders.rules.hand_overs import hand_over_problems
from supplychain.orders.rules.meaning import is_same
from supplychain.orders.rules.packing import packing_problems
from supplychain.orders.rules.promises import too_soon_question
from supplychain.orders.rules.states import OrderState
from supplychain.orders.rules.withdrawals import AGREED_ON
from supplychain.orders.statuses import ChangeOutcome, OrderEventKind, ReportOutcome, StageEventKind
from supplychain.people.models import User
from supplychain.reasons import MOST_REPORTED
from supplychain.recording.actions.rebooking import booked_again
from supplychain.recording.actions.refusals import ReportRefused
from supplychain.recording.actions.typed import typed_payload
from supplychain.recording.queries import doubt_of_donation
from supplychain.recording.rules.fields import (
    DONATION,
    DONATION_REASON,
    NEW_PROMISE,
    PROMISE,
)
from supplychain.recording.rules.permitted import permitted_reports
from supplychain.recording.rules.planned_moments import plan_problems
from supplychain.recording.rules.rebooking import rebookings
from supplychain.recording.rules.reports import (
    ASKED_FIRST,
    MeantAnswers,
    PermittedReport,
    PersonReports,
    is_surprisingly_early,
    moment_problem_of,
    settled_moment,
    short_question,
    surprisingly_short,
)
from supplychain.sites.queries import facilities_of_site

MOST_ORDERS = 100
USED_ALREADY = "This form was used already for another report: open it again."
TAKEN_ALREADY = (
    "This form was recorded already, and said something else then: what you changed since is not recorded. Look at the "
    "order’s events; withdraw that report if it is wrong, and open the form again."
)


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One person's report of one order, among several made at once. `seen_version`: of the order as they saw it."""

    order_id: UUID
    attempt: int | None
    seen_version: int | None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderReportResult:
    """What became of one of several reports; `reason` says what to do when it was not taken."""

    order_id: UUID
    outcome: ReportOutcome
    reason: str = ""


@transaction.atomic
def report_by_person(
    order_id: UUID,
    *,
    by: User,
    kind: str,
    stage: str = "",
    attempt: int | None = None,
    occurred_at: datetime,
    payload: Mapping[str, Any] | None = None,
    reason: str = "",
    seen_version: int | None,
    token: str,
    now: datetime,
    proof: Proof | None = None,
    **meant: Unpack[MeantAnswers],
) -> ReportResult:
    """Record what `by` says of the order, if the rules permit it now. Raises ReportRefused.

    `kind` and `stage` are those of rules.permitted.permitted_reports, `attempt` None: the one that counts now.
    `token` was made when the form was shown: the same again changes nothing; with other content it is refused. `meant`:
    what the person confirmed when asked. `proof`: with which `by` signs, where the product asks for it.
    """
    reporter = Reporter.of_user(by, proof)
    order = lock_orders([order_id], reporter.site_ids).get(order_id)
    if order is None:
        raise ReportRefused("None of your sites' orders is this one; look for it again.")
    source_event_id = f"page-{token}-{order_id}"
    given = dict(payload or {}) | {"reason": reason}
    if known := StatusEvent.objects.filter(user=by, source_event_id=source_event_id).first():
        _check_said_again(order, known, by, kind, stage, attempt, occurred_at, given, now)
        return ReportResult(ReportOutcome.DUPLICATE, source_event_id, "", known.pk, known.order_id)
    report = _permitted(order, by, kind, stage, attempt, seen_version, now)
    moment = settled_moment(report, occurred_at)
    _check_moment(report, moment, meant, now)
    said, again = rebookings(_said(report, order, given, now))
    _check_dates(order_id, said, moment, meant, now)
    said |= _meant_short(report, moment, meant)
    row = {"source_event_id": source_event_id, "order": str(order_id), "kind": report.event_kind, "stage": stage,
           "attempt": report.attempt, "occurred_at": moment.isoformat(), "payload": said}  # fmt: skip
    return _recorded([*_deeds(order, row, reporter.rights), *booked_again(order, row, again), row], reporter, now)


def _recorded(rows: Sequence[Mapping[str, Any]], by: Reporter, now: datetime) -> ReportResult:
    """What became of the last of the rows. Raises ReportRefused if one is not taken: then none is."""
    results = record_events(rows, by=by, now=now)
    for result in results:
        if result.outcome not in (ReportOutcome.CREATED, ReportOutcome.DUPLICATE):
            raise ReportRefused(result.refusal)
    return results[-1]


def _deeds(order: LockedOrder, row: Mapping[str, Any], rights: Iterable[tuple[UUID, str]]) -> list[dict[str, Any]]:
    """What is done by agreeing to a centre's request, as a report of its own; empty if it is done already.

    Raises ReportRefused for a person who has not the right to do it.
    """
    change, said = order.state.change, row["payload"]
    if row["kind"] != OrderEventKind.ANSWERED or change is None or said["answer"] != ChangeOutcome.AGREED:
        return []
    if (deed := deed_missing(order.state, change)) is None and "promised_at" not in said:
        return []
    kind = deed or OrderEventKind.PROMISED
    if not has_right(holders := holders_of(None, kind), roles_at(order.sites, rights)):
        raise ReportRefused(f"Only {holder_words(holders)} can do this: have them answer.", field="answer")
    payload = {"reason": f"{ASKED_FOR}{cause_words(change)}"[:MOST_REPORTED], AGREED_ON: change.event}
    payload |= {name: said[name] for name in ("promised_at",) if name in said}
    return [{**row, "source_event_id": f"{row['source_event_id']}-deed", "kind": kind.value, "payload": payload}]


def report_many_by_person(
    reports: Sequence[OrderReport],
    *,
    by: User,
    kind: str,
    stage: str = "",
    occurred_at: datetime,
    reason: str = "",
    token: str,
    now: datetime,
    **meant: Unpack[MeantAnswers],
) -> list[OrderReportResult]:
    """Record the same of many orders, each in a transaction of its own: one that is refused stops no other."""
    if len(reports) > MOST_ORDERS:
        raise ValueError(f"Record at most {MOST_ORDERS} orders at once; these are {len(reports)}.")
    said = {"by": by, "kind": kind, "stage": stage, "occurred_at": occurred_at, "reason": reason, "token": token}
    return [_one_of_many(one, now=now, **said, **meant) for one in reports]


def _one_of_many(one: OrderReport, **said: Any) -> OrderReportResult:
    try:
        result = report_by_person(
            one.order_id, attempt=one.attempt, payload=one.payload, seen_version=one.seen_version, **said
        )
    except ReportRefused as refusal:
        return OrderReportResult(one.order_id, ReportOutcome.REJECTED, str(refusal))
    return OrderReportResult(one.order_id, result.outcome)


def _check_said_again(
    order: LockedOrder, event: StatusEvent, by: User, kind: str, stage: str, attempt: int | None,
    occurred_at: datetime, given: Mapping[str, Any], now: datetime,
) -> None:  # fmt: skip
    """Raises ReportRefused if this very form says something else than the event that it made before, as far as it may
    still be said (else nothing but that it was taken is known of it)."""
    if (event.kind, event.stage) != (StageEventKind.SCHEDULED if kind == NEW_ATTEMPT else kind, stage):
        raise ReportRefused(USED_ALREADY)
    report = _reports_now(order, by, now).find(kind, stage, attempt)
    if report is None:
        return
    said, _ = rebookings(typed_payload(report, given))
    names = {*said, *(asked.name for asked in report.fields)}
    moments = [settled_moment(report, occurred_at), event.occurred_at]
    if moments[0] != moments[1] or any(not is_same([said.get(one)], [event.payload.get(one)]) for one in names):
        raise ReportRefused(TAKEN_ALREADY)


def _reports_now(order: LockedOrder, by: User, now: datetime) -> PersonReports:
    stops = open_stops([order.id], now=now, is_judged_anew=True).get(order.id, ())
    return permitted_reports(order.flow, order.state, roles_at(order.sites, by.rights), now, stops)


def _permitted(
    order: LockedOrder, by: User, kind: str, stage: str, attempt: int | None, seen_version: int | None, now: datetime
) -> PermittedReport:
    if seen_version != order.version:
        raise ReportRefused(CHANGED_MEANWHILE)
    reports = _reports_now(order, by, now)
    if report := reports.find(kind, stage, attempt):
        return report
    raise ReportRefused(reports.why_not(kind, stage, attempt))


def _check_moment(report: PermittedReport, moment: datetime, meant: MeantAnswers, now: datetime) -> None:
    if report.asked_first and not meant.get("is_first_asked"):
        raise ReportRefused(f"{report.asked_first} {ASKED_FIRST}", field="is_first_asked")
    if problem := moment_problem_of(report, moment, now):
        raise ReportRefused(problem, field="occurred_at")
    if is_surprisingly_early(report, moment) and not meant.get("is_early_meant"):
        text = f"{report.stage_name} could begin only later: check the time, or confirm that it is meant."
        raise ReportRefused(text, field="is_early_meant")


def _check_dates(order_id: UUID, said: Mapping[str, Any], moment: datetime, meant: MeantAnswers, now: datetime) -> None:
    """Raises ReportRefused for plans that cannot be, and for a promise before the dose is expected until it is
    confirmed."""
    for name, problem in plan_problems(said, moment).items():
        raise ReportRefused(problem, field=name)
    given = said.get(PROMISE.name)
    if not given or meant.get("is_soon_meant"):
        return
    outlook = expected_doses([order_id], now).get(order_id)
    if question := too_soon_question(datetime.fromisoformat(given), outlook):
        raise ReportRefused(question, field="is_soon_meant")


def _meant_short(report: PermittedReport, moment: datetime, meant: MeantAnswers) -> dict[str, Any]:
    """What the report says of a duration of under a tenth of the plan. Raises ReportRefused until it is confirmed."""
    short = surprisingly_short(report, moment)
    if short and not meant.get("is_short_meant"):
        raise ReportRefused(short_question(report, short), field="is_short_meant")
    return {CONFIRMED: True} if short else {}


def _said(report: PermittedReport, order: LockedOrder, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    said = typed_payload(report, given)
    _check_donation(said, order)
    change = order.state.change
    _check_wording(report, said, order.state, now)
    names_it = report.kind in (OrderEventKind.ANSWERED, OrderEventKind.TAKEN_BACK) and change
    return said | {"request": change.event} if names_it and change else said


def _check_wording(report: PermittedReport, said: Mapping[str, Any], state: OrderState, now: datetime) -> None:
    """Raises ReportRefused for a request or answer that does not say enough."""
    is_hand_over = report.kind == OrderEventKind.HANDED_OVER
    problems = hand_over_problems(said) if is_hand_over else wording_problems(report.kind, said)
    problems = problems or delay_problems(report.kind, said) or packing_problems(report.kind, said)
    if report.kind == OrderEventKind.CHANGE_ASKED and not problems and (problem := wanted_problem(state, said, now)):
        problems = {"wanted_at": problem}
    for name, problem in problems.items():
        text = problem.partition(": ")[2]
        raise ReportRefused(text[:1].upper() + text[1:], field=name)
    agrees = said.get("answer") == ChangeOutcome.AGREED and NEW_PROMISE in report.fields
    if agrees and (problem := new_promise_problem(state, said.get(NEW_PROMISE.name, ""))):
        raise ReportRefused(problem, field=NEW_PROMISE.name)


def _check_donation(said: Mapping[str, Any], order: LockedOrder) -> None:
    """Raises ReportRefused for a donation number that the collection centre does not give, or gave to another order,
    without a reason."""
    number = said.get(DONATION.name, "")
    if not number or said.get(DONATION_REASON.name):
        return
    site_id = order.sites["collection_site"]
    if doubt := doubt_of_donation(order.id, site_id, facilities_of_site(site_id), number):
        text = f"{doubt} If it is right all the same, say why below."
        raise ReportRefused(text, field=DONATION.name)
