"""A flag about materials: one that is no dose is said to have been given to the patient.

Either somebody was given cells that nothing was made of, or the report means another bag. The doubt itself is worked
out with the material (supplychain/materials/rules/folding.py); here it is told as facts that contradict each other.
"""

from datetime import datetime

from batches.flags.rules.record import REASON_CONTRADICTS
from batches.flags.statuses import GIVEN_MATERIAL
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, next_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.materials.rules.fitness import GivenMaterial

ASK = (
    "QA: ask the infusion site at once what the patient was given; have the wrong report of the material withdrawn, or "
    "settle this flag with what you found."
)


def given_but_no_dose(facts: OrderFacts, now: datetime) -> Found:
    """Each material of the order that is said to be infused and is no dose; of a moment still to come it is not yet."""
    if not facts.given_materials:
        return NOTHING
    come = [one for one in facts.given_materials if one.at <= now]
    return Found([_finding(one) for one in come], next_of(now, (one.at for one in facts.given_materials)))


def _finding(one: GivenMaterial) -> Finding:
    text = f"{one.kind_words} {one.number} was reported infused, and it is no dose that was made of these cells"
    fact = {"reason": REASON_CONTRADICTS, "stage": "", "at": one.at.isoformat(), "text": text}
    evidence = {"count": 1, "facts": [fact], GIVEN_MATERIAL: one.number}
    return Finding(
        FlagCode.OUT_OF_SEQUENCE, "", Severity.CRITICAL, one.at, None, f"{text}.", ASK, evidence,
        gist=f"infused: {one.number}", subject=one.number,
    )  # fmt: skip
