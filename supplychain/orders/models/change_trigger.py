"""How the database itself notes in the change feed that a row has changed."""

import pgtrigger

from supplychain.orders.statuses import NoticeKind


def tells_change(
    kind: NoticeKind,
    operation: pgtrigger.Operation,
    *,
    order: str = "order_id",
    condition: pgtrigger.Condition | None = None,
) -> pgtrigger.Trigger:
    """A trigger that notes each changed row of a table in the feed; no writer can forget it. `order`: its column."""
    return pgtrigger.Trigger(
        name=f"{operation}_is_told".lower(),
        when=pgtrigger.After,
        operation=operation,
        condition=condition,
        func=f"""INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)
            VALUES (pg_current_xact_id()::text::bigint, NEW.{order}, '{kind.value}', NEW.id, clock_timestamp());
            RETURN NULL;""",
    )
