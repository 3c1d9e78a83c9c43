"""Which past moments are forecast anew to try refinements on, with which of them, and what they come to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from batches.calibration.rules.gate import Paired
from batches.forecasts.rules.line_facts import LineFacts
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import LearnedOfLine, Refined, refined_by
from batches.forecasts.rules.setting_aside import simulated_without_failing
from batches.forecasts.rules.summaries import summaries
from batches.forecasts.statuses import Refinement
from batches.judgement.rules.spans import week_of

# One forecast a week of half a year. Of its orders those count whose promise passed one to three weeks later: there is
# something to foresee then, and time enough to act.
WEEKS = 26
EVERY = timedelta(days=7)
NEAREST, FURTHEST = timedelta(days=7), timedelta(days=21)
# As predictions are scored: reports come in batches.
GRACE = timedelta(days=1)
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
PATHS = 200


class PastOutcome(NamedTuple):
    """When the dose of an order was ready, and when it was withdrawn without one; as known now."""

    ready_at: datetime | None
    withdrawn_at: datetime | None

    def was_late(self, promised_at: datetime) -> bool | None:
        """Whether no dose was ready by the promise (which has passed); None: withdrawn before it."""
        if self.ready_at is None and self.withdrawn_at is not None and self.withdrawn_at <= promised_at:
            return None
        return self.ready_at is None or self.ready_at > promised_at


class ScoredOrder(NamedTuple):
    """An order (id as text) of a replayed forecast: its promise of that moment, and whether no dose was ready by it."""

    order: str
    promised_at: datetime
    came_late: bool


class Replayed(NamedTuple):
    """One past moment as it is stored: `said` P(late) of each order by `name_of` the refinements."""

    moment: datetime
    orders: Sequence[ScoredOrder]
    said: Mapping[str, Sequence[float]]


def moments(now: datetime) -> list[datetime]:
    """The moments whose promises have all passed, newest first."""
    newest = MONDAY + EVERY * ((now - GRACE - FURTHEST - MONDAY) // EVERY)
    return [newest - EVERY * back for back in range(WEEKS)]


def name_of(refinements: Collection[Refinement]) -> str:
    """How a set of refinements is named where it is stored."""
    return ",".join(sorted(one.value for one in refinements))


def variants(used: frozenset[Refinement]) -> list[frozenset[Refinement]]:
    """What has to be simulated: the present model, and it with each refinement the other way round."""
    return [used, *(used ^ {one} for one in Refinement)]


def is_whole(said: Collection[str], used: frozenset[Refinement]) -> bool:
    """Whether all of these were simulated."""
    return {name_of(one) for one in variants(used)} <= set(said)


def pairs_of(line: str, rows: Iterable[Replayed], used: frozenset[Refinement], tried: Refinement) -> list[Paired]:
    """Each order at each moment without and with a refinement, all others as they are in use."""
    without, refined = name_of(used - {tried}), name_of(used | {tried})
    pairs = []
    for row in rows:
        if without not in row.said or refined not in row.said:
            continue
        for one, before, after in zip(row.orders, row.said[without], row.said[refined], strict=True):
            week = (line, *week_of(one.promised_at))
            pairs.append(Paired(one.order, week, before, after, one.came_late))
    return pairs


def replay(
    facts: LineFacts, learned: LearnedOfLine, outcomes: Mapping[UUID, PastOutcome], moment: datetime,
    used: frozenset[Refinement],
) -> tuple[list[ScoredOrder], dict[str, list[float]]]:  # fmt: skip
    """The orders that count, and P(late) of each by each of `variants`, over PATHS futures with the same luck."""
    made: dict[Refined, dict[UUID, float]] = {}
    by_name = {}
    for variant in variants(used):
        refined = refined_by(variant, learned)
        alike = refined._replace(model="")  # of frailty or hours nothing may be known: then it is the same forecast
        if alike not in made:
            made[alike] = _said(replace(facts, refined=refined), moment)
        by_name[name_of(variant)] = made[alike]
    orders = {}
    for one in facts.orders:
        order, promise = one.facts.id, one.facts.promised_at
        if promise and all(order in said for said in made.values()):
            late = _came_late(outcomes.get(order), moment, promise)
            if late is not None:
                orders[order] = ScoredOrder(str(order), promise, late)
    return list(orders.values()), {name: [said[order] for order in orders] for name, said in by_name.items()}


def _said(facts: LineFacts, moment: datetime) -> dict[UUID, float]:
    state = line_state(facts, moment)
    if not state.orders:
        return {}
    told = summaries(simulated_without_failing(state, paths=PATHS))
    return {one.order: one.late.share for one in told if one.late}


def _came_late(outcome: PastOutcome | None, moment: datetime, promise: datetime) -> bool | None:
    """Whether it came late; None: it does not count."""
    is_near = moment + NEAREST < promise <= moment + FURTHEST
    if not is_near or outcome is None or (outcome.ready_at and outcome.ready_at <= moment):
        return None
    return outcome.was_late(promise)


def orders_row(orders: Iterable[ScoredOrder]) -> list[list[Any]]:
    """Orders as they are stored."""
    return [[one.order, one.promised_at.isoformat(), one.came_late] for one in orders]


def orders_from(rows: Iterable[Sequence[Any]]) -> list[ScoredOrder]:
    """The same as they are read."""
    return [ScoredOrder(order, datetime.fromisoformat(promise), late) for order, promise, late in rows]
