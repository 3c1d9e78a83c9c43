"""A person's signature under the event with which they decide: asked for, and written in the event's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.audit.models import Signature
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.duties import holders_of, roles_at
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.materials import kind_meant, names_stage, stage_meant
from supplychain.orders.rules.signing import NOT_SIGNED, SignedVersion, asked_act, meaning_of
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.orders.rules.withdrawals import event_named
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.statuses import Role
from supplychain.sites.models import Site


def unsigned_problem(by: Reporter, report: EventReport, order: LockedOrder) -> str:
    """Why this is not taken without a signature. A system cannot sign: what it tells is shown as its word."""
    if by.user is None or by.proof is not None:
        return ""
    return NOT_SIGNED if asked_act(order.flow, report.kind, report.stage, report.payload) else ""


def signature_under(
    event_id: UUID, content: str, report: EventReport, order: LockedOrder, *, by: Reporter, now: datetime
) -> Signature | None:
    """The signature under an event that was just put at the end of its order; None where the product asks for none.

    `content`: hash of what the event says."""
    said: tuple[str, str, dict[str, Any]] = (report.kind, report.stage, report.payload)
    act = asked_act(order.flow, *said)
    if act is None or by.user is None or by.proof is None:
        return None
    means = meaning_of(order.flow, *said, _about(report, order))[:300]
    version = SignedVersion(
        event_id=event_id, content=content, seal=order.seal, user_id=by.user.pk, printed_name=_printed(by),
        role=_role_words(report, order, by), act=act.value, meaning=means, signed_at=now,
        factors=by.proof.factors,
    )  # fmt: skip
    kept = {name: getattr(version, name) for name in SignedVersion._fields if name not in ("content", "seal")}
    return Signature(order_id=order.id, digest=version.digest, **kept | {"factors": list(version.factors)})


def _about(report: EventReport, order: LockedOrder) -> str:
    """The report that a second person confirms: “Transport to the infusion site: delivered”."""
    if report.kind != OrderEventKind.WITNESSED:
        return ""
    event = StatusEvent.objects.filter(order=order.id, pk=event_named(report.payload)).first()
    return event_words_in(order.flow.stages, event.stage, kind_said(event.kind, event.payload)) if event else ""


def _printed(by: Reporter) -> str:
    """The name in full and the user name, which nobody else ever has."""
    name, username = str(by.user), by.user.username  # type: ignore[union-attr]
    return name if name == username else f"{name} ({username})"[:320]


def _role_words(report: EventReport, order: LockedOrder, by: Reporter) -> str:
    """By which roles, and where, the person may say this: “Quality assurance, Plant Leuven”."""
    is_material = names_stage(report.kind)
    plan = stage_meant(order.flow, report.kind, report.payload) if is_material else order.flow.stages.get(report.stage)
    roles = roles_at(order.sites, by.rights)
    holders = holders_of(plan, kind_meant(report.kind, report.payload) if is_material else report.kind)
    held = dict.fromkeys((role, order.sites[place]) for place, role in holders if role in roles.get(place, ()))
    names = dict(Site.objects.filter(pk__in={site for _, site in held}).values_list("pk", "name"))
    return "; ".join(f"{Role(role).label}, {names[UUID(str(site))]}" for role, site in held)[:200]
