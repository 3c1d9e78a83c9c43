"""What a decision on an excursion must say. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from supplychain.orders.statuses import ExcursionDecision

DIGEST = re.compile(r"[0-9a-f]{16}")  # of what an excursion broke


def decision_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a decision on an excursion: it counts for the readings that whoever decides has seen."""
    if payload.get("decision") not in ExcursionDecision.values:
        yield f"payload.decision: use one of {', '.join(ExcursionDecision.values)}."
    if not isinstance(payload.get("judged"), str) or not DIGEST.fullmatch(payload["judged"]):
        yield (
            "payload.judged: say on which readings you decide, or the decision would count for nothing: send `judged` "
            "of the excursion as GET orders/<id>/condition/ gives it, once you have looked at it."
        )
