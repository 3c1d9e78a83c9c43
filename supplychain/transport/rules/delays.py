"""Delays and reroutings of a shipment in words. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.orders.rules.delays import EXPECTED_AT, destination_words
from supplychain.orders.statuses import DelayCause, StageEventKind
from supplychain.sentences import moment_mark


def arrival_words(said: Mapping[str, Any]) -> str:
    """“arrival expected 3 Dec 14:00”, its moment as a mark, or that nobody knows it; “there”: at a place just named."""
    there = " there" if destination_words(said) else ""
    if text := said.get(EXPECTED_AT):
        return f"arrival{there} expected {moment_mark(datetime.fromisoformat(text))}"
    return f"arrival{there} not known"


def delay_words(said: Mapping[str, Any]) -> str:
    """“Delayed: arrival expected 3 Dec 14:00; customs. Papers are missing” of one that a shipment keeps."""
    causes = {one.value: one.label.lower() for one in DelayCause}
    reason = f" “{said['reason']}”" if said.get("reason") else ""
    told = f"{arrival_words(said)}; {causes.get(said.get('cause', ''), 'no cause given')}.{reason}"
    if said.get("kind") != StageEventKind.SHIPMENT_REROUTED:
        return f"Delayed: {told}"
    route = said.get("route") and f"new route “{said['route']}”"
    ways = (("to ", destination_words(said)), ("", route), ("with ", said.get("courier")))
    return f"Rerouted {', '.join(f'{how}{what}' for how, what in ways if what)}: {told}"
