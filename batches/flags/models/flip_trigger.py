"""How the database itself remembers that people have still to be told of a flip."""

import pgtrigger

from batches.flags.statuses import FlagChangeKind

# What people do with a flag is no news to be sent round.
TOLD = (
    FlagChangeKind.RAISED,
    FlagChangeKind.RAISED_AGAIN,
    FlagChangeKind.SEVERITY_CHANGED,
    FlagChangeKind.CLEARED,
)


def flips_are_told() -> pgtrigger.Trigger:
    """One statement per bulk of flips, in their own transaction; whoever writes a flip cannot forget it."""
    kinds = ", ".join(f"'{kind.value}'" for kind in TOLD)
    return pgtrigger.Trigger(
        name="flips_are_told",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="flips"),
        func=f"""INSERT INTO batches_pendingflip (id, due_at, steps_done)
            SELECT id, changed_at, 0 FROM flips WHERE kind IN ({kinds}); RETURN NULL;""",
    )
