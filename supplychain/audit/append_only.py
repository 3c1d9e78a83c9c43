"""Tables that only grow."""

import pgtrigger


def never_deleted() -> list[pgtrigger.Trigger]:
    """Triggers by which the database refuses DELETE and TRUNCATE: a projection that is kept for 30 years (21 CFR
    1271.270(d), Directive 2006/86/EC Art. 9). What a fact takes back is withdrawn."""
    return [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete), _never_emptied()]


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers by which the database itself refuses UPDATE, DELETE and TRUNCATE."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        _never_emptied(),
    ]


def _never_emptied() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
    )
