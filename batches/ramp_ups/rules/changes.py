"""What a scenario changes about a line: read and refused with words, then applied.

The answer does not depend on the order of the changes: places add up, factors multiply, and what cannot be said twice
of the same thing is refused.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple

import msgspec

from batches.ramp_ups.rules.lines import SimulatedLine

MOST_CHANGES = 20
MOST_PLACES = 500
MOST_DEMAND = 200.0
MOST_HOURS = 2160.0
MOST_DAYS = 3650
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHIFT = re.compile(r"^(?:(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))? )?(?P<opens>\d{1,2})-(?P<closes>\d{1,2})$")


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


KIND_WORDS = {
    ChangeKind.PLACES: "Add or remove places",
    ChangeKind.SHIFT: "Start work only in a shift",
    ChangeKind.FACTOR: "Multiply a stage's hours",
    ChangeKind.HOURS: "Fix a stage's hours",
    ChangeKind.DEMAND: "Demand, ± %",
    ChangeKind.FAILURES: "Multiply failures",
    ChangeKind.FLOW: "Send a product on another flow",
    ChangeKind.PLANT: "Another plant takes a share, %",
}
OF_POOL = {ChangeKind.PLACES, ChangeKind.SHIFT}
OF_STAGE = {ChangeKind.FACTOR, ChangeKind.HOURS}
FROM_A_DAY = {ChangeKind.PLACES, ChangeKind.PLANT}
# What is said of the same subject at most once.
ONCE = {ChangeKind.SHIFT, ChangeKind.HOURS, ChangeKind.DEMAND, ChangeKind.FLOW, ChangeKind.PLANT}


class ScenarioChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change. `subject`: code of a pool, of a stage, or product/flow; `amount`: places, factor, hours or %.

    `from_day`: days after the start; `shift`: for example “Mon-Fri 06-22” (hours at which work may begin).
    """

    kind: ChangeKind
    subject: str = ""
    amount: float = 0.0
    from_day: float = 0.0
    shift: str = ""


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
            errors[at] = f"This change cannot be read: {error}."
            continue
        if text := _problem(change, line):
            errors[at] = text
        changes.append((at, change))
    errors |= _said_twice(changes) | ({} if errors else _too_few_places(changes, line))
    if errors:
        raise ChangesRefused(errors)
    return tuple(
        sorted((change for _, change in changes), key=lambda one: (one.kind, one.subject, one.from_day, one.amount))
    )


def read_shift(text: str) -> WorkingHours | None:
    """The shift of “Mon-Fri 06-22”, “Sat 8-16” or “06-22” (every day); None where it is none."""
    found = SHIFT.match(" ".join(text.split()))
    if not found:
        return None
    opens, closes = int(found["opens"]), int(found["closes"])
    names = [(found[name] or "").capitalize() for name in ("first", "last")]
    if not opens < closes <= 24 or any(name and name not in DAYS for name in names):
        return None
    first = DAYS.index(names[0]) if names[0] else 0
    last = DAYS.index(names[1]) if names[1] else first if names[0] else 6
    return WorkingHours(range(first, last + 1), opens, closes) if first <= last else None


def _problem(change: ScenarioChange, line: SimulatedLine) -> str:
    """What is wrong with one change by itself; empty: nothing."""
    if not (isfinite(change.amount) and isfinite(change.from_day)):
        return "Write plain numbers."
    if change.from_day and change.kind not in FROM_A_DAY:
        return "Only places and another plant can begin on a later day; set the day to 0."
    if not 0 <= change.from_day <= MOST_DAYS:
        return f"The day must lie between 0 (at once) and {MOST_DAYS}."
    if change.kind in OF_POOL and change.subject not in line.pool_names:
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


_LIMITS = {
    ChangeKind.PLACES: _places_problem,
    ChangeKind.SHIFT: _shift_problem,
    ChangeKind.FACTOR: _factor_problem,
    ChangeKind.HOURS: _hours_problem,
    ChangeKind.FAILURES: _failures_problem,
    ChangeKind.DEMAND: _demand_problem,
    ChangeKind.FLOW: _flow_problem,
    ChangeKind.PLANT: _plant_problem,
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


def words_of(change: ScenarioChange, names: Mapping[str, str]) -> str:
    """The change for people; `names` by `pool:<code>` and `stage:<code>`."""
    prefix = "pool" if change.kind in OF_POOL else "stage"
    subject = names.get(f"{prefix}:{change.subject}", change.subject)
    later = f" from day {change.from_day:g}" if change.from_day else ""
    noun = "place" if abs(change.amount) == 1 else "places"
    return {
        ChangeKind.PLACES: f"{subject}: {change.amount:+.0f} {noun}{later}",
        ChangeKind.SHIFT: f"{subject}: work begins {change.shift} only",
        ChangeKind.FACTOR: f"{subject}: hours × {change.amount:g}",
        ChangeKind.HOURS: f"{subject}: {change.amount:g} h",
        ChangeKind.DEMAND: f"Demand {change.amount:+g} %",
        ChangeKind.FAILURES: f"{subject or 'All stages'}: failures × {change.amount:g}",
        ChangeKind.FLOW: f"New orders take {subject}",
        ChangeKind.PLANT: f"Another plant like this one takes {change.amount:g} %{later}",
    }[change.kind]
