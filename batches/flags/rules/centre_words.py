"""What a flag asks for, in the words of a treatment centre: what planners do about a forecast is no task of its people.

A warning about the patient, the cells or the dose is told everybody as it stands.
"""

import re
from collections.abc import Collection, Mapping

from batches.judgement.statuses import FlagCode, Remedy
from supplychain.people.statuses import Role

PLANNERS = frozenset({Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR})
# “Coordinator:” is a site's, too (owners.py).
TO_CENTRE = re.compile(r"(Site c|C)oordinator: ")
# “QA, Operations or Site coordinator: look at it as a second person”.
OR_TO_CENTRE = re.compile(r"^[A-Z][A-Za-z, ]* or Site coordinator: (?=look at it as a second person)")
# What the plant is asked to do about a request of the centre: of a date, too, as long as it is unanswered.
ANSWER_STEP = "QA or Operations: answer on the order’s page."
# Who is told or agrees is the treatment centre itself.
AS_THE_CENTRE = {
    "tell the treatment centre by": "the plant tells you by",
    "tell the treatment centre that the date has passed, and agree a new one now": "its date has passed: agree a new "
    "one with the plant now",
    "with the treatment centre": "with the plant",
}
# Where one instruction ends and that to somebody else begins.
NEXT_WHO = re.compile(r"[.;] (?=[A-Z][A-Za-z ]*: )")
# What a centre does first where a dose may be lost and its flag asks not to begin (before_collection.py); cells that
# are there go on, for their time runs. A card that asks for it as a task says it once.
NOT_TO_BEGIN = "do not begin"
ASK_BEFORE_NEXT = "Ask the plant before you begin the next step."
BEFORE_RELYING = "Ask the plant before you rely on this date."
# Of a promise that waits for a place, for which no rescue was looked for, or that is late in every simulation: nobody
# looks for an earlier date.
WAITS_FOR_PLACE = "it waits for a place"
OF_LINE = f"It waits for a place at the plant, which agrees a new date with you. {BEFORE_RELYING}"
OF_TELLING = f"It is late in every simulation: the plant agrees a new date with you. {BEFORE_RELYING}"
OF_PLANNERS: Mapping[str, str] = {
    FlagCode.PROMISE_AT_RISK: "The plant looks for an earlier date, and agrees another one with you if it finds none. "
    f"{BEFORE_RELYING}",
    FlagCode.DOSE_AT_RISK: "The plant looks for a way out.",
    FlagCode.EVALUATION_FAILED: "The plant has it mended. Ask the plant before you rely on a date of this order.",
}


def is_of_centre(roles: Mapping[str, Collection[str]]) -> bool:
    """Whether the person has a part in the order only as a coordinator; `roles`: by place."""
    held = {role for of_place in roles.values() for role in of_place}
    return Role.SITE_COORDINATOR in held and not held & PLANNERS


def next_for_centre(code: str, next_step: str, remedy: str = Remedy.OWN) -> str:
    """The next step as a coordinator is told it: the own part of it, or what the plant does; `remedy`: the flag's."""
    if code not in OF_PLANNERS:
        return next_step
    if next_step.startswith(ANSWER_STEP):
        return "The plant answers your request first."
    is_to_ask = code == FlagCode.DOSE_AT_RISK and NOT_TO_BEGIN in next_step
    if not is_to_ask and (own := asked_of_centre(next_step)):
        return own
    if code == FlagCode.PROMISE_AT_RISK and remedy == Remedy.TELL:
        return OF_TELLING
    if code == FlagCode.PROMISE_AT_RISK and remedy == Remedy.LINE and WAITS_FOR_PLACE in next_step:
        return OF_LINE
    return f"{OF_PLANNERS[code]} {ASK_BEFORE_NEXT}" if is_to_ask else OF_PLANNERS[code]


def asks_second(next_step: str) -> bool:
    """Whether a coordinator may be the second person whom a flag asks to look at a report."""
    return OR_TO_CENTRE.match(next_step) is not None


def asked_of_centre(next_step: str) -> str:
    """What a flag asks of a site's coordinator, without naming them: the order's page and My centre say it in these
    words. Empty: nothing."""
    own = next((part for part in NEXT_WHO.split(next_step) if TO_CENTRE.match(part) or OR_TO_CENTRE.match(part)), "")
    text = TO_CENTRE.sub("", OR_TO_CENTRE.sub("", own), count=1)
    for told, to_centre in AS_THE_CENTRE.items():
        text = text.replace(told, to_centre)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
