"""The complete record of one order with its trail, as data (21 CFR 11.10(b): complete copies in electronic form)."""

from datetime import datetime
from typing import Any

from django.db.models import Model

from batches.flags.models import Flag, FlagChange
from batches.forecasts.models import Forecast, Prediction
from batches.judgement.statuses import Harm
from batches.manufacturing.models import Batch
from dashboards.orders.queries.page import SITES
from dashboards.orders.queries.record_of_chain import record_of_chain
from supplychain.chain.models import IdentityCheck
from supplychain.chain.queries.identity import checks_of
from supplychain.materials.models import Lot, LotUse, Material, MaterialParent
from supplychain.orders.models import PatientOrder, SealCheck, StageRun, StatusEvent
from supplychain.orders.queries import Stands, event_withdrawals
from supplychain.orders.queries.signatures import signatures_of
from supplychain.orders.rules.withdrawals import EventWithdrawal
from supplychain.people.models import User

FORM = "cellops order record, version 7"


def order_record(order: PatientOrder, user: User, now: datetime) -> dict[str, Any]:
    """All that is kept of `order`: what was said, by whom and when, what follows from it (what a late fact took back
    with its `withdrawn_at`), and what the last check of the seal found. Twenty-six queries at most."""
    against = event_withdrawals(order)
    check = SealCheck.objects.filter(order=order).first() or SealCheck(order=order)
    flags = list(order.flags.select_related("owner").order_by("raised_at", "pk"))
    identifiers = order.identifiers.annotate(stands=Stands()).order_by("recorded_at", "pk")
    return {
        "form": FORM,
        "made_at": now,
        "made_by": str(user),
        "seal": {
            "holds": check.broken_at is None and check.position > 0,
            "events": order.version,
            "head": order.seal,
            "verified_events": check.position,
            "verified_at": check.checked_at,
            "broken": {"position": check.broken_at, "event": check.broken_event, "reason": check.reason}
            if check.broken_at
            else None,
        },
        "order": _fields(order) | {name: getattr(order, name).code for name in (*SITES, "product")} | _flow(order),
        "identifiers": [_fields(row) | {"stands": row.stands} for row in identifiers],
        "events": [_event(event, against.get(event.pk)) for event in _events(order)],
        "signatures": [_fields(one.signature) | {"state": one.state} for one in signatures_of(order).values()],
        "identity_checks": [_check(one) for one in checks_of(order)],
        "conflicting_reports": [_fields(row) for row in order.event_conflicts.order_by("recorded_at")],
        "stages": [_run(run) for run in _runs(order)],
        "materials": [_fields(row) for row in Material.everything.filter(order=order).order_by("key")],
        "made_from": [_fields(row) for row in MaterialParent.everything.filter(order=order).order_by("pk")],
        "lots": [_fields(row) | _lot(row.lot) for row in _uses(order)],
        "batches": [_fields(batch) for batch in Batch.everything.filter(order=order)],
        "predictions": [_fields(row) for row in Prediction.objects.filter(order=order).order_by("made_at")],
        "forecasts": [_fields(row) for row in Forecast.objects.filter(order=order).order_by("made_at")],
        "flags": [_flag(flag) for flag in flags],
        "flag_changes": [_fields(row) for row in FlagChange.objects.filter(flag__order=order)],
    } | record_of_chain(order, _fields)


def _flag(flag: Flag) -> dict[str, Any]:
    """A flag with its class of harm by name, as by REST."""
    return _fields(flag) | {"owner": str(flag.owner) if flag.owner else None, "harm": Harm(flag.harm).name.lower()}


def _flow(order: PatientOrder) -> dict[str, Any]:
    return {"flow": order.flow.code, "flow_version": order.flow.version}


def _lot(lot: Lot) -> dict[str, Any]:
    return {"lot_kind": lot.kind, "product": lot.product, "lot_number": lot.number}


def _uses(order: PatientOrder) -> Any:
    return LotUse.everything.filter(order=order).select_related("lot").order_by("used_at", "pk")


def _events(order: PatientOrder) -> Any:
    return StatusEvent.objects.filter(order=order).select_related("source", "user").order_by("position")


def _runs(order: PatientOrder) -> Any:
    related = ("stage", "site", "collection", "shipment")
    return StageRun.everything.filter(order=order).select_related(*related).order_by("stage__position", "attempt")


def _event(event: StatusEvent, against: EventWithdrawal | None) -> dict[str, Any]:
    by = {"source": event.source.code} if event.source else {"person": str(event.user)}
    said = [one._asdict() for one in against.said] if against else []
    withdrawn = {"withdrawn": bool(against and against.counts), "said_wrong": said}
    return _fields(event, leave=("order", "source", "user")) | {"said_by": by} | withdrawn


def _check(check: IdentityCheck) -> dict[str, Any]:
    """A check without the other order: who reads this may not see that one."""
    by = {"source": check.source.code} if check.source else {"person": str(check.user)}
    return _fields(check, leave=("order", "source", "user", "other_order")) | {"said_by": by}


def _run(run: StageRun) -> dict[str, Any]:
    parts = {name: _fields(getattr(run, name)) for name in ("collection", "shipment") if hasattr(run, name)}
    return _fields(run, leave=("order",)) | {"stage": run.stage.code, "site": run.site.code} | parts


def _fields(row: Model, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every stored field; those that no form may edit (ids) too."""
    stored = (field for field in row._meta.concrete_fields if field.name not in leave)
    return {field.name: field.value_from_object(row) for field in stored}
