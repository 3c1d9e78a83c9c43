"""What of an order is signed, what that means, and whether a signature still fits what it was given for. Pure.

21 CFR 11.50: name, moment and meaning; 11.70: bound to its record, of which an alteration is noticed.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from supplychain.audit.statuses import SignatureState, SignedAct
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.orders.rules.withdrawals import NOT_WITHDRAWN, WITHDRAWN, event_named, rejected_by
from supplychain.orders.statuses import LABEL_KINDS, ExcursionDecision, MaterialStatus, OrderEventKind, StageEventKind

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
# Of what a signed decision of the kind is: the newest decision on it counts.
_SUBJECTS = {
    OrderEventKind.EXCURSION_DECIDED: "excursion",
    OrderEventKind.SETTLED: "flag",
    OrderEventKind.MATERIAL_IS: "number",
}
_DECIDED_ANEW = frozenset({MaterialStatus.QUARANTINE, MaterialStatus.RELEASED, MaterialStatus.REJECTED})
BEARS_ON_SIGNED = (WITHDRAWN, *(kind.value for kind in _SUBJECTS))
# Names in a settlement or resolution, in words, the flag or the code that it is about.
SIGNED_ABOUT = "about"
_MEANINGS = {
    OrderEventKind.SETTLED: "Decided on a flag: it is settled",
    OrderEventKind.RESOLVED: "As one of two: the identity mismatch is cleared up",
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
    if act in flow.signed_acts:
        return act
    # The way round a signed settlement is signed as one; labels that are printed are no step that goes on.
    goes_on = bool(payload.get(OVERRIDE)) and kind not in LABEL_KINDS
    return SignedAct.SETTLEMENT if goes_on and SignedAct.SETTLEMENT in flow.signed_acts else None


def signing_words(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> str:
    """What the signature will say that the product asks for under this report; empty: it asks for none."""
    return meaning_of(flow, kind, stage, payload) if asked_act(flow, kind, stage, payload) else ""


def meaning_of(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any], about: str = "") -> str:
    """What the signature says that the person did (11.50(a)(3)). `about`: the report that a second person confirms."""
    plan = flow.stages.get(stage)
    if payload.get(OVERRIDE) and act_of(plan, kind, payload) not in flow.signed_acts:
        return f"Went on although flagged: {event_words_in(flow.stages, stage, kind_said(kind, payload))}"
    if kind == OrderEventKind.EXCURSION_DECIDED:
        chosen = payload.get("decision")
        decision = ExcursionDecision(chosen).label if chosen in ExcursionDecision.values else "as chosen here"
        return f"Decided on an excursion: {decision}"
    if kind == OrderEventKind.MATERIAL_IS:
        return f"{MaterialStatus(payload['status']).label} the material {payload.get('number', '')}".strip()
    if plan is None:
        said = about or str(payload.get(SIGNED_ABOUT, ""))
        return ": ".join(filter(None, (_MEANINGS.get(kind, ""), said)))  # type: ignore[call-overload]
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


class BearingReport(NamedTuple):
    """A report of the order that is signed, or can make a signed one count no more."""

    event_id: UUID
    kind: str
    payload: Mapping[str, Any]
    occurred_at: datetime
    position: int


def state_of(
    signed: SignedVersion, digest: str, said: BearingReport, others: Iterable[BearingReport], withdrawn: Collection[str]
) -> SignatureState:
    """`signed`: as the tables have it now; `digest`: as it was signed; `said`: the signed report; `others`: the order's
    reports of the kinds BEARS_ON_SIGNED; `withdrawn`: ids of those of its reports that no longer stand."""
    if signed.digest != digest:
        return SignatureState.ALTERED
    about = said.payload.get("event") if said.kind == OrderEventKind.WITNESSED else None
    if str(said.event_id) in withdrawn or str(about) in withdrawn:
        return SignatureState.WITHDRAWN
    standing = [one for one in others if str(one.event_id) not in withdrawn and one.event_id != said.event_id]
    if _is_doubted(said, standing):
        return SignatureState.DOUBTED
    is_overtaken = any(_overtakes(one, said) for one in standing)
    return SignatureState.OVERTAKEN if is_overtaken else SignatureState.HOLDS


def _is_doubted(said: BearingReport, standing: Sequence[BearingReport]) -> bool:
    """Whether somebody said that it is wrong, and nobody rejected that: where one was enough, it is withdrawn."""
    if said.kind in NOT_WITHDRAWN:
        return False
    rejected = {one for fact in standing if fact.kind == OrderEventKind.SETTLED for one in rejected_by(fact.payload)}
    against = (one for one in standing if one.kind == WITHDRAWN and str(one.event_id) not in rejected)
    return any(event_named(one.payload) == said.event_id for one in against)


def _overtakes(one: BearingReport, said: BearingReport) -> bool:
    """Whether of the same excursion, flag or material something else counts now."""
    name = _SUBJECTS.get(said.kind)  # type: ignore[call-overload]
    if name is None or one.kind != said.kind or one.payload.get(name) != said.payload.get(name):
        return False
    if said.kind != OrderEventKind.MATERIAL_IS:
        return one.position > said.position
    is_later = (one.occurred_at, one.position) > (said.occurred_at, said.position)
    return is_later and one.payload.get("status") in _DECIDED_ANEW
