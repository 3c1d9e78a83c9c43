"""How often things go wrong, and what people then write."""

from random import Random

from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StageKind

# Chance that a stage of making fails: together about six in a hundred attempts (DOMAIN §2: 1–8 %).
FAILURES = {"selection": 0.006, "transduction": 0.004, "expansion": 0.024, "harvest": 0.006, "qc_release_tests": 0.02}
FAILURE_REASONS = {
    "selection": ("too few CD3+ cells after selection",),
    "transduction": ("vector lot withdrawn during transduction",),
    "expansion": ("contamination suspected in the bag", "no growth after day 5", "incubator alarm, cells lost"),
    "harvest": ("bag leaked during harvest", "dose below the range"),
    "qc_release_tests": ("viability 61 %, limit 70 %", "CAR+ 7 %, limit 10 %", "endotoxin above 5 EU/kg"),
}
STAGE_HOLDS = {"expansion": 0.012, "qc_release_tests": 0.04, "disposition": 0.05}
HOLD_REASONS = {
    "expansion": ("growth slower than expected, extended by decision of QA",),
    "qc_release_tests": ("assay invalid, repeated", "reference standard out of date"),
    "disposition": ("deviation open", "certificate of analysis incomplete"),
}
ORDER_HOLD = 0.03
ORDER_HOLD_REASONS = ("patient has an infection", "funding approval pending", "bridging therapy extended")
CANCELLATION = 0.06
# After which stage a patient is lost, and how often compared with the others.
CANCEL_AFTER = {"enrolment": 4, "collection": 2, "receipt": 1, "harvest": 2, "site_receipt": 3}
CANCEL_REASONS = ("disease progressed", "patient withdrew", "patient died", "other therapy chosen")
GIVE_UP_AFTER_FAILURE = 0.12
# Reports that are heard of only some hours later.
LATE_REPORT = 0.015
MOST_ATTEMPTS = 3


def happens(random: Random, chance: float) -> bool:
    """True in `chance` (0–1) of the cases."""
    return random.random() < chance


def failure_reason(random: Random, stage: StageDefinition) -> str:
    """What is written of a failure of this stage."""
    return random.choice(FAILURE_REASONS.get(stage.code, ("reason not stated",)))


def hold_reason(random: Random, stage: StageDefinition) -> str:
    """What is written of a hold of this stage."""
    return random.choice(HOLD_REASONS.get(stage.code, ("reason not stated",)))


def fails(random: Random, stage: StageDefinition) -> bool:
    """Whether this run of a stage fails."""
    return happens(random, FAILURES.get(stage.code, 0.0))


def hold_of(random: Random, stage: StageDefinition) -> float:
    """Hours for which this run of a stage is held; mostly 0."""
    if not happens(random, STAGE_HOLDS.get(stage.code, 0.0)):
        return 0.0
    return random.uniform(12, 48) if stage.kind != StageKind.MANUFACTURING else random.uniform(4, 20)


def stage_after_which_lost(random: Random) -> str:
    """The stage after which this order is cancelled; empty: it is not."""
    if not happens(random, CANCELLATION):
        return ""
    return random.choices(list(CANCEL_AFTER), weights=list(CANCEL_AFTER.values()))[0]


def stage_after_which_held(random: Random) -> str:
    """The stage after which the whole order is held for some days; empty: it is not."""
    return random.choice(("enrolment", "receipt", "harvest")) if happens(random, ORDER_HOLD) else ""
