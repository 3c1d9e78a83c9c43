"""Probabilities in the words of people: natural frequencies, rescues. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from batches.forecasts.rules.rescues import RescueKind

OF = 100


def of_hundred(share: float) -> str:
    """A share (0–1) as a count of a hundred: "62 of 100"; what is neither 0 nor 100 is never told as such."""
    if 0 < share < 0.5 / OF:
        return "fewer than 1 of 100"
    if 1 - 0.5 / OF < share < 1:
        return "more than 99 of 100"
    return f"{round(share * OF)} of {OF}"


def between(chance: Mapping[str, Any] | None) -> str:
    """The interval of a share: "57–67"; empty without one."""
    return f"{round(chance['low'] * OF)}–{round(chance['high'] * OF)}" if chance else ""


def closed_words(closed: Mapping[str, Any] | None, names: Mapping[str, str], say: Callable[[datetime], str]) -> str:
    """That a stage waits for a pool without an open place, and until when; empty where none does."""
    if not closed:
        return ""
    name, opens_at = names.get(closed["stage"], closed["stage"]), closed["opens_at"]
    until = f"until {say(datetime.fromisoformat(opens_at))}" if opens_at else "and no date is set for one"
    return f"{name} has no open place {until}"


def deed(rescue: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is done in a rescue, as an instruction; `names`: of stages, by code."""
    name = names.get(rescue["stage"], rescue["stage"])
    return {
        RescueKind.GOES_FIRST: f"let it go first in the queues from {name} on",
        RescueKind.FASTER_COURIER: f"book a faster courier lane for {name}",
        RescueKind.RAPID_TEST: f"use a rapid method for {name} (half the hours)",
        RescueKind.EXTRA_PLACE: f"open one more place for {name} for two weeks",
    }[RescueKind(rescue["kind"])]


def harm(rescue: Mapping[str, Any]) -> str:
    """What a rescue does to the order that it hits worst."""
    if rescue.get("worst_after") is None:
        return "no other order gets later"
    before, after = round(rescue["worst_before"] * OF), of_hundred(rescue["worst_after"])
    return f"worst for another order: late in {before} → {after}"


def rescue_words(found: Mapping[str, Any] | None, names: Mapping[str, str]) -> str:
    """The rescue of an order in a sentence without its end; `found`: evidence["rescue"]; empty: none was looked for."""
    if not found:
        return ""
    if helping := found.get("found"):
        return f"{deed(helping, names)}: late in {of_hundred(helping['late'])}; {harm(helping)}"
    best = min(found.get("tried", ()), key=lambda one: one["late"], default=None)
    if best is None or best["late"] >= best["late_before"]:
        return "none of the rescues that were simulated helps"
    return f"no single rescue is enough; the best, {deed(best, names)}, leaves it late in {of_hundred(best['late'])}"
