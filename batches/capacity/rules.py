"""What fewer places would do to the orders that need a pool, asked before it is done. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

# So long after a capacity began it can still be taken back as added by mistake.
TAKEN_BACK_WITHIN = timedelta(hours=8)
# Beyond this what is held and waited for now says nothing of a capacity that is still to begin.
SOON = timedelta(days=7)


class PoolNeed(NamedTuple):
    """Open orders by where they stand to a pool: `held` a place of it, `waiting` for one, `coming` to it later."""

    held: int = 0
    waiting: int = 0
    coming: int = 0

    @property
    def ahead(self) -> int:
        """For how many it still has to be there."""
        return self.waiting + self.coming


def fewer_places_question(
    places: int, before: int | None, need: PoolNeed, *, starts_at: datetime, now: datetime
) -> str:
    """What a person is asked before a pool gets `places` from `starts_at` on; empty: nothing.

    `before`: the places in force until then, None: it had none set.
    """
    if places < 0 or (before is not None and places >= before):
        return ""
    if places == 0 and (need.held or need.ahead):
        held = f"; {_orders(need.held, 'holds', 'hold')} a place of it now" if need.held else ""
        return (
            f"This closes the pool: {_orders(need.ahead, 'waits for or comes', 'wait for or come')} to it{held}. "
            "Nobody gets a place until another capacity begins."
        )
    if starts_at > now + SOON or places >= need.held + need.waiting:
        return ""
    return (
        f"{_orders(need.held, 'holds', 'hold')} a place of it now and {need.waiting or 'none'} more "
        f"wait{'s' if need.waiting == 1 else ''} for one, with {places} place{'' if places == 1 else 's'} for them; "
        f"{need.coming or 'none'} come{'s' if need.coming == 1 else ''} to it later."
    )


def _orders(count: int, verb: str, verbs: str) -> str:
    return f"{count or 'no'} open order{'' if count == 1 else 's'} {verb if count == 1 else verbs}"


def is_taken_back_late(starts_at: datetime, now: datetime) -> bool:
    """Whether a capacity has been in force for too long to be taken back."""
    return starts_at <= now - TAKEN_BACK_WITHIN
