"""What a scenario changes about a line: read and refused with words, then applied.

The answer does not depend on the order of the changes: places add up, factors multiply, and what cannot be said twice
of the same thing is refused.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple

import msgspec

from batches.ramp_ups.rules.lines import LearnedPattern, SimulatedLine
from batches.ramp_ups.rules.seasons import MONTHS, WEEKDAYS, learned_words, rate_is_known, read_pattern
from supplychain.field_words import located, problem_words

MOST_CHANGES = 20
MOST_PLACES = 500
MOST_DEMAND = 200.0
MOST_HOURS = 2160.0
MOST_DAYS = 3650
SHIFT = re.compile(
    r"^(?:(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))? )?(?P<opens>[0-9]{1,2})-(?P<closes>[0-9]{1,2})$"
)


class ChangeKind(StrEnum):
    """What can be changed."""

    PLACES = "places"
    SHIFT = "shift"
    FACTOR = "factor"
    HOURS = "hours"
    DEMAND = "demand"
    FAILURES = "failures"
    FLOW = "flow"
    PLANT = "plant"
    CLOSED = "closed"
    WEEKDAYS = "weekdays"
    MONTHS = "months"


OF_POOL = {ChangeKind.PLACES, ChangeKind.SHIFT, ChangeKind.CLOSED}
OF_STAGE = {ChangeKind.FACTOR, ChangeKind.HOURS}
FROM_A_DAY = {ChangeKind.PLACES, ChangeKind.PLANT, ChangeKind.CLOSED}
SEASONS = {ChangeKind.WEEKDAYS: (WEEKDAYS, "weekday"), ChangeKind.MONTHS: (MONTHS, "month")}
# What is said of the same subject at most once.
ONCE = {ChangeKind.SHIFT, ChangeKind.HOURS, ChangeKind.DEMAND, ChangeKind.FLOW, ChangeKind.PLANT, *SEASONS}


class ScenarioChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change. `subject`: code of a pool, of a stage, or product/flow; `amount`: places, factor, hours or %.

    `from_day`, `until_day`: days after the start, the second when what is closed opens again; `shift`: for example
    “Mon-Fri 06-22” (hours at which work may begin); `pattern`: “Sat 0 Sun 0”, “Jul 70” (% of the usual orders), empty:
    as learned from the line's own orders.
    """

    kind: ChangeKind
    subject: str = ""
    amount: float = 0.0
    from_day: float = 0.0
    shift: str = ""
    until_day: float = 0.0
    pattern: str = ""


class ChangesRefused(Exception):
    """The changes make no sense. `errors`: what to do, by the position of the change (-1: all of them together)."""

    def __init__(self, errors: dict[int, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


class WorkingHours(NamedTuple):
    """Days of the week (0 Monday) and the hours between which work may begin."""

    days: range
    opens: int
    closes: int


def check_changes(raw: Sequence[Any], line: SimulatedLine) -> tuple[ScenarioChange, ...]:
    """The changes, checked against the line, in an order of their own. Raises ChangesRefused."""
    if len(raw) > MOST_CHANGES:
        raise ChangesRefused({-1: f"{len(raw)} changes; a scenario holds at most {MOST_CHANGES}."})
    errors, changes = {}, []
    for at, values in enumerate(raw):
        try:
            change = msgspec.convert(msgspec.to_builtins(values), ScenarioChange, strict=False)
        except msgspec.ValidationError as error:
            text, path = located(str(error))
            errors[at] = problem_words(text, path or "change")
            continue
        if text := _problem(change, line):
            errors[at] = text
        changes.append((at, change))
    errors |= _said_twice(changes) | ({} if errors else _too_few_places(changes, line))
    if errors:
        raise ChangesRefused(errors)
    return tuple(
        sorted(
            (change for _, change in changes),
            key=lambda one: (one.kind, one.subject, one.from_day, one.until_day, one.amount),
        )
    )


def read_shift(text: str) -> WorkingHours | None:
    """The shift of “Mon-Fri 06-22”, “Sat 8-16” or “06-22” (every day); None where it is none."""
    found = SHIFT.match(" ".join(text.split()))
    if not found:
        return None
    opens, closes = int(found["opens"]), int(found["closes"])
    names = [(found[name] or "").capitalize() for name in ("first", "last")]
    if not opens < closes <= 24 or any(name and name not in WEEKDAYS for name in names):
        return None
    first = WEEKDAYS.index(names[0]) if names[0] else 0
    last = WEEKDAYS.index(names[1]) if names[1] else first if names[0] else 6
    return WorkingHours(range(first, last + 1), opens, closes) if first <= last else None


def _problem(change: ScenarioChange, line: SimulatedLine) -> str:
    """What is wrong with one change by itself; empty: nothing."""
    if not all(isfinite(number) for number in (change.amount, change.from_day, change.until_day)):
        return "Write plain numbers."
    if change.from_day and change.kind not in FROM_A_DAY:
        return "Only places, another plant and a closure can begin on a later day; set the day to 0."
    if change.until_day and change.kind is not ChangeKind.CLOSED:
        return "Only a closure ends on a day; leave that empty."
    if not 0 <= change.from_day <= MOST_DAYS:
        return f"The day must lie between 0 (at once) and {MOST_DAYS}."
    is_all = change.kind is ChangeKind.CLOSED and not change.subject and line.pools
    if change.kind in OF_POOL and change.subject not in line.pool_names and not is_all:
        return f"Choose a pool of {line.name}: {', '.join(line.pool_names.values()) or 'it has none yet'}."
    if (change.kind in OF_STAGE or (change.kind is ChangeKind.FAILURES and change.subject)) and (
        change.subject not in line.stages
    ):
        return f"Choose a stage of {line.name}: {', '.join(line.stages.values()) or 'it has none yet'}."
    return _LIMITS[change.kind](change, line)


def _places_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    if change.amount != int(change.amount) or change.amount == 0:
        return "Say how many whole places to add, or to take away with a minus: 1, 2, -1."
    return f"Change at most {MOST_PLACES} places." if abs(change.amount) > MOST_PLACES else ""


def _shift_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    if read_shift(change.shift) is None:
        return "Write the shift as days and hours in which work may begin, for example Mon-Fri 06-22."
    return ""


def _factor_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    return "" if 0.05 <= change.amount <= 10 else "The factor must lie between 0.05 and 10; 1 leaves it as it is."


def _hours_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    return "" if 0 <= change.amount <= MOST_HOURS else f"The hours must lie between 0 and {MOST_HOURS:.0f}."


def _failures_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    return "" if 0 <= change.amount <= 10 else "The factor must lie between 0 (nothing fails) and 10; 1 leaves it."


def _demand_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    if not -90 <= change.amount <= MOST_DEMAND or not change.amount:
        return f"Demand can change by -90 to {MOST_DEMAND:.0f} %, and by something: 25 for a quarter more."
    return "Demand has no pool or stage: leave that empty." if change.subject else ""


def _flow_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    known = [journey.key for journey in line.journeys]
    return "" if change.subject in known else f"Choose a flow as product/flow: {', '.join(known) or 'there is none'}."


def _plant_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    if not 0 < change.amount < 100:
        return "The other plant's share must lie between 0 and 100 %, for example 30."
    return "Another plant has no pool or stage: leave that empty." if change.subject else ""


def _closed_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    if not change.from_day < change.until_day <= MOST_DAYS:
        return f"Say from which day it is closed and on which later day it opens again, at most {MOST_DAYS}."
    return ""


def _season_problem(change: ScenarioChange, line: SimulatedLine) -> str:
    names, what = SEASONS[change.kind]
    example = "Sat 0 Sun 0" if names is WEEKDAYS else "Jul 70 Dec 120"
    if change.subject:
        return "Orders have no pool or stage: leave that empty."
    if not change.pattern.strip():
        learned = learned_words(learned_of(change.kind, line), names, what)
        return "" if learned_of(change.kind, line).factors else f"{learned} Write them: {example}."
    factors = read_pattern(change.pattern, names)
    if factors is None:
        return f"Write names and % of the usual orders, 0 to 1000, for example {example}; what you do not name is 100."
    seen = (factors, (1.0,) * 12) if names is WEEKDAYS else ((1.0,) * 7, factors)
    text = "The line's orders were counted when none would have come: with this pattern nothing is known of its rate."
    return "" if rate_is_known(line, *seen) else text


def learned_of(kind: ChangeKind, line: SimulatedLine) -> LearnedPattern:
    """What the line's own orders say of weekdays or of months."""
    return line.weekdays if kind is ChangeKind.WEEKDAYS else line.months


def factors_of(changes: Iterable[ScenarioChange], kind: ChangeKind, line: SimulatedLine) -> tuple[float, ...]:
    """The factors of weekdays or of months, as they were said or learned; none where orders come evenly."""
    said = next((one for one in changes if one.kind is kind), None)
    if said is None:
        return ()
    return (
        (read_pattern(said.pattern, SEASONS[kind][0]) or ()) if said.pattern.strip() else learned_of(kind, line).factors
    )


_LIMITS = {
    ChangeKind.PLACES: _places_problem,
    ChangeKind.SHIFT: _shift_problem,
    ChangeKind.FACTOR: _factor_problem,
    ChangeKind.HOURS: _hours_problem,
    ChangeKind.FAILURES: _failures_problem,
    ChangeKind.DEMAND: _demand_problem,
    ChangeKind.FLOW: _flow_problem,
    ChangeKind.PLANT: _plant_problem,
    ChangeKind.CLOSED: _closed_problem,
    ChangeKind.WEEKDAYS: _season_problem,
    ChangeKind.MONTHS: _season_problem,
}


def _said_twice(changes: Iterable[tuple[int, ScenarioChange]]) -> dict[int, str]:
    """Changes of which only one can hold."""
    seen: dict[tuple[str, str], int] = {}
    errors = {}
    for at, change in changes:
        subject = change.subject.split("/")[0] if change.kind is ChangeKind.FLOW else change.subject
        kind = ChangeKind.HOURS if change.kind is ChangeKind.FACTOR else change.kind
        before = seen.setdefault((kind, subject), at)
        if before != at and (kind in ONCE):
            errors[at] = f"Change {before + 1} says the same thing otherwise: keep one of the two."
    return errors


def _too_few_places(changes: Iterable[tuple[int, ScenarioChange]], line: SimulatedLine) -> dict[int, str]:
    """Pools that would have less than no place at some time, told at the last change of the pool."""
    changed = [(at, change) for at, change in changes if change.kind is ChangeKind.PLACES]
    errors = {}
    for pool in line.pools:
        mine = [(at, change) for at, change in changed if change.subject == pool.code]
        steps = steps_with(pool.steps, [(change.from_day * 24, int(change.amount)) for _, change in mine])
        if mine and (fewest := min(places for _, places in steps)) < 0:
            errors[mine[-1][0]] = f"{pool.name} would have {fewest} places; it has {pool.places} in the beginning."
    return errors


def steps_with(steps: Iterable[tuple[float, int]], added: Iterable[tuple[float, int]]) -> tuple[tuple[float, int], ...]:
    """Capacity steps with places added from a moment on (negative: taken away)."""
    known, more = sorted(steps), Counter[float]()
    for at, places in added:
        more[at] += places
    first = known[0][0] if known else 0.0
    moments = sorted({first, *(at for at, _ in known), *more})
    result = []
    for moment in moments:
        before = [places for at, places in known if at <= moment]
        base = before[-1] if before else known[0][1] if known else 0
        result.append((moment, base + sum(places for at, places in more.items() if at <= moment)))
    return tuple(result)
