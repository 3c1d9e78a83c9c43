"""How the database itself gives each new order the row that the judgement holds."""

import pgtrigger


def has_its_turn() -> pgtrigger.Trigger:
    """A trigger that makes the DueOrder of each new order: without it no claim would ever find the order."""
    return pgtrigger.Trigger(
        name="insert_has_its_turn",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func="INSERT INTO supplychain_dueorder (order_id) VALUES (NEW.id); RETURN NULL;",
    )
