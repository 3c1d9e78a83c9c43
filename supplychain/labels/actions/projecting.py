"""Labels as projections of the events of orders of which something new was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.labels.rules.folding import LabelState, is_of_labels, labels_of
from supplychain.materials.rules.ids import named_id
from supplychain.orders.actions.store import LockedOrder, load_facts
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import LABEL_KINDS
from supplychain.sql import Writes

FIELDS = ("serial", "number", "number_key", "stage", "attempt", "layout", "printer", "replaces", "replaces_why",
          "printed_at", "printed_event", "status", "ended_at", "ended_event", "reason")  # fmt: skip
COLUMNS = ("id", "order_id", "key", *FIELDS, "doubts")
TABLE = "supplychain_label"


def project_labels(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], *, now: datetime
) -> None:
    """Have the rows of every order written of which `facts` say something new; none else costs a query."""
    concerned = [order for order in orders if any(map(is_of_labels, facts.get(order.id, ())))]
    if not concerned:
        return
    stored = load_facts([order.id for order in concerned], kinds=LABEL_KINDS)
    said = {one.id: labels_of([*stored[one.id], *facts[one.id]], set(one.state.withdrawn)) for one in concerned}
    # What is no longer said is withdrawn; what stands comes back in the same transaction.
    writes.withdraw(TABLE, "order_id", said, at=now)
    rows = [_row(order, key, one) for order, labels in said.items() for key, one in labels.items()]
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in (*COLUMNS[2:], "withdrawn_at"))
    writes.insert(TABLE, COLUMNS, rows, on_conflict=f"(id) DO UPDATE SET {sets}")


def _row(order_id: UUID, key: str, one: LabelState) -> tuple[Any, ...]:
    values = (getattr(one, name) for name in FIELDS)
    return (named_id("label", order_id, key), order_id, key, *values, sorted(one.doubts))
