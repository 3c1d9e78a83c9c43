"""Which printed labels are still to be accounted for, and what that keeps from ending. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.statuses import Doubt

# Serial numbers that a sentence names.
MOST_NAMED = 3


class OpenLabel(NamedTuple):
    """A label that was printed and of which nobody said how it ended. `stage` empty: it belongs to the whole order."""

    serial: str
    number: str
    stage: str
    attempt: int | None
    printed_at: datetime


def labels_words(labels: Sequence[OpenLabel]) -> str:
    """“2 labels are still open: L26…1 (bag B-1), L26…2”."""
    named = [f"{one.serial} ({one.number})" if one.number else one.serial for one in labels[:MOST_NAMED]]
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    are = "labels that were printed are" if len(labels) > 1 else "label that was printed is"
    return f"{len(labels)} {are} still open: {', '.join(named)}{more}"


def stops_of_labels(order_id: UUID, labels: Sequence[OpenLabel], now: datetime) -> list[Stop]:
    """What the open labels of an order keep from ending: each its step, or the order."""
    of_step: dict[str, list[OpenLabel]] = defaultdict(list)
    for one in labels:
        of_step[one.stage].append(one)
    return [
        Stop(
            order_id, None, "Labels still open", stage, f"{labels_words(own)}.", "", min(one.printed_at for one in own),
            Doubt.LABELS, key=("labels", stage), is_critical=False,
        )
        for stage, own in of_step.items()
    ]  # fmt: skip
