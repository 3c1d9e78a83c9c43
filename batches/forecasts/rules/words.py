"""Probabilities in the words of people, and rescues. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from batches.forecasts.rules.rescues import RescueKind
from supplychain.words import hours_words, with_verb

VERY_LIKELY, LIKELY, MAY_BE = 0.9, 0.6, 0.1
# What futures say is told as “under 1 %” and “over 99 %” at most.
LEAST_TOLD = 0.001
WHOLE_DAYS_HOURS = 240


def percent_words(share: float) -> str:
    """A share (0–1) in percent: “62 %”; what is neither none nor all is never told as such: “under 1 %”."""
    if 0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= share < 1 else f"{round(share * 100)} %"


def between(chance: Mapping[str, Any] | None) -> str:
    """The interval of a share: “57–67 %”; empty without one."""
    return f"{round(chance['low'] * 100)}–{round(chance['high'] * 100)} %" if chance else ""


def with_interval(share: float, chance: Mapping[str, Any] | None) -> str:
    """A share and its 95 % interval: “26 %, range 22–30 %”."""
    return f"{percent_words(share)}, range {between(chance)}" if chance else percent_words(share)


def may_words(share: float) -> str:
    """How likely something is, before a verb: “will very likely”, “will likely”, “may”."""
    return "will very likely" if share >= VERY_LIKELY else "will likely" if share >= LIKELY else "may"


def may_be_late(p_late: float) -> bool:
    """Whether people hear that a dose may be late, by the per cent that they read beside it."""
    return round(p_late * 100) >= MAY_BE * 100


def future_words(share: float) -> str:
    """What a share of futures says, in percent: nothing in them is surely “0 %” or “100 %”."""
    return percent_words(min(max(share, LEAST_TOLD), 1 - LEAST_TOLD))


def late_words(p_late: float) -> str:
    """How likely a dose is late: “likely late (62 %)”."""
    chance = future_words(p_late)
    if not may_be_late(p_late):
        return f"very likely in time ({chance} late)"
    word = "very likely late" if p_late >= VERY_LIKELY else "likely late" if p_late >= LIKELY else "may be late"
    return f"{word} ({chance})"


def about_days(span: timedelta) -> str:
    """A distance between dates as people say it: “about 7 days”, “about 9 hours”."""
    hours = abs(span) / timedelta(hours=1)
    # From ten days on whole days are said everywhere, rounded down; below that they stand with their hours elsewhere.
    days = hours // 24 if hours >= WHOLE_DAYS_HOURS else hours / 24
    number, unit = (round(days), "day") if hours >= 36 else (max(round(hours), 1), "hour")
    return f"about {number} {unit}{'' if number == 1 else 's'}"


def widened_words(low_hours: float, high_hours: float) -> str:
    """By how much the ends of a range are moved outward: “begin 3 h earlier and end 8 h later”; empty where neither
    moves by an hour."""
    begin = f"begin {hours_words(low_hours)} earlier" if low_hours >= 1 else ""
    end = f"end {hours_words(high_hours)} later" if high_hours >= 1 else ""
    return " and ".join(filter(None, (begin, end)))


def closed_words(closed: Mapping[str, Any] | None, names: Mapping[str, str], say: Callable[[datetime], str]) -> str:
    """That a stage waits for a pool without an open place, and until when; empty where none does."""
    if not closed:
        return ""
    name, opens_at = names.get(closed["stage"], closed["stage"]), closed["opens_at"]
    until = f"until {say(datetime.fromisoformat(opens_at))}" if opens_at else "and no date is set for one"
    return with_verb(name, f"has no open place {until}")


def deed(rescue: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is done in a rescue, as an instruction; `names`: of stages, by code."""
    name = names.get(rescue["stage"], rescue["stage"])
    return {
        RescueKind.GOES_FIRST: f"let it go first in the queues from {name} on",
        RescueKind.FASTER_COURIER: f"book a faster courier lane for {name}",
        RescueKind.RAPID_TEST: f"use a rapid method for {name} (half the hours), if QA allows it",
        RescueKind.EXTRA_PLACE: f"open one more place for {name} for two weeks",
    }[RescueKind(rescue["kind"])]


def harm(rescue: Mapping[str, Any]) -> str:
    """What a rescue does to the order that it hits worst."""
    if rescue.get("worst_after") is None:
        return "no other order gets later"
    before, after = percent_words(rescue["worst_before"]), percent_words(rescue["worst_after"])
    return f"another order becomes more likely to be late: {before} before, {after} then"


def rescue_words(found: Mapping[str, Any] | None, names: Mapping[str, str]) -> str:
    """The rescue of an order in a sentence without its end; `found`: evidence["rescue"]; empty: none was looked for."""
    if not found:
        return ""
    if helping := found.get("found"):
        return f"{deed(helping, names)}: then {late_words(helping['late'])}; {harm(helping)}"
    gaining = [one for one in found.get("tried", ()) if one.get("gains", True)]
    best = min(gaining, key=lambda one: one["late"], default=None)
    if best is None or best["late"] >= min(best["late_before"], found.get("late_now") or 1):
        return "none of the rescues that were simulated helps"
    chance = f"a chance of {percent_words(best['late'])} that it is late"
    return f"no single rescue is enough; the best, {deed(best, names)}, leaves {chance}"
