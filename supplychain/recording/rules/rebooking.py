"""What a hold has cost: bookings that passed while it stood, and the fields for new dates as it is lifted. Pure.

A new date may be left for later: then the order asks for it until it is there.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.duties import Roles, has_right, holders_of
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import ChangeWish, OrderEventKind, StageEventKind, StageStatus
from supplychain.recording.rules.fields import BEGIN, DELIVERY, END, NEW_DELIVERY_AT, NEW_END_AT, PICKUP, ReportField
from supplychain.sentences import moment_mark

LATER = "May be left for later: until it is given, the order asks for it."


class Missed(NamedTuple):
    """A stage whose booked start passed during a hold; `at`: when that was."""

    plan: StagePlan
    run: RunState
    at: datetime


def lifts_hold(state: OrderState, kind: str) -> bool:
    """Whether the report may lift a hold: a resumption, or an answer to a centre that asks for one."""
    if kind == OrderEventKind.ANSWERED:
        return state.change is not None and state.change.wish == ChangeWish.RESUME
    return kind == StageEventKind.RESUMED


def missed_by_hold(state: OrderState, stage: str, now: datetime) -> list[Missed]:
    """What must be booked anew if the hold (of a stage; empty: of the order) is lifted at `now`."""
    held_at = state.run_of(stage).held_at if stage else state.held_at
    runs = [state.run_of(code) for code in ([stage] if stage else state.flow.stages)]
    waiting = [run for run in runs if run.started_at is None and not run.is_done]
    return [
        Missed(state.flow.stages[run.stage], run, at)
        for run in waiting
        if held_at and (at := run.expected_start) and held_at <= at < now
    ]


def missed_bookings(state: OrderState, stage: str, kind: str, now: datetime) -> str:
    """The same in words; empty: nothing was missed, or the report lifts no hold."""
    missed = missed_by_hold(state, stage, now) if lifts_hold(state, kind) else []
    words = "; ".join(f"{one.plan.name}, {moment_mark(one.at)}" for one in missed)
    said = f"Booked while it was on hold, and passed: {words}."
    return f"{said} It needs a new appointment: record it as soon as it is made." if missed else ""


def rebooking_fields(state: OrderState, stage: str, kind: str, roles: Roles, now: datetime) -> tuple[ReportField, ...]:
    """The new dates that may be given with a report that lifts a hold, by who may book them."""
    if not lifts_hold(state, kind):
        return ()
    fields = [
        _again(asked, one.plan, one.plan.name)
        for one in missed_by_hold(state, stage, now)
        if _may_book(one.plan, roles)
        for asked in ((PICKUP, DELIVERY) if one.plan.kind == StageKind.TRANSPORT else (BEGIN, END))
    ]
    if stage and (plan := _outlasted(state, stage, now)) and _may_book(plan, roles):
        fields.append(_again(NEW_DELIVERY_AT if plan.kind == StageKind.TRANSPORT else NEW_END_AT, plan, plan.name))
    return tuple(fields)


def rebookings(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """What is said besides, and what was given in these fields, as a plan of each stage."""
    rest: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    for field, value in said.items():
        stage, _, name = field.rpartition("-")
        (found.setdefault(stage, {}) if stage else rest)[name] = value
    return rest, found


def field_of(stage: str, name: str) -> str:
    """Name of the field in which a moment of a stage's new plan is given."""
    return f"{stage}-{name}"


def _again(asked: ReportField, plan: StagePlan, name: str) -> ReportField:
    label = f"{name}: {asked.label[:1].lower()}{asked.label[1:]}"
    return replace(
        asked, name=field_of(plan.code, asked.name), label=label, is_required=False, hint=LATER, is_alone=True
    )


def _outlasted(state: OrderState, stage: str, now: datetime) -> StagePlan | None:
    """The held stage, where its work had begun and was to have ended by now."""
    plan, run = state.flow.stages[stage], state.run_of(stage)
    if run.status != StageStatus.HELD or run.started_at is None:
        return None
    ends_at = booked_end(plan, run) or run.started_at + timedelta(hours=plan.planned_hours)
    return plan if ends_at < now else None


def _may_book(plan: StagePlan, roles: Roles) -> bool:
    return has_right(holders_of(plan, StageEventKind.SCHEDULED), roles)
