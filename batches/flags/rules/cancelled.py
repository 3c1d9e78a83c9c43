"""The cells of an order of which it is not sure that it is cancelled, or was. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from batches.flags.rules.limits import LIMIT, passes_words
from batches.flags.rules.waiting import presses_from
from batches.judgement.rules.awaited import awaited, cells_limit
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, next_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.cells_left import cells_in_hand
from supplychain.orders.rules.surprises import OF_DECISION
from supplychain.orders.rules.withdrawals import cancellation_doubt
from supplychain.orders.statuses import OrderStatus

# Cells were said to be discarded or used of an order that is not cancelled.
FIND_CELLS_ASK = (
    "QA: find out now what became of the patient’s cells, and stop whoever was told to discard or use them; then press "
    "“Settle” on this flag."
)
KEEP_CELLS = "Until then keep the cells, and discard nothing."
MAKE_SURE_ASK = (
    "QA: make sure first that the patient’s cells still exist, and tell whoever has them that the order goes on; judge "
    "whether anybody acted on the cancellation."
)

DECIDE_ASK = (
    "QA: decide what becomes of the patient’s cells, tell whoever has them, and close the order with that; until then "
    "discard nothing."
)


def asks_to_keep(next_step: str) -> bool:
    """Whether a flag asks to keep the cells of an order of which it is not sure that it is cancelled."""
    return next_step.endswith(KEEP_CELLS)


def are_cells_in_hand(facts: OrderFacts) -> bool:
    """Whether somebody has cells of the order."""
    return bool(cells_in_hand(facts.flow, {code: stage.run for code, stage in facts.stages.items()}))


def limit_in_doubt(facts: OrderFacts, surprises: Iterable[dict[str, Any]], now: datetime) -> datetime | None:
    """When the first of the cells are lost of which it hangs on these facts whether they are kept; None: no such facts,
    or no limit is known."""
    surprises = list(surprises)
    is_doubted = cancellation_doubt(surprises) or any(one.get(OF_DECISION) for one in surprises)
    return cells_limit(awaited(facts, now)) if is_doubted and are_cells_in_hand(facts) else None


def with_cells_limit(finding: Finding, until: datetime, now: datetime) -> Finding:
    """The finding due by the limit of the cells, critical when that presses, as it would for a hold."""
    is_critical = finding.severity == Severity.CRITICAL or now >= presses_from(until)
    why = f"{finding.why[:-1]}; {passes_words(until, now)}."
    return replace(
        finding, severity=Severity.CRITICAL if is_critical else Severity.ATTENTION, due=until, why=why, moves=True,
        evidence=finding.evidence | {LIMIT: until.isoformat()},
    )  # fmt: skip


def cells_undecided(facts: OrderFacts, now: datetime) -> Found:
    """A cancelled order whose cells somebody has in hand, and of which nobody has said what becomes of them: by their
    limit, and no less once that has passed. While the cancellation itself is in doubt, nobody decides on them: the flag
    about that carries their limit."""
    where = cells_in_hand(facts.flow, {code: stage.run for code, stage in facts.stages.items()})
    is_undecided = facts.status == OrderStatus.CANCELLED and not facts.is_closed and bool(where)
    if not is_undecided or cancellation_doubt(facts.surprises):
        return NOTHING
    until = cells_limit(awaited(facts, now))
    why = f"The order is cancelled, and nobody has said what becomes of the patient’s cells ({where})."
    finding = Finding(
        FlagCode.CELLS_UNDECIDED, "", Severity.ATTENTION, facts.ended_at, None, why, DECIDE_ASK, {"cells": where}
    )
    if until is None:
        return Found([finding], None)
    return Found([with_cells_limit(finding, until, now)], next_of(now, [until, presses_from(until)]))
