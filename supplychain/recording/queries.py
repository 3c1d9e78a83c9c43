"""What a person may record, and of which orders."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.codes import CodeReading
from supplychain.identifiers.rules.donation_numbers import donation_doubt
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.models import Identifier, PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import (
    RUNS_WITH_STAGE,
    Stands,
    event_withdrawals,
    order_state,
    orders_read,
    sites_of,
)
from supplychain.orders.queries.holds import hold_words
from supplychain.orders.rules.duties import right_problem, roles_at, withdrawal_right_problem
from supplychain.orders.rules.interlocks import Stop, may_override
from supplychain.orders.rules.second_people import step_asked
from supplychain.orders.rules.verbs import event_words, kind_said
from supplychain.orders.rules.withdrawals import (
    NOT_WITHDRAWN,
    SaidWrong,
    needs_quality,
    needs_second_person,
    own_part,
)
from supplychain.orders.signals import calm_flags_asked
from supplychain.orders.statuses import ASKS_SECOND, OrderEventKind, StageEventKind
from supplychain.people.models import User
from supplychain.recording.rules import next_steps as steps
from supplychain.recording.rules import permitted
from supplychain.recording.rules.corrections import correction_words, rest_on, resting_kinds, until_second
from supplychain.recording.rules.hold_notes import (
    clocks_on_hold,
    despite_note,
    held_note,
    hold_notes,
    hold_notes_of_all,
    kept_words,
)
from supplychain.recording.rules.rebooking import missed_bookings
from supplychain.recording.rules.release_notes import release_notes
from supplychain.recording.rules.reports import PermittedReport, PersonReports
from supplychain.recording.rules.requests import answer_notes
from supplychain.recording.rules.signed import without_signed
from supplychain.recording.rules.steps import NextStep
from supplychain.transport.rules.lanes import Lane

MOST_FOUND = 20


def permitted_reports(
    order: PatientOrder,
    user: User,
    now: datetime,
    runs: Iterable[StageRun] | None = None,
    *,
    stops: Sequence[Stop],
) -> PersonReports:
    """What `user` may record of the order now, and why not more; one query unless its runs are given. `stops`: its
    critical flags (orders.queries.open_stops)."""
    state = order_state(order, runs)
    return permitted.permitted_reports(state.flow, state, roles_at(sites_of(order), user.rights), now, stops)


def reports_of_one_among(order: PatientOrder, user: User, now: datetime, stops: Sequence[Stop]) -> PersonReports:
    """The same where several orders are recorded at once; no query: its runs were read with it."""
    reports = permitted_reports(order, user, now, order.stage_runs.all(), stops=stops)
    return without_signed(flow_plan(order.flow_id), reports)


def next_steps(
    order: PatientOrder, now: datetime, runs: Iterable[StageRun] | None = None, *, stops: Sequence[Stop] = (),
    lanes: Mapping[str, Lane] | None = None,
) -> list[NextStep]:  # fmt: skip
    """What happens next and whose turn it is; one query unless the order's runs are given. `lanes`: by stage, of the
    transports of which nobody said when they arrive."""
    state = order_state(order, runs)
    return steps.next_steps(state.flow, state, now, stops, lanes or {})


def correction_of(user: User, order: PatientOrder, report: PermittedReport) -> str:
    """What the person can do if their report is wrong; no query."""
    return correction_words(report.plan, report.event_kind, roles_at(sites_of(order), user.rights))


def missed_of(order: PatientOrder, report: PermittedReport, now: datetime) -> str:
    """What must be booked anew if the report lifts a hold; no query where the order's runs were read with it."""
    if report.kind not in (StageEventKind.RESUMED, OrderEventKind.ANSWERED):
        return ""
    return missed_bookings(order_state(order, order.stage_runs.all()), report.stage, report.kind, now)


def hold_of(order: PatientOrder, report: PermittedReport) -> str:
    """Since when, by whom and why the order or stage is on hold, of a report that ends that; one query then."""
    if report.kind != StageEventKind.RESUMED:
        return ""
    state = order_state(order, order.stage_runs.all())
    return hold_words(order, report.stage, state.run_of(report.stage).held_at if report.stage else state.held_at)


def notes_before(order: PatientOrder, report: PermittedReport, now: datetime, stops: Sequence[Stop] = ()) -> list[str]:
    """What must be known before a dose is released, the centre's request is answered, something is put on hold, or what
    began in spite of a hold ends; but for a release no query where the runs were read with the order."""
    if report.kind == StageEventKind.COMPLETED and report.plan and report.plan.kind == StageKind.RELEASE:
        told = calm_flags_asked.send(PatientOrder, order_id=order.pk)
        state = order_state(order, order.stage_runs.all())
        return release_notes(state, [words for _, answer in told for words in answer])
    if report.kind == StageEventKind.HELD:
        return hold_notes(order_state(order, order.stage_runs.all()), report.stage, now, stops)
    if order.held_at and report.kind in (StageEventKind.COMPLETED, StageEventKind.FAILED):
        state = order_state(order, order.stage_runs.all())
        notes = (despite_note(state, report.stage), held_note(state, report.stage, now))
        return [note for note in notes if note]
    if report.kind != OrderEventKind.ANSWERED:
        return []
    return answer_notes(order_state(order, order.stage_runs.all()), now, stops)


def notes_before_all(
    reports: Iterable[tuple[PatientOrder, PermittedReport, Sequence[Stop]]], now: datetime
) -> list[str]:
    """The same of several orders: what holds of each that is put on hold, then each order's clocks or hold, and what
    its critical flags stop."""
    reports = list(reports)
    despite = [
        f"{order.coi}: {note}"
        for order, report, _ in reports
        if report.kind != StageEventKind.HELD
        for note in notes_before(order, report, now)
    ]
    held = [one for one in reports if one[1].kind == StageEventKind.HELD]
    states = [(order, order_state(order, order.stage_runs.all()), stops) for order, _, stops in held]
    own = [
        f"{order.coi}: {note}"
        for order, state, stops in states
        for note in filter(None, (kept_words(state, now, stops), *clocks_on_hold(state, now)))
    ]
    return [*hold_notes_of_all(states[0][1].flow, held[0][1].stage), *own] if held else despite


@dataclass(frozen=True, slots=True)
class WithdrawalSubject:
    """A report that is to be taken back: what it says, whether two must say so, whether one of them must be quality
    assurance, what was said against it, what of that was not rejected, and whether the person said so already.
    `later`: id and words of the reports that rest on it and that the person may take back, too; `flag`: the one that
    asks the second person, where this person says by settling it that the report is right; `until_then`: what holds
    until two have said so."""

    words: str
    needs_second: bool
    needs_quality: bool
    said: tuple[SaidWrong, ...]
    standing: tuple[SaidWrong, ...]
    is_said_by_you: bool
    later: tuple[tuple[UUID, str], ...] = ()
    flag: UUID | None = None
    until_then: str = ""


def withdrawal_of(event: StatusEvent, user: User, stops: Sequence[Stop] = ()) -> WithdrawalSubject:
    """What a person must know before they take the event back; two queries. `stops`: the order's critical flags."""
    flow = flow_plan(event.order.flow_id)
    plan = flow.stages.get(event.stage)
    words = event_words(plan, kind_said(event.kind, event.payload))
    against = event_withdrawals(event.order).get(event.pk)
    needs_second = needs_second_person(flow, event.kind, event.stage, event.payload)
    said, standing = (against.said, against.standing) if against else ((), ())
    is_yours = any(one.user == user.pk for one in standing)
    quality, later = needs_quality(plan, event.kind), _later(event, user)
    flag = _asking_flag(event, user, stops) if standing else None
    until_then = until_second(plan, event.kind)
    return WithdrawalSubject(words, needs_second, quality, said, standing, is_yours, later, flag, until_then)


def _asking_flag(event: StatusEvent, user: User, stops: Sequence[Stop]) -> UUID | None:
    """The flag that asks whether this report is wrong, if it is this person's to settle."""
    order, reporter = event.order, str(user.pk)
    if not may_override(None, roles_at(sites_of(order), user.rights)):
        return None
    asked = [one for one in stops if one.doubt in ASKS_SECOND and one.stage == event.stage and not one.settlement]
    own = (one for one in asked if not own_part(order.surprises, one.doubt, one.stage, reporter, order.attempt))
    return next((one.flag_id for one in own if one.flag_id), None)


def _later(event: StatusEvent, user: User) -> tuple[tuple[UUID, str], ...]:
    """The reports that rest on this one, the newest first."""
    flow, order = flow_plan(event.order.flow_id), event.order
    stages = rest_on(flow, event.stage, event.kind)
    if not stages:
        return ()
    kinds = resting_kinds(event.kind)
    told = StatusEvent.objects.filter(order=order, stage__in=stages, kind__in=kinds).exclude(pk=event.pk)
    rows = list(told.filter(occurred_at__gte=event.occurred_at).order_by("-occurred_at", "-position"))
    able = withdrawable_events(order, user, rows)
    return tuple((row.pk, event_words(flow.stages.get(row.stage), row.kind)) for row in rows if row.pk in able)


def may_report(order: PatientOrder, user: User, kind: OrderEventKind) -> bool:
    """Whether `user` is one of those who report `kind` of this order, whatever its state; no query."""
    return not right_problem(None, kind, roles_at(sites_of(order), user.rights))


def withdrawable_events(order: PatientOrder, user: User, events: Iterable[StatusEvent]) -> set[UUID]:
    """Ids of the events that `user` may take back; no query."""
    flow, roles = flow_plan(order.flow_id), roles_at(sites_of(order), user.rights)
    gone = set(order.withdrawn_events)
    return {
        event.pk
        for event in events
        if event.kind not in NOT_WITHDRAWN
        and str(event.pk) not in gone
        and not withdrawal_right_problem(
            flow.stages.get(event.stage), event.kind, roles, is_own=event.user_id == user.pk
        )
    }


def orders_to_record(user: User, order_ids: Collection[UUID]) -> list[PatientOrder]:
    """Those of the orders that exist for `user`, in the order given, with all that recording needs; two queries."""
    if not order_ids:
        return []
    related = ("product", "flow", "ordering_site", "collection_site", "plant")
    found = PatientOrder.objects.of_sites(user.site_ids()).filter(pk__in=order_ids).select_related(*related)
    by_id = {order.pk: order for order in found.prefetch_related(Prefetch("stage_runs", RUNS_WITH_STAGE))}
    return [by_id[order_id] for order_id in dict.fromkeys(order_ids) if order_id in by_id]


def orders_with_code(user: User, reading: CodeReading) -> list[UUID]:
    """Ids of the person's orders that the code names; two queries."""
    return sorted(orders_read(reading, user.site_ids()))[:MOST_FOUND]


def doubt_of_donation(order_id: UUID, collection_site_id: UUID, facilities: Collection[str], number: str) -> str:
    """What a person is asked about a donation number, as stored: that it is none of the collection centre's, or that
    another order of that centre bears it; empty: nothing. One query where it is the centre's."""
    if doubt := donation_doubt(number, facilities):
        return doubt
    bears = Identifier.objects.filter(Stands(), kind=IdentifierKind.DONATION, key=lookup_key(number))
    if not bears.filter(order__collection_site=collection_site_id).exclude(order=order_id).exists():
        return ""
    return f"“{number}” stands on another order of this collection centre: is this the right patient's bag?"


def waits_for_second(order: PatientOrder, event_id: UUID | None) -> bool:
    """Whether a second person is asked to confirm this event of the order."""
    event = order.events.filter(pk=event_id).first() if event_id else None
    flow = flow_plan(order.flow_id)
    return event is not None and step_asked(flow, event.kind, event.stage, event.payload) is not None
