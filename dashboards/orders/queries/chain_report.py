"""What a chain report says of an order: identity, custody, work, decisions and every event, as its page says them."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from batches.forecasts.rules.hold_budgets import HoldBudget, budget_words
from dashboards.orders.queries.order_view import OrderView
from dashboards.orders.queries.reasons import notes_of, reasons_given, resolutions_of
from dashboards.orders.rules.chain_paper import FORM
from supplychain.chain.models import IdentityCheck
from supplychain.chain.queries.identity import checks_of
from supplychain.collections.queries import ShownAnswer, ShownCollection, ShownItem
from supplychain.conditions.queries import ShipmentCondition
from supplychain.conditions.rules.excursions import ExcursionFacts
from supplychain.custody.queries import CustodyLine, custody_for
from supplychain.identifiers.rules.characters import visible
from supplychain.materials.queries import OrderMaterials, ShownBranch
from supplychain.materials.rules.tracing import Used
from supplychain.orders.models import SealCheck
from supplychain.orders.queries.signatures import ShownSignature, signature_under
from supplychain.orders.rules.mismatches import WANTED
from supplychain.orders.rules.standing import cancelled_words, is_to_begin
from supplychain.orders.statuses import LotKind, MaterialStatus
from supplychain.people.models import User
from supplychain.sentences import said_in

SITES = {
    "ordered_by": "ordering_site",
    "collection": "collection_site",
    "plant": "plant",
    "infusion": "infusion_site",
}
MOMENTS = ("ordered_at", "confirmed_at", "promised_at", "held_at", "infused_at", "cancelled_at", "closed_at")


def chain_report(view: OrderView, check: SealCheck, by: User, zone: str, now: datetime) -> dict[str, Any]:
    """Everything that the report says, as data; five queries. `view`: the order's page with all its events, `check`:
    what verifying its seal has just found. Moments inside sentences are said in `zone`, as the paper says them."""
    order, said = view.order, partial(said_in, zone=ZoneInfo(zone))
    return {
        "form": FORM,
        "made_at": now,
        "made_by": str(by),
        "time_zone": zone,
        "order": {
            "id": str(order.pk),
            "chain_of_identity": order.coi,
            "issuer": order.coi_issuer,
            "patient_reference": order.patient_reference,
            "product": order.product.name,
            "flow": f"{order.flow.name}, version {order.flow.version}",
            "priority": order.get_priority_display(),
            "status": order.get_status_display(),
            "attempt": order.attempt,
        }
        | {place: getattr(order, name).name for place, name in SITES.items()}
        | {name: getattr(order, name) for name in MOMENTS},
        "seal": _seal(view, check),
        "identifiers": [_identifier(one) for one in view.identifiers],
        "identity_checks": [_check(view, one) for one in checks_of(order)],
        "custody": [_holding(line, said) for line in custody_for(order, now).lines],
        "hold_budgets": [_budget(one, now) for one in view.budgets],
        "materials": [_material(branch) for branch in view.materials.branches if not branch.is_repeated],
        "lots": [_lot(one) for one in _lots(view.materials)],
        "condition": [_condition(view, one) for one in view.conditions.values()],
        "collections": _collections(view),
        "shipments": [_shipment(run, view, said) for run in view.shipments],
        "batches": [_batch(one) for one in view.batches],
        "stages": [_stage(view, run) for run in view.shown_runs],
        "flags": [_flag(view, one, said) for one in (*view.flags, *view.past_flags)],
        "signatures": [_signature(*one) for one in _signed(view)],
        "events": _events(view, said),
    }  # fmt: skip


def _seal(view: OrderView, check: SealCheck) -> dict[str, Any]:
    broken = {"event": check.broken_at, "why": check.reason} if check.broken_at else None
    return {"events": view.order.version, "head": view.order.seal, "verified_at": check.checked_at, "broken": broken}


def _identifier(one: Any) -> dict[str, Any]:
    return {
        "kind": one.get_kind_display(), "value": one.value, "issuer": one.issuer, "since": one.recorded_at,
        "stands": one.stands,
    }  # fmt: skip


def _check(view: OrderView, check: IdentityCheck) -> dict[str, Any]:
    return {
        "read_at": check.read_at, "read": visible(check.read), "outcome": check.get_outcome_display(),
        "stage": view.stage_names.get(check.stage, check.stage), "by": str(check.user or check.source),
        "device": check.device,
    }  # fmt: skip


def _holding(line: CustodyLine, said: Callable[[str], str]) -> dict[str, Any]:
    one = line.holding
    return {
        "holder": line.holder, "place": one.place, "since": one.since, "until": one.until,
        "reported_by": line.reported_by, "said": line.said,
        "second_people": [said(one.words) for one in line.checked], "gap": said(line.gap),
    }  # fmt: skip


def _budget(one: HoldBudget, now: datetime) -> dict[str, Any]:
    return {
        "stage": one.name, "ended_by": one.ender, "since": one.since, "until": one.until, "begins_at": one.begins_at,
        "begins_latest_at": one.latest_at, "said": budget_words(one, now),
    }  # fmt: skip


def _material(branch: ShownBranch) -> dict[str, Any]:
    one = branch.piece
    return {
        "number": one.number, "kind": one.kind_words, "depth": branch.depth, "component": one.component,
        "storage": one.storage, "volume_ml": one.volume_ml, "cells": one.cells, "made_at": one.made_at,
        "expires_at": one.expires_at, "status": MaterialStatus(one.status).label if one.status else "",
        "status_reason": one.status_reason, "doubts": [doubt.label for doubt in branch.doubts],
        "lots": [lot.words for lot in branch.lots],
    }  # fmt: skip


def _lots(materials: OrderMaterials) -> list[Used]:
    """Each lot once, with the first word on it."""
    used = [*materials.of_stage, *(lot for branch in materials.branches for lot in branch.lots)]
    return list({(one.kind, one.product, one.number): one for one in reversed(used)}.values())[::-1]


def _lot(used: Used) -> dict[str, Any]:
    return {
        "kind": LotKind(used.kind).label, "product": used.product, "lot": used.number, "expires_at": used.expires_at,
        "last_day": used.last_day, "used_at": used.used_at, "was_expired": used.was_expired,
    }  # fmt: skip


def _condition(view: OrderView, shipment: ShipmentCondition) -> dict[str, Any]:
    return {
        "transport": shipment.name, "attempt": shipment.attempt,
        "kept": shipment.condition.name if shipment.condition else "",
        "loggers": [
            {"logger": one.logger, "readings": one.count, "first_at": one.first_at, "last_at": one.last_at,
             "lowest": one.lowest, "highest": one.highest, "gaps": len(one.gaps)}
            for one in shipment.records
        ],
        "excursions": [_excursion(one) for one in shipment.excursions],
    }  # fmt: skip


def _excursion(one: ExcursionFacts) -> dict[str, Any]:
    return {
        "logger": one.logger, "from": one.started_at, "to": one.ended_at, "what": one.words, "decided": _decided(one),
    }  # fmt: skip


def _decided(one: ExcursionFacts) -> dict[str, Any] | None:
    said = one.decision
    if said is None:
        return None
    return {
        "decision": said.decision.label, "by": said.by, "at": said.decided_at, "reason": said.reason,
        "is_current": said.is_current,
    }  # fmt: skip


def _excursion_of(view: OrderView, flag: Any) -> ExcursionFacts | None:
    """The excursion of which the flag tells; None of any other flag."""
    found = {str(one.id): one for shipment in view.conditions.values() for one in shipment.excursions}
    return found.get(flag.evidence.get("excursion", ""))


def _collections(view: OrderView) -> list[dict[str, Any]]:
    shown = view.collected
    return [_collection(run.collection, run.attempt, shown[run.pk]) for run in view.collections]


def _collection(part: Any, attempt: int, shown: ShownCollection) -> dict[str, Any]:
    return {
        "attempt": attempt, "status": part.get_status_display(), "site": part.site.name,
        "donation_number": part.donation_number, "started_at": part.started_at, "ended_at": part.ended_at,
        "record": [_answered(item, one) for item in shown.answered for one in item.answers],
        "open": [point.words for point in shown.points], "open_reason": shown.open_reason,
    }  # fmt: skip


def _answered(item: ShownItem, one: ShownAnswer) -> dict[str, Any]:
    return {
        "asked": item.asked, "answer": one.words, "by": one.by, "at": one.given.at, "reason": one.given.reason,
        "is_current": one == item.newest,
    }  # fmt: skip


def _shipment(run: Any, view: OrderView, said: Callable[[str], str]) -> dict[str, Any]:
    part = run.shipment
    delays = [{"what": said(one.words), "at": one.at, "by": one.by} for one in view.delays.get(run.pk, ())]
    return {
        "way": f"{part.get_direction_display().lower()}, {part.from_site.name} → {part.to_site.name}",
        "direction": part.get_direction_display(), "attempt": run.attempt, "status": part.get_status_display(),
        "from": part.from_site.name, "to": part.to_site.name, "courier": part.courier,
        "tracking_number": part.tracking_number, "shipper": part.shipper_number,
        "picked_up_at": part.picked_up_at, "delivered_at": part.delivered_at, "cold_until": part.qualified_until,
        "planned_delivery_at": part.planned_delivery_at, "expected_delivery_at": part.expected_delivery_at,
        "arrival_unknown": part.arrival_unknown, "delays": delays, **_packaging(run, view, said),
    }  # fmt: skip


def _packaging(run: Any, view: OrderView, said: Callable[[str], str]) -> dict[str, Any]:
    """How it was packed and unpacked, what is amiss with that, and what nobody reported."""
    shown = view.packagings.get(run.pk)
    if shown is None:
        return {"packaging": [], "packaging_faults": [], "packing_missing": ""}
    reports = [
        {"what": said(one.words), "at": one.at, "by": one.by,
         "checklist": [{"asked": asked, "answer": answer} for asked, answer in one.answers]}
        for one in shown.reports
    ]  # fmt: skip
    faults = [{"code": one.code, "what": one.words, "critical": one.is_critical} for one in shown.faults]
    return {"packaging": reports, "packaging_faults": faults, "packing_missing": shown.missing}


def _batch(part: Any) -> dict[str, Any]:
    return {
        "number": part.number, "attempt": part.attempt, "status": part.get_status_display(), "plant": part.plant.name,
        "suite": part.suite.code if part.suite else "", "started_at": part.started_at,
        "harvested_at": part.harvested_at, "released_at": part.released_at, "failed_at": part.failed_at,
    }  # fmt: skip


def _stands(view: OrderView, run: Any) -> str:
    """Where a run stands, as the order's page says it."""
    ended = cancelled_words(run.status, run.started_at, view.now) if view.order.cancelled_at else ""
    is_ahead = is_to_begin(run.status, run.started_at, view.now)
    return ended or ("Still to come" if is_ahead else run.get_status_display())


def _stage(view: OrderView, run: Any) -> dict[str, Any]:
    return {
        "stage": run.stage.name, "attempt": run.attempt, "status": _stands(view, run), "site": run.site.name,
        "resource": run.resource, "ready_at": run.ready_at, "started_at": run.started_at,
        "ended_at": run.completed_at or run.failed_at,
    }  # fmt: skip


def _flag(view: OrderView, flag: Any, said: Callable[[str], str]) -> dict[str, Any]:
    decided, excursion = view.settlements.get(flag.pk), _excursion_of(view, flag)
    resolved = resolutions_of(view.events, view.order, flag)
    return {
        "id": str(flag.pk), "resolved": resolved, "is_resolved": len({one["by"] for one in resolved}) >= WANTED,
        "title": flag.title, "is_critical": flag.is_critical, "severity": flag.get_severity_display(),
        "stage": view.stage_names.get(flag.stage, flag.stage), "why": said(flag.why), "raised_at": flag.raised_at,
        "cleared_at": flag.cleared_at, "acknowledged_at": flag.acknowledged_at,
        "acknowledged_by": flag.acknowledged_by, "comment": flag.comment,
        "settled": {"by": decided.by, "reason": decided.reason, "at": decided.settled_at} if decided else None,
        "decided": _decided(excursion) if excursion else None,
    }  # fmt: skip


def _signed(view: OrderView) -> list[tuple[int, ShownSignature]]:
    """The signatures under its events, with the event's number, in the order in which they were given."""
    found = ((event.position, signature_under(event, view.order)) for event in view.events)
    return sorted(((position, shown) for position, shown in found if shown), key=itemgetter(0))


def _signature(position: int, shown: ShownSignature) -> dict[str, Any]:
    one = shown.signature
    return {
        "position": position, "meaning": one.meaning, "printed_name": one.printed_name, "role": one.role,
        "signed_at": one.signed_at, "shown": one.factor_words, "digest": one.digest, "state": shown.state.value,
        "record": shown.state.label,
    }  # fmt: skip


def _events(view: OrderView, said: Callable[[str], str]) -> list[dict[str, Any]]:
    """Those that the seal of `view.order` covers, in the order in which they were recorded: one may have come since."""
    headings = view.headings
    covered = sorted((one for one in view.events if one.position <= view.order.version), key=lambda one: one.position)
    return [
        {
            "position": event.position, "occurred_at": event.occurred_at, "recorded_at": event.recorded_at,
            "what": headings[event.pk], "attempt": event.attempt,
            "said_by": event.source.name if event.source else str(event.user),
            "why": [*reasons_given(event)], "notes": [*map(said, notes_of(view, event))], "said": event.payload,
            "hash": event.hash,
        }
        for event in covered
    ]  # fmt: skip
