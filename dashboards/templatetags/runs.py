"""How long a stage's run has waited and worked, in templates."""

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils.html import format_html

from dashboards.orders.rules.spans import happened
from dashboards.orders.rules.time_lines import BarKind
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import stage_to_end
from supplychain.orders.rules.standing import (
    booked_for,
    cancelled_words,
    is_to_begin,
    missed_booking,
    opens_later,
    standing_at,
)
from supplychain.orders.rules.verbs import VERBS_OF_KIND
from supplychain.orders.statuses import StageStatus
from supplychain.templatetags.moments import short_moment
from supplychain.words import span_words

register = template.Library()

ENDS = (StageStatus.COMPLETED, StageStatus.FAILED)


@register.filter
def run_wait(run: StageRun, now: datetime) -> str:
    """How long a run has waited, so far if it still does."""
    return _length(run, BarKind.WAITED, now)


@register.filter
def run_work(run: StageRun, now: datetime) -> str:
    """How long a run has been at work, so far if it still is; nothing of what is reported to start later."""
    if is_to_begin(run.status, run.started_at, now):
        return ""
    return _length(run, BarKind.WORKED, now) or _length(run, BarKind.FAILED, now)


@register.filter
def run_words(run: StageRun, now: datetime) -> str:
    """Where a run stands at `now`; what was reported to start later has not, what is booked waits for its day, and what
    was booked and did not begin says so."""
    if is_to_begin(run.status, run.started_at, now) or opens_later(run.status, run.ready_at, now):
        return "Still to come"
    if run.status in ENDS and (own := VERBS_OF_KIND.get((run.stage.kind, run.status))):
        return own.capitalize()
    booked = run_booked(run, now)
    if missed := run_missed(run, now):
        return format_html("Was booked for {}", short_moment(missed))
    return format_html("Booked for {}", short_moment(booked)) if booked else run.get_status_display()


@register.simple_tag
def stage_at(order: PatientOrder, runs: Iterable[StageRun], now: datetime) -> str:
    """The stage at which an order stands at `now`."""
    return stage_to_end(order, order.current_stage, now, runs) or order.current_stage


@register.filter
def run_booked(run: StageRun, now: datetime) -> datetime | None:
    """The moment still to come for which a run that waits is booked."""
    return booked_for(run.status, run.started_at, run.expected_start, now)


@register.filter
def run_missed(run: StageRun, now: datetime) -> datetime | None:
    """The moment that has passed for which a run that still waits was booked."""
    return missed_booking(run.status, run.expected_start, now)


@register.filter
def run_words_cancelled(run: StageRun, now: datetime) -> str:
    """The same of an order that was cancelled: nothing of it waits or goes on any more."""
    return cancelled_words(run.status, run.started_at, now) or run_words(run, now)


@register.filter
def run_standing(run: StageRun, now: datetime) -> str:
    """The same as a status, for its sign."""
    return standing_at(run.status, run.started_at, now)


def _length(run: StageRun, kind: BarKind, now: datetime) -> str:
    for span in happened(run, now):
        if span.kind == kind:
            return span_words(span.end - span.start) + (" so far" if span.is_open else "")
    return ""
