"""What quality assurance decides by settling a flag, and what it does instead if it decides the opposite. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from batches.flags.statuses import OTHERS_SETTLED, TESTED_AGAIN_AT, USED_AT
from batches.judgement.rules.findings import who_acts
from batches.judgement.statuses import FlagCode
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import Doubt
from supplychain.words import with_verb

GOES_ON = "This flag stops nobody any more"
OTHER_OPEN = "has its own flag, which needs its own decision"
OTHER_DECIDED = "has had its own decision, which stays as it is"
NEW_ATTEMPT = "Operations: begin a new attempt, or cancel the order; tell the treating physician."


class Road(StrEnum):
    """Where the opposite of a settlement is recorded: nobody settles a flag to say no."""

    HOLD = "hold"
    HOLD_STAGE = "hold_stage"
    FAIL = "fail"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    ACKNOWLEDGE = "acknowledge"


class Decision(NamedTuple):
    """What can be decided, as half a sentence, and what it leads to and who does it."""

    words: str
    then: str


class Opposite(NamedTuple):
    """What is decided otherwise, what to do then, and where."""

    words: str
    then: str
    road: Road


class FlagChoice(NamedTuple):
    """What settling the flag says, and the opposite."""

    settled: Decision
    opposite: Opposite


OF_LABELS = FlagChoice(
    Decision("no other material has a label that cannot be found", f"{GOES_ON}."),
    Opposite(
        "A label may be on another material, or it is not clear yet",
        "Do not settle. Put this order on hold, and look for it. A label that is found is marked as used, spoiled or "
        "destroyed on the order’s page; once each is, this flag goes by itself.",
        Road.HOLD,
    ),
)

OF_COLLECTION = FlagChoice(
    Decision("the cells may be used although this was left open", f"{GOES_ON}."),
    Opposite(
        "It must be known first, or the cells may not be used",
        "Do not settle. Have the record completed under “Collection” on the order’s page: once nothing is open, this "
        "flag goes by itself. If the cells may not be used, put this order on hold.",
        Road.HOLD,
    ),
)


OF_PACKAGING = FlagChoice(
    Decision("the cells may be used although this is amiss with their shipper or packaging", f"{GOES_ON}."),
    Opposite(
        "They may not be used, or it is not clear yet",
        "Do not settle. Cells that have not left are packed into another shipper: then this flag goes by itself. A "
        "wrong report of packing or unpacking is withdrawn among the order’s events. If the cells may not be used, put "
        "this order on hold.",
        Road.HOLD,
    ),
)


def choice_of(
    code: str, doubt: str, plan: StagePlan | None, evidence: Mapping[str, Any], *, subject: str = "",
    asks_second: bool = False, repeat: str = "",
) -> FlagChoice:  # fmt: skip
    """The two decisions on a flag that keeps people back. `asks_second`: it asks whether a report is wrong;
    `repeat`: what a repeated test would give."""
    if asks_second:
        return _of_report()
    if doubt == Doubt.IDENTITY:
        return _of_identity(is_shared=code == FlagCode.IDENTITY_SHARED, is_alone=OTHERS_SETTLED in evidence)
    if evidence.get("dose") in DOSES:
        return _of_dose(evidence["dose"])
    if doubt == Doubt.FAILURE and plan:
        return _of_failure(plan, repeat, is_tested_again=TESTED_AGAIN_AT in evidence)
    if code == FlagCode.COLLECTION_RECORD:
        return OF_COLLECTION
    if code == FlagCode.PACKAGING:
        return OF_PACKAGING
    if doubt == Doubt.LABELS:
        return OF_LABELS
    if doubt == Doubt.CELLS and plan:
        return _of_cells(plan, is_used=USED_AT in evidence, is_under_way=bool(subject))
    return FlagChoice(
        Decision("the record is right as it stands", f"{GOES_ON}."),
        Opposite(
            "A report is wrong",
            "Do not settle. Withdraw the wrong report among the order’s events; then what is true is reported.",
            Road.WITHDRAW,
        ),
    )


def _of_report() -> FlagChoice:
    return FlagChoice(
        Decision(
            "the report is right",
            "It counts as it was made, and what was said against it is rejected; what else "
            "the order’s flags ask for is done next.",
        ),
        Opposite(
            "The report is wrong",
            "Do not settle. Confirm that it is wrong: it counts no more, and what is true is reported.",
            Road.CONFIRM,
        ),
    )


def _of_identity(*, is_shared: bool, is_alone: bool) -> FlagChoice:
    if not is_shared:
        return FlagChoice(
            Decision("the number is right", f"{GOES_ON}."),
            Opposite(
                "The number is wrong",
                "Do not settle. Withdraw the report that gave it, which a second person confirms; whoever collected "
                "the cells reports the right number.",
                Road.WITHDRAW,
            ),
        )
    return FlagChoice(
        Decision(
            "the identity is right",
            f"{GOES_ON}. The other order with this identifier {OTHER_DECIDED if is_alone else OTHER_OPEN}.",
        ),
        Opposite(
            "The identities are mixed up, or it is not clear yet",
            "Do not settle. Put this order on hold, and the other one, so that nobody uses the cells. A wrong number "
            "is withdrawn among the order’s events and reported anew; if the cells are the wrong ones, Operations "
            "cancels the order.",
            Road.HOLD,
        ),
    )


# Of a dose that is out: what its use is called, and what follows if it is not to be.
DOSES: Mapping[str, tuple[str, str]] = {
    "released": (
        "the dose may be used all the same",
        "Do not settle. Operations: stop the shipment. Withdraw the report of the release, which a second person "
        "confirms.",
    ),
    "left": (
        "the dose may be used all the same",
        "Do not settle. Site coordinator: keep the dose apart. Operations: have it held wherever it is. Withdraw the "
        "report of the release, which a second person confirms.",
    ),
    "given": (
        "everything about the dose that was given is decided",
        "Do not settle. Open a deviation, and tell the treating physician; what was reported wrong is withdrawn among "
        "the order’s events.",
    ),
}


def _of_dose(dose: str) -> FlagChoice:
    words, instead = DOSES[dose]
    if dose == "given":
        return FlagChoice(
            Decision(words, f"{GOES_ON}; the deviation goes on in your quality system."),
            Opposite("It is not decided yet", instead, Road.ACKNOWLEDGE),
        )
    return FlagChoice(
        Decision(words, f"{GOES_ON}: the dose goes on to the patient."),
        Opposite("The dose may not be used", instead, Road.WITHDRAW),
    )


def _of_failure(plan: StagePlan, repeat: str, *, is_tested_again: bool) -> FlagChoice:
    name, who = plan.name, who_acts(plan)
    if is_tested_again:
        return FlagChoice(
            Decision(
                "the failed result does not count",
                f"{GOES_ON}: the new result of {name} counts.",
            ),
            Opposite(
                "The failed result counts",
                f"Do not settle: nobody releases the dose until you do. Report failed what is under way. {NEW_ATTEMPT}",
                Road.FAIL,
            ),
        )
    if plan.kind == StageKind.QUALITY_CONTROL:
        return FlagChoice(
            Decision(
                with_verb(name, "is repeated"),
                f"{who}: begin {name} again; nothing after it goes on before. The failed result stays on record: once "
                f"{with_verb(name, 'has begun')} again, somebody else of quality assurance than who began it decides "
                f"whether it counts. {repeat}",
            ),
            Opposite(
                "The failed result stands: the dose may not be used",
                f"Do not settle. Acknowledge the flag with what it rests on. {NEW_ATTEMPT}",
                Road.ACKNOWLEDGE,
            ),
        )
    return FlagChoice(
        Decision(f"the failure of {name} stands, and its cause is judged", NEW_ATTEMPT),
        Opposite(
            f"{name} did not fail",
            "Do not settle. Withdraw the report of the failure among the order’s events; a second person confirms.",
            Road.WITHDRAW,
        ),
    )


def _of_cells(plan: StagePlan, *, is_used: bool, is_under_way: bool) -> FlagChoice:
    name, yes = plan.name, "the cells may be used"
    if is_used or is_under_way:
        then = f"{GOES_ON}: work on the cells goes on." if is_used else f"{who_acts(plan)}: report the end of {name}."
        no = f"Do not settle. Report failed what is under way with the cells. {NEW_ATTEMPT}"
        return FlagChoice(Decision(yes, then), Opposite("The cells may not be used", no, Road.FAIL))
    return FlagChoice(
        Decision(yes, f"{who_acts(plan)}: begin {name} now; until then the flag asks for it."),
        Opposite(
            "The cells may not be used",
            f"Do not settle. Put {name} on hold with your reason, so that nobody begins it; then report it failed. "
            f"{NEW_ATTEMPT}",
            Road.HOLD_STAGE,
        ),
    )
