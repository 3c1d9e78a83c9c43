"""Recording what is reported: the only way a fact comes in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from supplychain.audit.models import Signature
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.actions.checks import Checks, checks_for, first_problems, problems_of
from supplychain.orders.actions.due import mark_news
from supplychain.orders.actions.facts import EVENT_COLUMNS, EVENT_TABLE, Reporter, append_fact, content_of
from supplychain.orders.actions.identifiers import register_identifiers, wake_sharers_of_withdrawn
from supplychain.orders.actions.known import KnownEvent, ReportOfBefore, is_known, known_events
from supplychain.orders.actions.packing import known_shippers, with_shipper
from supplychain.orders.actions.references import Meant, led_to
from supplychain.orders.actions.replies import ReportResult, beyond_rights, misfit_words, order_problem, rejected
from supplychain.orders.actions.signing import signature_under
from supplychain.orders.actions.store import LockedOrder, as_uuid, load_facts, lock_orders, refold, save_states
from supplychain.orders.models import EventConflict
from supplychain.orders.rules.entitlements import is_decision, lacked_scope
from supplychain.orders.rules.events import EventReport, Reference
from supplychain.orders.rules.fold import NEEDS_ALL, fold_onto
from supplychain.orders.rules.materials import status_said, warns
from supplychain.orders.rules.packing import ShippersKnown
from supplychain.orders.rules.reading import Unreadable, by_field, decides_what_else, read_report, without_told
from supplychain.orders.rules.states import DETAILS, Fact, OrderState
from supplychain.orders.signals import events_recorded, orders_folded
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.sql import Writes

MOST_REPORTS = 1_000


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order to which this transaction added events; `is_custody_told`: also that its cells changed hands, or that a
    report of that may be gone."""

    order_id: UUID
    plant_id: UUID
    site_ids: frozenset[UUID]
    flow: FlowPlan
    state: OrderState
    touched: frozenset[tuple[int, str]]
    refolded: bool = False
    is_custody_told: bool = False


Reading = EventReport | ReportOfBefore | ReportResult


@dataclass(slots=True)
class _Recording:
    """The reports of one transaction on their way into the tables."""

    by: Reporter
    now: datetime
    checks: Checks
    orders: dict[UUID, LockedOrder] = field(default_factory=dict)
    known: dict[str, KnownEvent] = field(default_factory=dict)
    shippers: ShippersKnown = field(default_factory=ShippersKnown)
    new_facts: dict[UUID, list[Fact]] = field(default_factory=dict)
    event_rows: list[tuple[Any, ...]] = field(default_factory=list)
    conflicts: list[EventConflict] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)


def record_event(row: Mapping[str, Any], *, by: Reporter, now: datetime | None = None) -> ReportResult:
    """Record one reported event; see record_events."""
    return record_events([row], by=by, now=now)[0]


def record_events(
    rows: Sequence[Mapping[str, Any]], *, by: Reporter, now: datetime | None = None
) -> list[ReportResult]:
    """Record reported events in one transaction, one result a row in the same order; bad rows cost no good one.

    A row's fields are those of rules.events.EventReport. The same id again is a duplicate, the same id with other
    content a conflict (kept in EventConflict). Raises ValueError for more than MOST_REPORTS rows.
    """
    if len(rows) > MOST_REPORTS:
        raise ValueError(f"Send at most {MOST_REPORTS} events at once; these are {len(rows)}.")
    readings, now = [_read(row) for row in rows], now or timezone.now()
    try:
        return _record(readings, by=by, now=now)
    except IntegrityError:
        # Another transaction stored one of these ids for another order meanwhile; now it is known.
        return _record(readings, by=by, now=now)
    except DataError:
        return [_record_alone(reading, by=by, now=now) for reading in readings]


def _record_alone(reading: Reading, *, by: Reporter, now: datetime) -> ReportResult:
    """One report by itself, after the database could not store some value of the whole list."""
    try:
        return _record([reading], by=by, now=now)[0]
    except DataError as error:
        problem = f"The database cannot store it: {str(error).splitlines()[0]}"
        return rejected(reading.source_event_id, [problem])


def _read(row: Mapping[str, Any]) -> Reading:
    try:
        return read_report(row)
    except Unreadable as problem:
        said = str(row.get("source_event_id", "")) if isinstance(row, Mapping) else ""
        if problem.report:
            return ReportOfBefore(problem.report, problem.problems, said, problem.is_whole)
        return rejected(said[:100], problem.problems)


@transaction.atomic
def _record(readings: Sequence[Reading], *, by: Reporter, now: datetime) -> list[ReportResult]:
    reports = [reading for reading in readings if isinstance(reading, EventReport)]
    refused = [reading.report for reading in readings if isinstance(reading, ReportOfBefore)]
    recording = _Recording(by=by, now=now, checks=Checks(by, now))
    references = _lock_named_orders(recording, {report.reference for report in [*reports, *refused]})
    recording.checks = checks_for(by, recording.orders, [*reports, *refused], now=now)
    recording.known = known_events(by, [report.source_event_id for report in [*reports, *refused]])
    recording.shippers = known_shippers(reports, recording.orders.values())
    results = [_result_of(recording, reading, references) for reading in readings]
    _store(recording)
    return [_with_doubt(recording, result) for result in results]


def _result_of(recording: _Recording, reading: Reading, references: Mapping[Reference, Meant]) -> ReportResult:
    if isinstance(reading, ReportOfBefore):
        return _known_or_refused(recording, reading, references[reading.report.reference])
    return _take(recording, reading, references[reading.reference]) if isinstance(reading, EventReport) else reading


def _known_or_refused(recording: _Recording, refused: ReportOfBefore, meant: Meant) -> ReportResult:
    """What was taken before today's rules and comes again is known, whatever they would say of it."""
    report = refused.report
    known = recording.known.get(report.source_event_id) if refused.is_whole else None
    if known and known[1] in meant.orders and is_known(report, known, recording.new_facts):
        return ReportResult(ReportOutcome.DUPLICATE, report.source_event_id, event_id=known[0], order_id=known[1])
    problems = [*refused.problems, *_problems_beside(recording, refused, meant)]
    return rejected(refused.source_event_id, problems)


def _problems_beside(recording: _Recording, refused: ReportOfBefore, meant: Meant) -> list[str]:
    """What else is wrong with a refused report: its order, stage, sender, all that hangs on nothing told already."""
    report, told = refused.report, by_field(refused.problems)
    if (order := _order_of(recording, meant)) is None:
        return [] if "order" in told else [order_problem(report, meant)]
    # Of a kind or stage that there is not nobody has the right.
    found = first_problems(None if told.keys() & {"kind", "stage"} else recording.checks, report, order)
    if not told.keys() & decides_what_else(report.kind):
        before = recording.new_facts.get(order.id, ())
        found += problems_of(recording.checks, without_told(report, told), order, before)
    return [problem for problem in found if not told.keys() & by_field([problem]).keys()]


def _order_of(recording: _Recording, meant: Meant) -> LockedOrder | None:
    """The one order that is meant; None: there is none, or not one alone."""
    return recording.orders.get(next(iter(meant.orders))) if len(meant.orders) == 1 else None


def _lock_named_orders(recording: _Recording, named: set[Reference]) -> dict[Reference, Meant]:
    """Lock the orders that the references lead to: as an order's id, else as an identifier, which may look like one."""
    site_ids = recording.by.site_ids
    by_id = {reference: Meant({order_id}) for reference in named if (order_id := as_uuid(reference.key))}
    found = led_to(named - by_id.keys(), site_ids)
    wanted = [*by_id.values(), *(meant for meant in found.values() if len(meant.orders) == 1)]
    recording.orders = lock_orders({order_id for meant in wanted for order_id in meant.orders}, site_ids)
    strays = {reference for reference, meant in by_id.items() if not meant.orders <= recording.orders.keys()}
    if strays:
        by_id |= led_to(strays, site_ids)
        more = {order_id for one in strays for order_id in by_id[one].orders if len(by_id[one].orders) == 1}
        recording.orders |= lock_orders(more - recording.orders.keys(), site_ids)
    return found | by_id


def _take(recording: _Recording, report: EventReport, meant: Meant) -> ReportResult:
    """Decide what one readable report becomes, and put it on its way."""
    order = _order_of(recording, meant)
    if order is None:
        return rejected(report.source_event_id, [order_problem(report, meant)])
    problems, known = first_problems(recording.checks, report, order), recording.known.get(report.source_event_id)
    if known and not problems:
        return _known_result(recording, report, order, known)
    if not known:
        problems += problems_of(recording.checks, report, order, recording.new_facts.get(order.id, ()))
    if problems:
        return rejected(report.source_event_id, problems, order_id=order.id)
    report = with_shipper(report, order, recording.shippers)
    content, lacked = content_of(order.id, report), _lacked_scope(report, order, recording.by)
    event_id = _add(recording, order, report, content, lacked)
    recording.known[report.source_event_id] = (event_id, order.id, content)
    reason = _beyond_rights(report, order, lacked) if lacked else ""
    return ReportResult(ReportOutcome.CREATED, report.source_event_id, reason, event_id, order.id)


def _with_doubt(recording: _Recording, result: ReportResult) -> ReportResult:
    """The result, with what does not fit about a report that was kept: whoever sent it learns it at once."""
    if result.outcome != ReportOutcome.CREATED:
        return result
    doubt = misfit_words(recording.orders[result.order_id].state, result.event_id)
    return replace(result, doubt=doubt) if doubt else result


def _opens_attempt(report: EventReport, order: LockedOrder) -> bool:
    return bool(report.stage) and (report.attempt or 0) > order.state.attempt


def _lacked_scope(report: EventReport, order: LockedOrder, by: Reporter) -> str:
    """The right that the reporting system does not have for this report; empty for one that has it, and for people."""
    if by.source is None:
        return ""
    return lacked_scope(
        by.source.scopes,
        order.flow.stages.get(report.stage),
        report.kind,
        opens_attempt=_opens_attempt(report, order),
        says_details=not DETAILS.isdisjoint(report.payload),
        status=status_said(report.kind, report.payload),
    )


def _beyond_rights(report: EventReport, order: LockedOrder, lacked: str) -> str:
    plan = order.flow.stages.get(report.stage)
    decides = is_decision(plan, report.kind, opens_attempt=_opens_attempt(report, order))
    return beyond_rights(lacked, counts=not decides or warns(report.kind, report.payload))


def _known_result(recording: _Recording, report: EventReport, order: LockedOrder, known: KnownEvent) -> ReportResult:
    event_id, order_id, _ = known
    if order.id == order_id and is_known(report, known, recording.new_facts):
        return ReportResult(ReportOutcome.DUPLICATE, report.source_event_id, event_id=event_id, order_id=order_id)
    content = content_of(order.id, report)
    said = {"report": msgspec.to_builtins(report), "content_hash": content, "recorded_at": recording.now}
    recording.conflicts.append(EventConflict(event_id=event_id, order_id=order.id, **said))
    reason = f"source_event_id: already used for event {event_id} with other content; send a correction under a new id."
    return ReportResult(ReportOutcome.CONFLICT, report.source_event_id, reason, event_id, order.id, problems=(reason,))


def _add(recording: _Recording, order: LockedOrder, report: EventReport, content: str, lacked: str) -> UUID:
    fact, row = append_fact(order, report, content, by=recording.by, now=recording.now, lacked_scope=lacked)
    recording.new_facts.setdefault(order.id, []).append(fact)
    recording.event_rows.append(row)
    if signature := signature_under(fact.event_id, content, report, order, by=recording.by, now=recording.now):
        recording.signatures.append(signature)
    return fact.event_id


def _store(recording: _Recording) -> None:
    """Write facts first, then the states folded from them, then tell the floors above."""
    if recording.conflicts:
        EventConflict.objects.bulk_create(recording.conflicts, ignore_conflicts=True)
    if not recording.event_rows:
        return
    orders = [recording.orders[order_id] for order_id in recording.new_facts]
    late = [order.id for order in orders if not _goes_on(order, recording.new_facts[order.id])]
    stored = load_facts(late) if late else {}
    writes = Writes()
    writes.insert(EVENT_TABLE, EVENT_COLUMNS, recording.event_rows)
    for order in orders:
        if order.id in stored:
            refold(order, stored[order.id] + recording.new_facts[order.id])
        else:
            fold_onto(order.state, recording.new_facts[order.id])
    save_states(writes, orders, now=recording.now)
    said = recording.new_facts
    orders_folded.send(sender=LockedOrder, writes=writes, orders=orders, facts=said, now=recording.now)
    register_identifiers(writes, recording.orders, recording.new_facts, by=recording.by, now=recording.now)
    mark_news(writes, recording.new_facts, now=recording.now)
    wake_sharers_of_withdrawn(recording.new_facts, now=recording.now)
    writes.run()
    Signature.objects.bulk_create(recording.signatures)
    announce(orders, now=recording.now, told=recording.new_facts)


def _goes_on(order: LockedOrder, facts: Sequence[Fact]) -> bool:
    """Whether all new facts happened after everything already folded in, and change what follows from none of it."""
    last = order.state.last_occurred_at
    if any(fact.kind in NEEDS_ALL for fact in facts):
        return False
    return last is None or all(fact.occurred_at > last for fact in facts)


def announce(
    orders: Sequence[LockedOrder], *, now: datetime, told: Mapping[UUID, Sequence[Fact]] | None = None
) -> None:
    """Tell the floors above, inside this transaction, which orders changed; `told`: the new facts of each."""
    changes = [
        OrderChange(
            order.id, order.sites["plant"], frozenset(order.sites.values()), order.flow, order.state,
            frozenset(order.state.touched | order.vanished), order.refolded,
            order.refolded or any(fact.kind == OrderEventKind.HANDED_OVER for fact in (told or {}).get(order.id, ())),
        )
        for order in orders
    ]  # fmt: skip
    events_recorded.send(sender=OrderChange, changes=changes, now=now)
