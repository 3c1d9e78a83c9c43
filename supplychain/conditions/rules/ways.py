"""From when to when the cells of a shipment were on their way: what is judged of its readings. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Way(NamedTuple):
    """`begun` None: not handed over yet; `ended` None: not delivered yet, or when is contradicted; `is_told`: somebody
    reported the hand-over to the courier."""

    begun: datetime | None
    ended: datetime | None
    is_told: bool = True


def way_of(
    picked_up_at: datetime | None,
    delivered_at: datetime | None,
    packed_at: datetime | None,
    ready_at: datetime | None,
    *,
    handed_over_at: datetime | None = None,
    other_ends: Sequence[datetime] = (),
    is_end_contradicted: bool = False,
) -> Way:
    """The way of a shipment. Where it was delivered and nobody reported the pickup it began with its packing, else with
    the end of what came before: cells of which a logger tells are never left unjudged. `handed_over_at`: when the
    courier took them, as a hand-over says of which the transport's own report is missing. `other_ends`: when others
    said that it was delivered: to the last of them it may have been under way; `is_end_contradicted`: a pickup was
    reported for a later moment than the delivery, so that nobody knows when it ended."""
    if delivered_at is not None:
        delivered_at = max([delivered_at, *other_ends])
    if picked_up_at is None and handed_over_at and (delivered_at is None or handed_over_at <= delivered_at):
        return Way(handed_over_at, None if is_end_contradicted else delivered_at)
    if picked_up_at is None and delivered_at is not None:
        begun = packed_at or ready_at or EVER
        return Way(min(begun, delivered_at), None if is_end_contradicted else delivered_at, is_told=False)
    return Way(picked_up_at, delivered_at)
