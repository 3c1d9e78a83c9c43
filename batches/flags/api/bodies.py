"""What is sent of a flag, and what is taken to acknowledge one."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Remedy, Severity
from supplychain.orders.rules.placing import Moment

# The classes of harm by name, the worst first.
HarmName = StrEnum("HarmName", {harm.name: harm.name.lower() for harm in Harm})


class FlagSummary(msgspec.Struct):
    """What is wrong with an order, why, since when, how much time is left and what to do next.

    `subject`: which label, shipment or deviation it is about; empty: the stage or the order itself.
    Lists sort by `harm`, then what is critical first, then by `act_by`, the latest moment to act (empty: nothing
    presses).
    `remedy`: what can still be done about it; `cause`: where only the line can change it, the pool for a place in which
    the order waits, as `plant/pool`. Several flags of one cause are one alarm (`GET causes/`).
    `settled_at`, `settled_by`: that quality assurance decided on it (`harm` is then `settled`, `next_step` says what it
    decided); acknowledging it only says who knows of it.
    `decided_at`, `decided_by`: the same of every decision, also one that leaves work to do (`work_is_left`); until that
    is done the flag is not settled, and `next_step` says what is to be done and by whom.
    `slack_hours` runs out as you read it: hours from now to `due`, negative when past.
    """

    id: UUID
    order: UUID
    coi: str
    product: str
    code: FlagCode
    title: str
    stage: str
    subject: str
    severity: Severity
    harm: HarmName
    remedy: Remedy
    cause: str | None
    since: Moment
    due: Moment | None
    act_by: Moment | None
    slack_hours: float | None
    probability: float | None
    why: str
    next_step: str
    evidence: dict[str, Any]
    raised_at: Moment
    cleared_at: Moment | None
    owner: str | None
    acknowledged_at: Moment | None
    acknowledged_by: str
    comment: str
    settled_at: Moment | None
    settled_by: str
    decided_at: Moment | None
    decided_by: str
    work_is_left: bool


class CauseSummary(msgspec.Struct):
    """A pool for a place in which several orders wait: one alarm of its line. `cause` as their flags have it; `orders`:
    how many of your sites' orders hang under it, `unacknowledged` of their flags nobody has acknowledged.

    `busy`, `capacity` and `queue` only for a plant of yours.
    """

    cause: str
    plant: str
    pool: str
    pool_name: str
    orders: int
    first_promised_at: Moment | None
    unacknowledged: int
    busy: int | None
    capacity: int | None
    queue: int | None


class CauseList(msgspec.Struct):
    """Every such cause, that with the most orders first."""

    results: list[CauseSummary]


class FlagFlip(msgspec.Struct):
    """One change of a flag, kept for good; `person` is empty where the rules changed it."""

    kind: FlagChangeKind
    severity: Severity
    changed_at: Moment
    person: str
    source: str | None
    comment: str
    why: str
    evidence: dict[str, Any]


class FlagDetail(FlagSummary):
    """A flag with its history, oldest first."""

    changes: list[FlagFlip]


class Acknowledgement(msgspec.Struct):
    """A person has seen the flag. A system names the person whose word it passes on, by login name or e-mail address
    (somebody with a role at a site of its own that takes part in the order); people speak for themselves.

    `seen_severity` and `seen_raised_at`: of the flag as they read it; then a worse one is not acknowledged unseen.
    """

    comment: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    on_behalf_of: Annotated[str, Meta(max_length=150, pattern=r"^[^\x00]*$")] = ""
    seen_severity: Severity | None = None
    seen_raised_at: Moment | None = None


class FlagOwner(msgspec.Struct):
    """Whose flag it becomes: `to` names them by login name or e-mail address (yourself: you take it on), in place of
    whoever had it; empty: you give it back. A system names in `on_behalf_of` the person whose word it passes on.
    """

    to: Annotated[str, Meta(max_length=150, pattern=r"^[^\x00]*$")]
    on_behalf_of: Annotated[str, Meta(max_length=150, pattern=r"^[^\x00]*$")] = ""
