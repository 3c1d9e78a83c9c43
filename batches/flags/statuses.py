"""What happens to a flag, what it is called, and the members of its evidence by which others know it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices

from batches.judgement.statuses import FlagCode

# A hold keeps a dose from its patient that has left its makers; which material that is no dose is said to be given.
KEPT_FROM_PATIENT, GIVEN_MATERIAL = "kept_from_patient", "given_material"
# A permitted wait is over; when the cells were used all the same; when what had failed was begun again.
IS_OVER, USED_AT, TESTED_AGAIN_AT = "is_over", "used_at", "tested_again_at"
# Of a label on several orders: quality assurance has settled the flags of all others.
OTHERS_SETTLED = "others_settled"
# When somebody said that the report of a failure is wrong; a second person has not decided yet.
SAID_WRONG_AT = "said_wrong_at"
# When quality assurance settled it, and who.
SETTLED_AT, SETTLED_BY = "settled_at", "settled_by"
# What the plant answered to a request of the centre; there while the answer is told.
ANSWER = "answer"
# Until when the cells may wait, of what is critical without a limit of its own.
CELLS_UNTIL = "cells_until"
TITLES = dict(FlagCode.choices)
# What is told under a code that says less than the facts do, by the member of the evidence that tells it.
TOLD_TITLES = {
    (FlagCode.HOLD_EXPIRING, USED_AT): "Used after the permitted wait",
    (FlagCode.HOLD_EXPIRING, IS_OVER): "Permitted wait over",
    (FlagCode.CHANGE_ASKED, ANSWER): "The plant answered a request",
}


def flag_title(code: str, evidence: Mapping[str, Any]) -> str:
    """What a flag is called. Only of the codes of TOLD_TITLES its evidence is asked."""
    told = (title for (of_code, name), title in TOLD_TITLES.items() if of_code == code and name in evidence)
    return next(told, None) or TITLES[code]


class FlagChangeKind(TextChoices):
    """What happened to a flag."""

    RAISED = "raised", "Raised"
    RAISED_AGAIN = "raised_again", "Raised again"
    SEVERITY_CHANGED = "severity_changed", "Severity changed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    COMMENTED = "commented", "Commented"
    SETTLED = "settled", "Settled"
    TAKEN_ON = "taken_on", "Taken on"
    ASSIGNED = "assigned", "Assigned"
    GIVEN_BACK = "given_back", "Given back"
    CLEARED = "cleared", "Cleared"
