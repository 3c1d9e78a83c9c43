"""The changes of a scenario for people."""

from collections.abc import Iterable, Mapping

from batches.ramp_ups.rules.changes import OF_POOL, SEASONS, ChangeKind, ScenarioChange, learned_of
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.seasons import learned_words

KIND_WORDS = {
    ChangeKind.PLACES: "Add or remove places",
    ChangeKind.SHIFT: "Start work only in a shift",
    ChangeKind.FACTOR: "Multiply a stage's hours",
    ChangeKind.HOURS: "Fix a stage's hours",
    ChangeKind.DEMAND: "Demand, ± %",
    ChangeKind.FAILURES: "Multiply failures",
    ChangeKind.FLOW: "Send a product on another flow",
    ChangeKind.PLANT: "Another plant takes a share, %",
    ChangeKind.CLOSED: "Close a pool, or all, for days",
    ChangeKind.WEEKDAYS: "Orders by weekday",
    ChangeKind.MONTHS: "Orders by month",
}


def words_of(change: ScenarioChange, names: Mapping[str, str]) -> str:
    """The change for people; `names` by `pool:<code>` and `stage:<code>`."""
    prefix = "pool" if change.kind in OF_POOL else "stage"
    subject = names.get(f"{prefix}:{change.subject}", change.subject)
    later = f" from day {change.from_day:g}" if change.from_day else ""
    pattern = " ".join(change.pattern.split()) or "as in the past"
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
        ChangeKind.CLOSED: f"{subject or 'All pools'}: closed from day {change.from_day:g} to day {change.until_day:g}",
        ChangeKind.WEEKDAYS: f"Orders by weekday: {pattern}",
        ChangeKind.MONTHS: f"Orders by month: {pattern}",
    }[change.kind]


def season_words(changes: Iterable[ScenarioChange], line: SimulatedLine) -> list[str]:
    """What learned patterns of a scenario rest on."""
    learned = [one.kind for one in changes if one.kind in SEASONS and not one.pattern.strip()]
    return [learned_words(learned_of(kind, line), *SEASONS[kind]) for kind in learned]


def own_words(line: SimulatedLine) -> list[str]:
    """What the line's own orders say of weekdays and months, or why they say nothing."""
    return [learned_words(learned_of(kind, line), *names) for kind, names in SEASONS.items()]
