"""Until when the dose of an attempt may be used, by the expiry that was reported of its bags, vials or cassettes. Pure.

The fold keeps it with the run of the flow's last stage. A flow's longest wait is only what holds without a better word;
this is the better word, for every wait behind the release.
"""

from datetime import datetime

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.rules.materials import DOSES, GONE
from supplychain.orders.rules.states import Fact, OrderState, RunState
from supplychain.orders.statuses import OrderEventKind

# Of the last stage: the expiry of each dose of the attempt, by its number's key; empty: it has none, or it is gone.
EXPIRIES = "dose_expiries"


def keep_expiry(state: OrderState, fact: Fact) -> None:
    """Keep what a report of a material says of a dose's expiry, or that this dose is gone."""
    key = lookup_key(fact.payload["number"])
    run = _run_with(state, key)
    known = run.details.get(EXPIRIES, {})
    said = _said(fact, known.get(key))
    if said is not None and said != known.get(key):
        run.details = {**run.details, EXPIRIES: {**known, key: said}}
        state.touched.update((run.attempt, code) for code in behind_release(state.flow))


def _run_with(state: OrderState, key: str) -> RunState:
    """The last stage's run of the attempt that made this dose: of the newest that knows it; else of the newest."""
    runs = [run for run in state.runs.values() if run.stage == state.flow.exit and key in run.details.get(EXPIRIES, ())]
    return max(runs, key=lambda run: run.attempt, default=None) or state.run_of(state.flow.exit)


def dose_expires_at(state: OrderState, attempt: int) -> datetime | None:
    """When the first of the attempt's doses expires that is not rejected or destroyed; None: nobody said."""
    run = state.runs.get((attempt, state.flow.exit))
    said = run.details.get(EXPIRIES, {}) if run else {}
    return min((datetime.fromisoformat(moment) for moment in said.values() if moment), default=None)


def behind_release(flow: FlowPlan) -> set[str]:
    """Codes of the stages that take a released dose on to the patient."""
    releases = {plan.code for plan in flow.stages.values() if plan.kind == StageKind.RELEASE}
    return {code for release in releases for code in flow.followers[release]} - releases


def _said(fact: Fact, known: str | None) -> str | None:
    """What is to be kept of the dose; None: the report says nothing of that. What is gone does not come back."""
    payload = fact.payload
    if fact.kind == OrderEventKind.MATERIAL_IS:
        return "" if payload.get("status") in GONE else None
    if payload.get("kind") not in DOSES or not payload.get("expires_at") or known == "":
        return None
    return str(payload["expires_at"])
