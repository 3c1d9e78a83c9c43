"""Who may say what of an order: one table, read by our screens, by the recording action and by docs/recording.md.

A person's right follows from their role at one of the order's four places (21 CFR 11.10(g)); systems are always heard.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.statuses import (
    DELAY_KINDS,
    LABEL_KINDS,
    MATERIAL_KINDS,
    PACKING_ENDS,
    OrderEventKind,
    StageEventKind,
)
from supplychain.people.statuses import Role
from supplychain.words import with_verb

# A person's roles at each of an order's places.
Roles = Mapping[str, frozenset[str]]
Holders = tuple[tuple[str, Role], ...]

HERE = "here"  # whichever place the flow says performs the stage
NEW_ATTEMPT = "new_attempt"  # said as a plan of the stage at which the new attempt begins
MATERIAL_DECIDED = "material_decided"  # said as the status of a material: released or rejected
CLINIC: Holders = ((HERE, Role.SITE_COORDINATOR), (HERE, Role.OPERATIONS))
FLOOR: Holders = ((HERE, Role.OPERATIONS),)
QUALITY: Holders = ((HERE, Role.QA),)

# Who does a stage of this kind, and so reports it.
STAGE_WORK: Mapping[str, Holders] = {
    StageKind.ADMINISTRATIVE: CLINIC,
    StageKind.COLLECTION: CLINIC,
    StageKind.TRANSPORT: FLOOR,
    StageKind.MANUFACTURING: FLOOR,
    StageKind.QUALITY_CONTROL: FLOOR + QUALITY,
    StageKind.RELEASE: QUALITY,
    StageKind.CUSTODY: CLINIC,
    StageKind.INFUSION: CLINIC,
}
# The ends of a transport are seen by those who hand over and those who take in.
HAND_OVERS: Mapping[tuple[str, str], Holders] = {
    (Direction.INBOUND, StageEventKind.STARTED): (
        (StagePlace.COLLECTION_SITE, Role.SITE_COORDINATOR),
        (StagePlace.COLLECTION_SITE, Role.OPERATIONS),
    ),
    (Direction.OUTBOUND, StageEventKind.COMPLETED): (
        (StagePlace.INFUSION_SITE, Role.SITE_COORDINATOR),
        (StagePlace.INFUSION_SITE, Role.OPERATIONS),
    ),
}
# Where the cells are handed over or taken in: another place than the flow says performs the transport.
HAND_OVER_PLACES = {direction: holders[0][0] for (direction, _), holders in HAND_OVERS.items()}
# What quality assurance may say of every stage at its place, besides those who do it.
QUALITY_KINDS = frozenset(
    {StageEventKind.HELD, StageEventKind.RESUMED, StageEventKind.NOTE, StageEventKind.COLLECTION_CHECKED}
)
# Leaving out such a stage is a decision about quality.
SKIPPED_BY_QUALITY = frozenset({StageKind.MANUFACTURING, StageKind.QUALITY_CONTROL})

PLANT_OPERATIONS: Holders = ((StagePlace.PLANT, Role.OPERATIONS),)
PLANT_QUALITY: Holders = ((StagePlace.PLANT, Role.QA),)
# Where the patient is known: from there the plant is asked to hold, postpone or cancel.
ASKERS: Holders = tuple(
    (place, Role.SITE_COORDINATOR)
    for place in (StagePlace.ORDERING_SITE, StagePlace.INFUSION_SITE, StagePlace.COLLECTION_SITE)
)
# Where cells are given and taken in.
HANDLERS: Holders = (
    *((place, role) for place in (StagePlace.COLLECTION_SITE, StagePlace.INFUSION_SITE)
      for role in (Role.SITE_COORDINATOR, Role.OPERATIONS)),
    *PLANT_OPERATIONS, *PLANT_QUALITY,
)  # fmt: skip
# Who performs something, or sees to its quality, also takes back what was said of it.
WITHDRAWERS: Holders = (*QUALITY, *PLANT_QUALITY)
# Who has the bag in hand or decides on it: two of them resolve an identity mismatch (rules.mismatches).
RESOLVERS: Holders = tuple(
    (place, role) for place in StagePlace for role in (Role.OPERATIONS, Role.SITE_COORDINATOR, Role.QA)
)
ORDER_DECISIONS: Mapping[str, Holders] = {
    OrderEventKind.CONFIRMED: PLANT_OPERATIONS,
    OrderEventKind.PROMISED: PLANT_OPERATIONS,
    OrderEventKind.HELD: PLANT_OPERATIONS + PLANT_QUALITY,
    OrderEventKind.RESUMED: PLANT_OPERATIONS + PLANT_QUALITY,
    NEW_ATTEMPT: PLANT_OPERATIONS,
    OrderEventKind.CANCELLED: (*PLANT_OPERATIONS, (StagePlace.ORDERING_SITE, Role.SITE_COORDINATOR)),
    OrderEventKind.CLOSED: PLANT_OPERATIONS + PLANT_QUALITY,
    OrderEventKind.HANDED_OVER: HANDLERS,
    OrderEventKind.WITNESSED: HANDLERS,
    OrderEventKind.SETTLED: PLANT_QUALITY,
    OrderEventKind.EXCURSION_DECIDED: PLANT_QUALITY,
    OrderEventKind.RESOLVED: RESOLVERS,
    OrderEventKind.CHANGE_ASKED: ASKERS,
    OrderEventKind.TAKEN_BACK: ASKERS,
    OrderEventKind.ANSWERED: PLANT_OPERATIONS + PLANT_QUALITY,
    OrderEventKind.WITHDRAWN: PLANT_OPERATIONS + PLANT_QUALITY,
    MATERIAL_DECIDED: PLANT_QUALITY,
}
# What only a person says; why a system does not.
NO_SYSTEM: Mapping[str, str] = {
    OrderEventKind.SETTLED: "kind: quality assurance settles a flag, no system.",
    OrderEventKind.EXCURSION_DECIDED: "kind: quality assurance decides on an excursion, no system.",
    OrderEventKind.WITNESSED: (
        "kind: a second person confirms a report here, no system; name them in the report itself (second_person)."
    ),
    OrderEventKind.RESOLVED: "kind: two people resolve a mismatch, no system.",
}
# What became of a material is said by whoever has it, and where a stage decides it by those of the stage.
AT_ANY_PLACE: Holders = tuple(
    (place, role) for place in StagePlace for role in (Role.SITE_COORDINATOR, Role.OPERATIONS, Role.QA)
)
# Who places an order; operations of a plant also for a centre that has no login of its own.
PLACERS: Holders = ((StagePlace.ORDERING_SITE, Role.SITE_COORDINATOR), *PLANT_OPERATIONS)
# May cancel only until work has begun; after that the plant decides.
CANCELS_EARLY = Role.SITE_COORDINATOR

ROLE_WORDS = {
    Role.OPERATIONS: "operations",
    Role.SITE_COORDINATOR: "the coordinator",
    Role.QA: "quality assurance",
}
# How flags name whom they ask: “QA: …”.
WHO_ACTS = {Role.QA: "QA", Role.OPERATIONS: "Operations", Role.SITE_COORDINATOR: "Site coordinator"}
PLACE_WORDS = {
    StagePlace.ORDERING_SITE: "the ordering site",
    StagePlace.COLLECTION_SITE: "the collection site",
    StagePlace.PLANT: "the plant",
    StagePlace.INFUSION_SITE: "the infusion site",
}


def acting_role(plan: StagePlan) -> Role:
    """Who can do something about a stage, as its flag and what happens next both say it."""
    if plan.kind in (StageKind.QUALITY_CONTROL, StageKind.RELEASE):
        return Role.QA
    return Role.OPERATIONS if plan.place == StagePlace.PLANT else Role.SITE_COORDINATOR


def ends_own_hold(plan: StagePlan) -> bool:
    """Whether those who do a stage decide on its hold beside quality assurance: no product is at stake before and while
    cells are collected."""
    return plan.kind in (StageKind.ADMINISTRATIVE, StageKind.COLLECTION)


def hold_ends(*, of_stage: bool, can_fail: bool = True) -> str:
    """How the hold of a stage, or of the whole order, ends: what may be reported of it."""
    if not can_fail:
        return "resumed, or the order cancelled"
    return "resumed or failed" if of_stage else "resumed or cancelled"


def roles_at(sites: Mapping[str, Any], rights: Iterable[tuple[Any, str]]) -> dict[str, frozenset[str]]:
    """A person's roles at each place of an order: `sites` its site ids by place, `rights` pairs of site id and role."""
    pairs = list(rights)
    return {place: frozenset(role for site, role in pairs if site == site_id) for place, site_id in sites.items()}


def holders_of(plan: StagePlan | None, kind: str) -> Holders:
    """Who may say `kind` of this stage (None: of the whole order); of a material the stage is the one meant."""
    if kind in MATERIAL_KINDS | LABEL_KINDS and plan is None:
        return AT_ANY_PLACE
    if plan is None or kind == NEW_ATTEMPT:
        return ORDER_DECISIONS.get(kind, ())
    if kind == StageEventKind.WITHDRAWN:
        holders = STAGE_WORK[plan.kind] + WITHDRAWERS + (FLOOR if plan.kind == StageKind.RELEASE else ())
    elif kind == StageEventKind.SKIPPED and plan.kind in SKIPPED_BY_QUALITY:
        holders = QUALITY
    else:
        holders = STAGE_WORK[plan.kind] + (QUALITY if kind in QUALITY_KINDS | MATERIAL_KINDS | LABEL_KINDS else ())
    ends = [
        holder
        for (direction, end), those in HAND_OVERS.items()
        if direction == plan.direction and PACKING_ENDS.get(kind, kind) in (end, StageEventKind.WITHDRAWN, *DELAY_KINDS)
        for holder in those
    ]
    return tuple(dict.fromkeys((plan.place if place == HERE else place, role) for place, role in (*holders, *ends)))


def reporting_roles() -> tuple[Role, ...]:
    """The roles that may report anything at all of some order."""
    held = {role for holders in (*STAGE_WORK.values(), *HAND_OVERS.values(), *ORDER_DECISIONS.values(), QUALITY)
            for _, role in holders}  # fmt: skip
    return tuple(role for role in Role if role in held)


def has_right(holders: Holders, roles: Roles) -> bool:
    """Whether one of the person's roles is among `holders`."""
    return any(role in roles.get(place, ()) for place, role in holders)


def holder_words(holders: Holders) -> str:
    """“operations of the plant or the coordinator of the collection site”."""
    return " or ".join(f"{ROLE_WORDS[role]} of {PLACE_WORDS[StagePlace(place)]}" for place, role in holders)


def withdrawal_right_problem(plan: StagePlan | None, said: str, roles: Roles, *, is_own: bool) -> str:
    """Why a person with these roles may not say that a report (`said`: its kind; `is_own`: of theirs) is wrong; empty
    if they may. Who reported a hand-over by mistake takes it back: nobody else was there."""
    if is_own and said == OrderEventKind.HANDED_OVER:
        return ""
    return right_problem(plan, StageEventKind.WITHDRAWN, roles)


def right_problem(plan: StagePlan | None, kind: str, roles: Roles) -> str:
    """Why a person with these roles may not say `kind` of the stage (None: of the order); empty if they may."""
    holders = holders_of(plan, kind)
    if has_right(holders, roles):
        return ""
    what = plan.name if plan and kind != NEW_ATTEMPT else "This"
    who = f"is reported by {holder_words(holders)}."
    return with_verb(what, who) if holders else "This cannot be reported here."
