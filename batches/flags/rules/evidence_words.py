"""The evidence of a flag as people read it: names of stages, chances in per cent, hours in words. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from batches.forecasts.rules.words import between, percent_words
from supplychain.orders.statuses import WaitLimit
from supplychain.words import hours_words

# Chances and shares, 0–1.
CHANCES = frozenset(
    {
        "late", "wait_expires", "no_dose", "p_late", "p_wait_expires", "p_no_dose", "probability", "share", "low",
        "high", "attention", "critical", "wait_attention", "no_dose_attention", "easing",
        "late_before", "late_now", "late_then", "worst_before", "worst_after",
    }
)  # fmt: skip
LABELS = {
    "act_by": "act at the latest",
    "assumes": "counts on",
    "assumes_cleared": "counts on",
    "assumes_booked": "counts on a new appointment at once for",
    "assumes_ended": "counts as ended",
    "assumes_repeated": "is repeated now",
    "assumes_restart_from": "begins anew from",
    "assumes_stored_cells": "takes up stored cells",
    "begins_at": "the middle simulation begins",
    "begins_latest_at": "19 of 20 simulations begin by",
    "broken": "limits that were reached",
    "cells_until": "the cells may wait until",
    "contributes": "takes longest beyond its plan",
    "critical": "critical from",
    "attention": "attention from",
    "easing": "clears below by",
    "count": "how many",
    "excess_hours": "beyond its plan",
    "futures": "simulations",
    "high": "95 % interval to",
    "is_over": "the wait is over",
    "is_reached": "dose is ready",
    "late": "chance of being late",
    "late_before": "chance of being late before",
    "late_now": "chance of being late now",
    "late_then": "chance of being late when this was looked for",
    "likely": "severity by the chance alone",
    "limit_from": "limit set by",
    "longest": "takes longest",
    "low": "95 % interval from",
    "no_dose": "chance of no dose",
    "no_dose_attention": "no dose: attention from",
    "not_ended": "has not ended",
    "others_settled": "the other order is settled",
    "of": "number of simulations",
    "promised_at": "wanted or promised by",
    "ready_high": "ready in 8 of 10 cases by",
    "ready_low": "ready in 8 of 10 cases from",
    "ready_median": "the middle simulation is ready",
    "wait_attention": "a wait runs out: attention from",
    "wait_expires": "chance that a wait runs out",
    "worst": "worst temperature, °C",
    "worst_after": "chance of being late of who gives way, then",
    "worst_before": "chance of being late of who gives way, now",
    "went_on": "went on in spite of it",
}
VALUES = {("limit_from", one.value): f"{one.label[:1].lower()}{one.label[1:]}" for one in WaitLimit}
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
# An id names a thing to machines alone.
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HIDDEN = ("gist", "not_by")
NOTHING: tuple[Any, ...] = (None, "", [], {})
COUNTED = frozenset({"count", "of", "low", "high"})
# What others wrote or named: never put into other words.
VERBATIM = frozenset({"logger", "broken", "value", "source", "event", "message", "text", "where", "other_coi"})


def evidence_in_words(evidence: Mapping[str, Any], stages: Mapping[str, str]) -> dict[str, Any]:
    """What a flag read, with labels and values for people; `stages`: their names by code. Moments stay as they are, and
    what it did not have is left out."""
    told = (
        (name, _value(name, value, stages))
        for name, value in evidence.items()
        if name not in HIDDEN and not _is_id(value)
    )
    return {_label(name, value): value for name, value in told if value not in NOTHING}


def _is_id(value: Any) -> bool:
    """Whether it is an id, or nothing but ids."""
    ids = value if isinstance(value, list) and value else [value]
    return all(isinstance(one, str) and ID.fullmatch(one) for one in ids)


def _label(name: str, value: Any) -> str:
    """A threshold and a yes or no may have one name: only of a number something is so from there on."""
    text = "" if isinstance(value, bool) and name in CHANCES else LABELS.get(name, "")
    text = text or name.removesuffix("_hours").removesuffix("_at").replace("_", " ")
    return text[:1].upper() + text[1:]


def _counted(chance: Mapping[str, Any], stages: Mapping[str, str]) -> str:
    """A chance as it was counted: “12 of 496 simulations (95 % interval 1–4 %), most before Cell selection”."""
    stage = chance.get("stage", "")
    before = f", most before {stages.get(stage, stage.replace('_', ' '))}" if stage and chance["count"] else ""
    return f"{chance['count']} of {chance['of']} simulations (95 % interval {between(chance)}){before}"


def _value(name: str, value: Any, stages: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        is_counted = value.keys() >= COUNTED and value["count"] is not None
        return _counted(value, stages) if is_counted else evidence_in_words(value, stages)
    if isinstance(value, list):
        return [_value(name, one, stages) for one in value]
    if name in VERBATIM:
        return value
    if isinstance(value, str):
        # A reason is a code of ours or what a person wrote: never a stage.
        named = "" if name == "reason" else stages.get(value) or VALUES.get((name, value), "")
        return named or (value.replace("_", " ") if CODE.fullmatch(value) else value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if name.endswith("_hours"):
        return f"−{hours_words(value)}" if value < 0 else hours_words(value)
    return percent_words(value) if name in CHANCES and 0 <= value <= 1 else value
