"""From when to when the cells of a shipment were on their way: what is judged of its readings. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Way(NamedTuple):
    """`begun` None: not handed over yet; `ended` None: not delivered yet, or when is contradicted; `is_told`: somebody
    reported the hand-over to the courier. Where not, `begun_with`: what it is said to have begun with, in words (empty:
    nothing is known, and it begins EVER), `late_pickup`: the hand-over as reported for after the delivery."""

    begun: datetime | None
    ended: datetime | None
    is_told: bool = True
    begun_with: str = ""
    late_pickup: datetime | None = None


def way_of(
    picked_up_at: datetime | None,
    delivered_at: datetime | None,
    packed_at: datetime | None,
    ready_at: datetime | None,
    *,
    handed_over_at: datetime | None = None,
    other_ends: Sequence[datetime] = (),
    late_pickups: Sequence[datetime] = (),
) -> Way:
    """The way of a shipment. `handed_over_at`: when the courier took them, as a hand-over says of which the transport's
    own report is missing. Where it was delivered and no pickup before that was reported it began with that, with its
    packing, or with the end of what came before, as far as these lie before the delivery: cells of which a logger tells
    are never left unjudged. `other_ends`: when others said that it was delivered: to the last of them it may have been
    under way; `late_pickups`: pickups reported for a later moment than the delivery, so that nobody knows when it
    ended."""
    late = min(late_pickups, default=None)
    ended = max([delivered_at, *other_ends]) if delivered_at else None
    known_end = None if late else ended
    if picked_up_at is not None:
        return Way(picked_up_at, ended)
    if handed_over_at and (ended is None or handed_over_at <= ended):
        return Way(handed_over_at, known_end, late_pickup=late)
    if ended is None:
        return Way(None, None)
    known = ((packed_at, "its packing"), (ready_at, "the end of the step before"))
    begun, words = next(((at, words) for at, words in known if at and at <= ended), (EVER, ""))
    return Way(begun, known_end, is_told=False, begun_with=words, late_pickup=late)
