"""Who may be one of the two people that resolve an identity mismatch."""

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import visible
from supplychain.orders.queries import sites_of
from supplychain.orders.queries.mismatches import mismatches_of, quality_among
from supplychain.orders.rules.duties import RESOLVERS, has_right, roles_at
from supplychain.orders.rules.mismatches import MISMATCHES, resolution_problem
from supplychain.people.models import User

NO_MISMATCH = "this flag is no identity mismatch: settle or acknowledge it instead."
NOT_YOURS = "operations, a coordinator or quality assurance of one of the order’s sites resolve it."


def resolving_problem(flag: Flag, user: User) -> str:
    """Why this person is none of the two; empty if they are. The action asks the same again when they have said so."""
    if flag.code != FlagCode.IDENTITY_MISMATCH:
        return NO_MISMATCH
    sites = sites_of(flag.order)
    if not has_right(RESOLVERS, roles_at(sites, user.rights)):
        return NOT_YOURS
    named = set(flag.evidence[MISMATCHES])
    standing = [one for one in mismatches_of([flag.order_id]).get(flag.order_id, ()) if one.event in named]
    people = {said.by for one in standing for said in one.resolutions} | {str(user.pk)}
    return resolution_problem(standing, str(user.pk), quality_among(people, sites["plant"]))


def signed_about(flag: Flag) -> str:
    """Of which flag a signature is: its title, stage and, where a code was read, that code."""
    stages = flow_plan(flag.order.flow_id).stages
    stage = stages[flag.stage].name if flag.stage in stages else ""
    code = visible(str(flag.evidence.get("read", "")))[:80] if flag.code == FlagCode.IDENTITY_MISMATCH else ""
    return " · ".join(filter(None, (flag.title, stage, code)))
