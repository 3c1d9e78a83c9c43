"""An event that calls another one wrong says whether a second person must confirm, or has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from dashboards.orders.rules.events import event_heading
from tests.supplychain.builders import T0

ID = UUID(int=5)


@dataclass
class AnEvent:
    """A stored event as the headings read it."""

    kind: str
    id: UUID = ID
    occurred_at: datetime = T0
    recorded_at: datetime = T0
    lacked_scope: str = ""


def surprise(reason: str, kind: str = "completed", **more: str) -> dict[str, str]:
    return {"event": str(ID), "reason": reason, "kind": kind, "text": "…"} | more


@pytest.mark.parametrize(
    ("words", "kind", "said", "heading"),
    [
        ("Disposition: released", "completed", [], "Disposition: released"),
        ("Disposition: report withdrawn", "withdrawn", [], "Disposition: said to be wrong"),
        (
            "Disposition: report withdrawn",
            "withdrawn",
            [surprise("withdrawal_asked")],
            "Disposition: said to be wrong, a second person must confirm",
        ),
        (
            "Disposition: report withdrawn",
            "withdrawn",
            [surprise("withdrawn", by_second="confirmed")],
            "Disposition: withdrawal confirmed",
        ),
        ("Expansion: report withdrawn", "withdrawn", [surprise("withdrawn")], "Expansion: report withdrawn"),
        (
            "Order: report withdrawn",
            "withdrawn",
            [surprise("withdrawal_asked", "settled")],
            "Settlement: said to be wrong, a second person must confirm",
        ),
    ],
)
def test_a_withdrawal_says_what_became_of_it(words, kind, said, heading):
    assert event_heading(words, AnEvent(kind), said) == heading
