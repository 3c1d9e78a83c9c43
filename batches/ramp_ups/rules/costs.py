"""What a plan costs: unit costs that people edit, and the cost of one dose by them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from batches.ramp_ups.rules.lines import SimulatedLine

MOST_COST = 10_000_000.0
# Placeholders of a plausible size, in the site's currency for a place and week; every site puts its own.
PLACE_WEEK = {
    "suite": 12_000.0,
    "qc_lane": 2_500.0,
    "qa_reviewer": 3_000.0,
    "courier": 1_500.0,
    "receiving_bench": 1_000.0,
}
OTHER_PLACE_WEEK = 2_000.0
DEFAULTS = {"batch": 45_000.0, "failed_batch": 30_000.0, "test": 900.0}
COST_WORDS = {"batch": "One batch (materials)", "failed_batch": "One failed batch, besides", "test": "One quality test"}
PLACE = "place:"


class CostsRefused(Exception):
    """Unit costs that cannot be reckoned with. `errors`: what to do, by name of the cost."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def default_costs(line: SimulatedLine) -> dict[str, float]:
    """Unit costs to begin with: `place:<pool>` per place and week, `batch`, `failed_batch`, `test`."""
    places = {f"{PLACE}{pool.code}": PLACE_WEEK.get(pool.code, OTHER_PLACE_WEEK) for pool in line.pools}
    return places | DEFAULTS


def check_costs(raw: Mapping[str, Any], line: SimulatedLine) -> dict[str, float]:
    """The unit costs with defaults where none is said. Raises CostsRefused."""
    known, errors = default_costs(line), {}
    for name, value in raw.items():
        if name not in known:
            errors[name] = f"There is no cost {name}; use {', '.join(known)}."
            continue
        try:
            known[name] = float(value)
        except (TypeError, ValueError):
            errors[name] = "Write a plain number."
            continue
        if not (isfinite(known[name]) and 0 <= known[name] <= MOST_COST):
            errors[name] = f"A cost must lie between 0 and {MOST_COST:,.0f}."
    if errors:
        raise CostsRefused(errors)
    return known


def cost_words(name: str, line: SimulatedLine) -> str:
    """What a unit cost is of, for people."""
    if name.startswith(PLACE):
        code = name.removeprefix(PLACE)
        return f"{line.pool_names.get(code, code)}: one place, one week"
    return COST_WORDS[name]
