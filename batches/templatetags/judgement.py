"""Figures of the judgement, as people read them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from batches.flags.models import Flag
from batches.flags.rules.centre_words import next_for_centre
from batches.flags.rules.evidence_words import evidence_in_words
from batches.flags.rules.limits import cells_left_words, due_words, left_words
from batches.flags.rules.list_words import place_words
from batches.flags.rules.mismatches import may_resolve
from batches.flags.rules.owners import owner_words
from batches.flags.statuses import ANSWER
from batches.forecasts.rules.hold_budgets import HoldBudget, bar_of, budget_words
from batches.forecasts.rules.hold_budgets import left_words as budget_left_words
from batches.forecasts.rules.ready import ReadyForecast
from batches.forecasts.rules.words import about_days, percent_words, widened_words
from batches.judgement.statuses import FlagCode
from batches.lines.models import PoolState
from batches.lines.rules.pools import foreseen_wait
from batches.lines.statuses import PoolCondition
from batches.notifications.rules.mails import MailLine
from supplychain.people.models import User
from supplychain.sentences import said_in

register = template.Library()

register.filter("percent_words", percent_words)


register.simple_tag(widened_words)


register.filter("budget_left", budget_left_words)
register.filter("budget_bar", bar_of)


@register.filter
def budget_said(budget: HoldBudget, now: datetime) -> str:
    """What is left of a limit of the cells, in one sentence, with its moments in the reader's zone."""
    return said_in(budget_words(budget, now), timezone.get_current_timezone(), now)


@register.filter
def budget_is_over(budget: HoldBudget, now: datetime) -> bool:
    """Whether the cells are foreseen to wait too long, or have."""
    left = budget.left_hours(now)
    return budget.until <= now or (left is not None and left < 0)


@register.filter
def budget_is_tight(budget: HoldBudget | None, now: datetime) -> bool:
    """Whether a list says what is left."""
    return budget is not None and budget.is_tight(now)


@register.filter
def condition_label(condition: str) -> str:
    """A stored pool condition for people."""
    return PoolCondition(condition).label if condition in PoolCondition.values else condition


@register.filter
def in_words(evidence: Mapping[str, Any], stages: Mapping[str, str]) -> dict[str, Any]:
    """What a flag read, for people; `stages`: their names by code."""
    return evidence_in_words(evidence, stages)


@register.filter
def resolvable_by(flag: Flag, user: User) -> bool:
    """Whether the person may be one of the two who resolve a mismatch: who read the code is not."""
    return may_resolve(flag.evidence, str(user.pk))


@register.filter
def about(hours: float | str | None) -> str:
    """A wait in hours as people say it: “about 8 days”; a dash without one (a template gives “” for what is not)."""
    return "–" if hours in (None, "") else about_days(timedelta(hours=float(hours)))


@register.filter
def joining_wait(pool: PoolState | Mapping[str, Any]) -> str:
    """How long who comes to a pool now waits; empty: not at all. `pool`: its state, or its numbers in evidence."""
    capacity, hours = map((pool if isinstance(pool, Mapping) else vars(pool)).get, ("capacity", "expected_wait_hours"))
    if capacity is None:
        return "–"
    if (known := foreseen_wait(capacity, hours)) is None:
        return "until a place opens; when is not foreseeable"
    return about(known) if known else ""


@register.filter
def placed_because(flag: Flag, now: datetime) -> str:
    """Why a flag stands where it stands in a list."""
    seen = flag.acknowledged_at is not None
    is_answered = flag.code == FlagCode.CHANGE_ASKED and ANSWER in flag.evidence
    said = {"is_acknowledged": seen, "code": flag.code, "probability": flag.probability, "severity": flag.severity}
    said |= {"is_answered": is_answered, "is_rejected": flag.is_rejected}
    return place_words(flag.harm, flag.act_by, flag.due, now, **said)


@register.simple_tag
def who_has(flag: Flag, owners: Collection[User], user: User | None = None) -> str:
    """Who has taken on this flag, the first of its order, and who another of the order's (`owners`: of any)."""
    return owner_words(flag.owner, owners, user)


@register.filter
def for_centre(flag: Flag) -> str:
    """What a treatment centre is told to do about a flag; empty: what its next step says."""
    told = next_for_centre(flag.code, flag.next_step, flag.remedy)
    return "" if told == flag.next_step else told


@register.filter
def left_of(flag: Flag, now: datetime) -> str:
    """What is left until a flag's limit: “31 h left”; of a promise how likely it is missed. Empty without a limit.
    Of what is critical without one: “cells: 11 h left”, where cells wait meanwhile."""
    return left_words(flag.code, flag.due, flag.probability, now) or cells_left_words(flag.runs_until, now)


@register.filter
def chance_of(flag: Flag) -> str:
    """How likely what it foresees is: “62 % late”, “dose at risk: 26 %”."""
    chance = "" if flag.probability is None else percent_words(flag.probability)
    if flag.code == FlagCode.PROMISE_AT_RISK:
        return f"{chance} late" if chance else "at risk"
    return flag.get_code_display().lower() + (f": {chance}" if chance else "")


@register.filter
def by_when(flag: Flag | MailLine, now: datetime) -> str:
    """By when to act, with the zone's name, where no page says the zone: in mails."""
    return due_words(flag.code, flag.due, flag.probability, now, timezone.get_current_timezone())


@register.simple_tag
def ready_when(ready: ReadyForecast, now: datetime) -> str:
    """When a dose is ready, in the person's zone: “most likely 20–24 Dec”."""
    return ready.when(now, timezone.get_current_timezone())


@register.filter
def against_promise(ready: ReadyForecast, now: datetime) -> str:
    """How a dose stands to its promise at `now`."""
    return ready.stands(now)


@register.simple_tag
def ready_known(ready: ReadyForecast, now: datetime) -> str:
    """What that rests on, and how old it is."""
    return ready.how_known(now)
