"""Readings of the holds that stand: since when, by whom and why."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import change_of, order_state
from supplychain.orders.statuses import StageEventKind, StageStatus
from supplychain.sentences import moment_mark


class StandingHold(NamedTuple):
    """A hold that stands: of a stage (its name) or of the whole order (empty); `words`: since when, by whom, why."""

    stage: str
    words: str


def standing_holds(order: PatientOrder, runs: Iterable[StageRun] | None = None) -> list[StandingHold]:
    """Every hold of an open order, that of the whole order first; a query unless its runs are given, and one for each
    hold."""
    if not order.is_open:
        return []
    state = order_state(order, runs)
    held = [plan for code, plan in state.flow.stages.items() if state.run_of(code).status == StageStatus.HELD]
    found = [StandingHold("", hold_words(order, "", order.held_at))] if order.held_at else []
    return [
        *found,
        *(StandingHold(one.name, hold_words(order, one.code, state.run_of(one.code).held_at)) for one in held),
    ]


def hold_words(order: PatientOrder, stage: str, since: datetime | None) -> str:
    """Since when, by whom and why a stage (its code; empty: the whole order) is on hold, as far as that was said; one
    query. Moments as sentences.moment_mark has them."""
    said = StatusEvent.objects.filter(order=order, kind=StageEventKind.HELD, stage=stage, lacked_scope="")
    said = said.filter(occurred_at__gte=since) if since else said
    held = said.exclude(pk__in=order.withdrawn_events).select_related("source", "user").order_by("-occurred_at").first()
    if held is None:
        when = f" since {moment_mark(since)}" if since else ""
        change = None if stage else change_of(order)
        return f"On hold{when}{', as its centre asked' if change and change.holds_since(since) else ''}"
    reason = " ".join(str(held.payload.get("reason") or "").split())
    why = f": “{reason}”" if reason else ", without a reason"
    return f"On hold since {moment_mark(held.occurred_at)}, reported by {held.source or held.user}{why}"
