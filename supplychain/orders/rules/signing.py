"""What of an order is signed, what that means, and whether a signature still fits what it was given for. Pure.

21 CFR 11.50: name, moment and meaning; 11.70: bound to its record, of which an alteration is noticed.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from supplychain.audit.statuses import SignatureState, SignedAct
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import ExcursionDecision, MaterialStatus, OrderEventKind, StageEventKind

NOT_SIGNED = (
    "kind: This is signed (21 CFR Part 11): it is done by one person for one order, on its page, where the password is "
    "asked for."
)
_OF_ORDERS = {
    OrderEventKind.EXCURSION_DECIDED: SignedAct.EXCURSION,
    OrderEventKind.SETTLED: SignedAct.SETTLEMENT,
    OrderEventKind.RESOLVED: SignedAct.SETTLEMENT,
    OrderEventKind.WITNESSED: SignedAct.SECOND_PERSON,
}
# Leaving out a release lets the dose go as a release does.
_OF_RELEASES = {
    StageEventKind.COMPLETED: SignedAct.RELEASE,
    StageEventKind.SKIPPED: SignedAct.RELEASE,
    StageEventKind.FAILED: SignedAct.REJECTION,
}
_OF_MATERIALS = {MaterialStatus.RELEASED: SignedAct.RELEASE, MaterialStatus.REJECTED: SignedAct.REJECTION}
SECOND_MEANS = "Checked it, too, as the second person"
_MEANINGS = {
    OrderEventKind.SETTLED: "Decided on a flag: it is settled",
    OrderEventKind.RESOLVED: "Confirmed: the identity mismatch is cleared up",
    OrderEventKind.WITNESSED: SECOND_MEANS,
}


def act_of(plan: StagePlan | None, kind: str, payload: Mapping[str, Any]) -> SignedAct | None:
    """The act that a person's report is, if it is one that products ask to be signed. `plan`: of the reported stage."""
    if kind == OrderEventKind.MATERIAL_IS:
        return _OF_MATERIALS.get(payload.get("status"))  # type: ignore[arg-type]
    if plan is None:
        return _OF_ORDERS.get(kind)  # type: ignore[call-overload]
    return _OF_RELEASES.get(kind) if plan.kind == StageKind.RELEASE else None  # type: ignore[call-overload]


def asked_act(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> SignedAct | None:
    """The act that this report is, where the order's product asks for a signature under it."""
    act = act_of(flow.stages.get(stage) if stage else None, kind, payload)
    return act if act in flow.signed_acts else None


def signing_words(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> str:
    """What the signature will say that the product asks for under this report; empty: it asks for none."""
    return meaning_of(flow, kind, stage, payload) if asked_act(flow, kind, stage, payload) else ""


def meaning_of(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> str:
    """What the signature says that the person did (11.50(a)(3)); before they chose a decision without it."""
    plan = flow.stages.get(stage)
    if kind == OrderEventKind.EXCURSION_DECIDED:
        chosen = payload.get("decision")
        decision = ExcursionDecision(chosen).label if chosen in ExcursionDecision.values else ""
        return ": ".join(filter(None, ("Decided on an excursion", decision)))
    if kind == OrderEventKind.MATERIAL_IS:
        return f"{MaterialStatus(payload['status']).label} the material {payload.get('number', '')}".strip()
    if plan is None:
        return _MEANINGS.get(kind, "")  # type: ignore[call-overload]
    words = {StageEventKind.COMPLETED: "Released for the patient", StageEventKind.FAILED: "Rejected"}
    return f"{words.get(kind, 'Left out')}: {plan.name}"  # type: ignore[call-overload]


class SignedVersion(NamedTuple):
    """All that a signature is given for: the event, by what it says (`content`, see rules.events.content_hash) and by
    its place in the order's sealed chain (`seal`), and the signature's own words."""

    event_id: UUID
    content: str
    seal: str
    user_id: UUID
    printed_name: str
    role: str
    act: str
    meaning: str
    signed_at: datetime
    factors: Sequence[str]

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        said = self._replace(signed_at=self.signed_at.astimezone(UTC), factors=list(self.factors))
        return hashlib.sha256(msgspec.json.encode(list(said))).hexdigest()


def state_of(signed: SignedVersion, digest: str, withdrawn: Collection[str]) -> SignatureState:
    """`signed`: as the tables have it now; `digest`: as it was signed; `withdrawn`: ids of the order's reports that no
    longer stand."""
    if signed.digest != digest:
        return SignatureState.ALTERED
    return SignatureState.WITHDRAWN if str(signed.event_id) in withdrawn else SignatureState.HOLDS
