"""Cells that an order finds collected already, frozen and at hand: what a request says of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.identifiers.rules.donation_numbers import donation_number, donation_problem
from supplychain.moments import written
from supplychain.orders.rules.collections import is_of_collections, is_too_old
from supplychain.orders.rules.placing import MOST_BAGS, OrderRefused, OrderRequest
from supplychain.orders.rules.requested import request_payload
from supplychain.orders.rules.requests import length_words
from supplychain.orders.rules.states import COLLECTED_EARLIER, STORED_BAGS
from supplychain.orders.statuses import StageEventKind

MISSING = {
    "collected_at": "Say when the cells were collected, or leave the donation number and the bags out.",
    "donation_number": "Give the donation number on the bags: without it nobody can tell whose cells they are.",
    "bags": "Say how many bags are stored.",
}
ORDER_NEW = "Leave these fields empty, and new cells are collected for the order"
OF_ANOTHER = (
    "This donation number is on another patient’s order already: compare it with the label of the bag. If it is right, "
    "do not order; call the plant’s quality assurance, for one of the two orders has the wrong cells."
)


def has_stored(request: OrderRequest) -> bool:
    """Whether the request says anything of cells that were collected earlier."""
    return any(getattr(request, name) for name in MISSING)


def collection_of_flow(flow: FlowPlan) -> StagePlan | None:
    """The flow's collection."""
    return next((plan for plan in flow.stages.values() if is_of_collections(plan)), None)


def takes_stored(flow: FlowPlan) -> bool:
    """Whether it takes cells that were collected and frozen before the order."""
    plan = collection_of_flow(flow)
    return plan is not None and plan.frozen_for_hours is not None


def with_stored(flow: FlowPlan) -> FlowPlan:
    """The flow as it is for cells that are at hand: its collection takes no time and no place."""
    plan = collection_of_flow(flow)
    if plan is None:
        return flow
    done = replace(plan, planned_hours=0, worst_hours=0, pool="")
    return replace(flow, stages={code: done if one is plan else one for code, one in flow.stages.items()})


def stored_problems(request: OrderRequest, flow: FlowPlan, now: datetime) -> dict[str, str]:
    """Why cells that were collected earlier are not taken so, by field."""
    if not has_stored(request):
        return {}
    plan = collection_of_flow(flow)
    if plan is None or plan.frozen_for_hours is None:
        return {"collected_at": f"This product takes no cells that were collected before the order. {ORDER_NEW}."}
    found = {name: text for name, text in MISSING.items() if not getattr(request, name)}
    if request.donation_number and (problem := donation_problem(request.donation_number)):
        found["donation_number"] = problem
    if request.collected_at and (problem := _time_problem(request.collected_at, request.ordered_at or now, plan, now)):
        found["collected_at"] = problem
    return found


def _time_problem(collected_at: datetime, ordered_at: datetime, plan: StagePlan, now: datetime) -> str:
    if collected_at > now:
        return f"“{written(collected_at)}” is still to come: say when the cells were collected."
    if collected_at >= ordered_at:
        return "This is after the order was placed: leave it out, and report the collection of the order."
    if is_too_old(plan, collected_at, now):
        limit = length_words(plan.frozen_for_hours or 0)
        return f"Frozen cells are used for at most {limit} after their collection, and these are older. {ORDER_NEW}."
    return ""


def refuse_anothers(request: OrderRequest, before: Iterable[OrderRequest]) -> None:
    """Raise OrderRefused where another patient's order among those placed in the same call bears its number."""
    if not has_stored(request):
        return
    number, patient = donation_number(request.donation_number), request.patient_reference.lower()
    others = (one for one in before if has_stored(one) and one.patient_reference.lower() != patient)
    if number in map(donation_number, (one.donation_number for one in others)):
        raise OrderRefused({"donation_number": OF_ANOTHER})


def said_by(request: OrderRequest) -> dict[str, Any]:
    """What the order's first event keeps of a request, with its stored cells."""
    said = request_payload(request)
    if not request.collected_at:
        return said
    stored = {"collected_at": written(request.collected_at), "bags": request.bags}
    return said | {"stored_cells": stored | {"donation_number": donation_number(request.donation_number)}}


def stored_report(request: OrderRequest, order: str, plan: StagePlan, *, reason: str) -> Mapping[str, Any]:
    """The report of their collection, by whoever places the order."""
    number = donation_number(request.donation_number)
    payload = {"donation_number": number, COLLECTED_EARLIER: True, STORED_BAGS: request.bags}
    return {
        "source_event_id": f"stored-{order}",
        "order": order,
        "kind": StageEventKind.COMPLETED.value,
        "stage": plan.code,
        "attempt": 1,
        "occurred_at": written(request.collected_at) if request.collected_at else "",
        "payload": payload | ({"donation_reason": reason} if reason else {}),
    }


def told_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with what an event says of cells that were stored before the order."""
    if payload.get(COLLECTED_EARLIER, True) is not True:
        yield f"payload.{COLLECTED_EARLIER}: true, or leave it out."
    bags = payload.get(STORED_BAGS, 1)
    if isinstance(bags, bool) or not isinstance(bags, int) or not 1 <= bags <= MOST_BAGS:
        yield f"payload.{STORED_BAGS}: must be a whole number of bags, 1 to {MOST_BAGS}."
