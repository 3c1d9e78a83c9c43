"""The cells of an order of which it is not sure that it is cancelled, or was. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from batches.flags.rules.limits import LIMIT, passes_words
from batches.flags.rules.waiting import presses_from
from batches.judgement.rules.awaited import awaited, cells_limit
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding
from batches.judgement.statuses import Severity
from supplychain.orders.rules.cells_left import cells_in_hand
from supplychain.orders.rules.surprises import OF_DECISION
from supplychain.orders.rules.withdrawals import cancellation_doubt

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
