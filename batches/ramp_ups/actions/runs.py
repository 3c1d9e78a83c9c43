"""Simulations of scenarios: asked for, worked on in chunks by whichever worker holds the lease, cancelled, finished.

A chunk computes outside of any transaction and writes only if the lease is still its own: a worker that was slow, or
taken for dead, cannot overwrite what another has done since. What a killed worker was at is begun again by the next.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from batches.ramp_ups.actions.replays import replay_inputs
from batches.ramp_ups.actions.scenarios import outlook_scenario, replay_scenario, save_scenario
from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.queries.lines import costs_of, read_line, scenarios_of
from batches.ramp_ups.rules.changes import ChangesRefused, check_changes
from batches.ramp_ups.rules.costs import cost_names
from batches.ramp_ups.rules.jobs import Job, ReplayJob, job_of
from batches.ramp_ups.rules.lines import fingerprint, to_json
from batches.ramp_ups.rules.replays import REPLAY_REPLICATIONS
from batches.ramp_ups.rules.search import FINAL_REPLICATIONS, MOST_SIMULATIONS
from batches.ramp_ups.rules.tried_plans import Target
from batches.ramp_ups.statuses import RunKind, RunStatus, ScenarioBase
from supplychain.asking import ask_worker
from supplychain.audit.refusals import Refused
from supplychain.leases import take
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.sql import LOST

TASK = "batches.ramp_ups.run_ramp_up"
OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
# Much longer than a chunk, and than the first compiling of the simulation on a busy machine: what is not given back by
# then belongs to a worker that is no more.
LEASE = timedelta(seconds=180)
# A run that waits for its next chunk is asked for again only after this: every message keeps a chain of its own going.
SILENCE = timedelta(seconds=60)
MOST_TRIES = 4
KEEP_OUTLOOKS = timedelta(days=14)
MOST_OPEN_RUNS = 5
MOST_ERROR = 300

log = logging.getLogger(__name__)


@transaction.atomic
def start_run(*, scenario: Scenario, by: User | None, now: datetime, target: Target | None = None) -> ScenarioRun:
    """Ask for a simulation of the scenario on the line as it is now; with `target` for the cheapest plan.

    Raises Refused: it runs already, the changes do not fit the line any more, or the person has too many runs open.
    `by` None: the program. Raises Scenario.DoesNotExist for one that the person may not see.
    """
    if by is not None:
        scenarios_of(by).get(pk=scenario.pk)
    locked = Scenario.objects.select_for_update(of=("self",)).select_related("line").get(pk=scenario.pk)
    _refuse_too_many(locked, by)
    inputs = _inputs(locked, now, target)
    run = ScenarioRun(
        scenario=locked, kind=RunKind.SEARCH if target else RunKind.COMPARE, requested_by=by, requested_at=now,
        total=MOST_SIMULATIONS + FINAL_REPLICATIONS if target else 2 * locked.replications,
        inputs=inputs, fingerprint=fingerprint(inputs), leased_until=now + SILENCE,
    )  # fmt: skip
    run.save(force_insert=True)
    transaction.on_commit(lambda: send(run.pk))
    return run


@transaction.atomic
def cancel_run(*, run_id: UUID, by: User, now: datetime) -> ScenarioRun:
    """Stop a run: at once if nobody works on it, else after the chunk at work.

    Raises ScenarioRun.DoesNotExist, Refused.
    """
    run = ScenarioRun.objects.select_for_update(of=("self",)).get(pk=run_id, scenario__in=scenarios_of(by))
    if not run.is_open:
        raise Refused({"run": f"This run has ended: it is {run.get_status_display().lower()}."})
    run.cancel_requested = True
    if run.lease is None or run.leased_until <= now:
        _end(run, RunStatus.CANCELLED, now)
    run.save()
    return run


def work_on_run(run_id: UUID, *, now: datetime, seconds: float) -> bool:
    """Work on a run for about `seconds`; whether there is more to do. Does nothing if another worker holds it."""
    run = _lease(run_id, now)
    if run is None:
        return False
    try:
        if run.kind == RunKind.REPLAY and not run.inputs:
            run.inputs = replay_inputs(run.scenario.line, now=run.requested_at)
            run.fingerprint = fingerprint(run.inputs)
        job = job_of(run.inputs, run.partial)
        stop_at = time.monotonic() + seconds
        while job.step() and time.monotonic() < stop_at:
            pass
    except Exception as error:
        log.exception("Ramp-up %s failed", run_id)
        return _give_back(run, now, error=f"{type(error).__name__}: {error}"[:MOST_ERROR].replace("\x00", ""))
    return _give_back(run, now, job=job)


@transaction.atomic
def claim_due_runs(*, now: datetime) -> list[UUID]:
    """Runs that nobody has worked on for a while: their message was lost, or their worker is no more. Ask for them."""
    silent = ScenarioRun.objects.filter(leased_until__lte=now, status__in=OPEN).order_by("requested_at")
    ids = list(silent.select_for_update(skip_locked=True).values_list("pk", flat=True))
    ScenarioRun.objects.filter(pk__in=ids).update(lease=None, leased_until=now + SILENCE)
    return ids


def send(run_id: UUID) -> None:
    """Ask a worker for the next chunk. Only a wish: beat asks for whatever nobody works on. Never raises."""
    ask_worker(TASK, run_id)


@transaction.atomic
def ask_for_plan(*, line: Site, target: Target, by: User, now: datetime) -> ScenarioRun:
    """Keep the question as a scenario of the person's and look for the cheapest plan. Raises Refused."""
    name = f"{target.more:+g} % patients, {100 * target.on_time:g} % on time"
    scenario = save_scenario(line=line, name=name, by=by, now=now)
    return start_run(scenario=scenario, by=by, now=now, target=target)


def run_again(*, scenario: Scenario, by: User, now: datetime) -> ScenarioRun:
    """Run the scenario as it was last run: one that asked for a plan and was not changed asks again. Raises Refused."""
    last = scenario.runs.order_by("-requested_at").first()
    asked = last.inputs["target"] if last and not scenario.changes else None
    target = Target(**asked) if asked else None
    return start_run(scenario=scenario, by=by, now=now, target=target)


@transaction.atomic
def keep_plan(*, scenario: Scenario, by: User, now: datetime) -> Scenario:
    """The plan that the newest search of a scenario found, as a scenario of the person's own. Raises Refused."""
    found = scenario.runs.filter(kind=RunKind.SEARCH, status=RunStatus.DONE).order_by("-requested_at").first()
    if found is None:
        raise Refused({"run": "No plan has been found yet: run the search first."})
    return save_scenario(
        line=scenario.line, name=f"Plan: {scenario.name}"[:80], by=by, now=now, base=scenario.base,
        weeks=scenario.weeks, replications=scenario.replications, changes=found.result["plan"], costs=scenario.costs,
        currency=scenario.currency,
    )  # fmt: skip


def start_outlooks(*, now: datetime, line: Site | None = None) -> list[UUID]:
    """Simulate the next four weeks of every line (or one) anew; ids of the runs. Lines without orders are left out."""
    started = _start_for_each(_start_outlook, now, line)
    _forget_old_outlooks(now)
    return started


def _start_outlook(plant: Site, now: datetime) -> ScenarioRun:
    return start_run(scenario=outlook_scenario(line=plant, now=now), by=None, now=now)


def start_replays(*, now: datetime, line: Site | None = None) -> list[UUID]:
    """Hold the model against the last weeks of every line (or one) anew; ids of the runs."""
    return _start_for_each(_start_replay, now, line)


def _start_for_each(
    start: Callable[[Site, datetime], ScenarioRun | None], now: datetime, line: Site | None
) -> list[UUID]:
    """Ids of the runs of every line (or one); a line for which none can be started stops no other."""
    started = []
    for plant in Site.objects.filter(kind=SiteKind.PLANT, is_active=True, **({"pk": line.pk} if line else {})):
        try:
            run = start(plant, now)
        except Refused as refused:
            log.info("No simulation of %s: %s", plant.code, refused)
        except LOST:
            raise
        except Exception:
            log.exception("No simulation of %s; the other lines go on", plant.code)
        else:
            started += [run.pk] if run else []
    return started


@transaction.atomic
def _start_replay(plant: Site, now: datetime) -> ScenarioRun | None:
    """A run whose inputs its worker reads, which takes seconds; None where one is at work."""
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=replay_scenario(line=plant, now=now).pk)
    if scenario.runs.filter(status__in=OPEN).exists():
        return None
    run = ScenarioRun(
        scenario=scenario, kind=RunKind.REPLAY, requested_at=now, total=REPLAY_REPLICATIONS, inputs={},
        fingerprint="", leased_until=now + SILENCE,
    )  # fmt: skip
    run.save(force_insert=True)
    transaction.on_commit(lambda: send(run.pk))
    return run


def _forget_old_outlooks(now: datetime) -> None:
    old = ScenarioRun.objects.filter(scenario__owner=None, requested_at__lt=now - KEEP_OUTLOOKS).exclude(
        status__in=OPEN
    )
    old.delete()


def _refuse_too_many(scenario: Scenario, by: User | None) -> None:
    if scenario.runs.filter(status__in=OPEN).exists():
        raise Refused({"run": "This scenario is being simulated already; wait for it or cancel it."})
    if by and ScenarioRun.objects.filter(requested_by=by, status__in=OPEN).count() >= MOST_OPEN_RUNS:
        raise Refused({"run": f"You have {MOST_OPEN_RUNS} simulations at work, the most there can be; wait for one."})


def _inputs(scenario: Scenario, now: datetime, target: Target | None) -> dict[str, Any]:
    """Everything that the run rests on, so that it gives the same answer whoever works on it, and when."""
    line = read_line(scenario.line, now=now, live=scenario.base == ScenarioBase.LIVE)
    if not any(journey.per_week for journey in line.journeys) and not line.open_orders:
        raise Refused({"run": f"{line.name} had no orders in the last 26 weeks: there is no demand to simulate."})
    try:
        changes = check_changes(scenario.changes, line)
    except ChangesRefused as refused:
        raise Refused({"run": f"A change does not fit the line any more. {refused}"}) from refused
    costs, currency = costs_of(scenario)
    known = {name: value for name, value in costs.items() if name in cost_names(line)}
    return {
        "line": to_json(line), "weeks": scenario.weeks, "replications": scenario.replications,
        "changes": [to_json(change) for change in changes], "costs": known, "currency": currency,
        "target": to_json(target) if target else None,
    }  # fmt: skip


@transaction.atomic
def _lease(run_id: UUID, now: datetime) -> ScenarioRun | None:
    """The run, if it is free; from now on it is this worker's for LEASE."""
    run = next(iter(take(ScenarioRun.objects.filter(pk=run_id, status__in=OPEN), now=now, lasts=LEASE)), None)
    if run is None:
        return None
    if run.cancel_requested or run.tries >= MOST_TRIES:
        _end(run, RunStatus.CANCELLED if run.cancel_requested else RunStatus.FAILED, now)
        run.error = "" if run.cancel_requested else f"Its workers stopped {MOST_TRIES} times; start it again."
        run.save()
        return None
    run.status, run.started_at = RunStatus.RUNNING, run.started_at or now
    run.tries += 1
    run.save()
    return run


@transaction.atomic
def _give_back(run: ScenarioRun, now: datetime, *, job: Job | ReplayJob | None = None, error: str = "") -> bool:
    """Keep what a chunk came to, if the lease is still ours; whether there is more to do."""
    held = ScenarioRun.objects.select_for_update().filter(pk=run.pk, lease=run.lease, status__in=OPEN).first()
    if held is None:
        return False
    held.lease, held.leased_until, held.tries = None, now + SILENCE, 0
    if job:
        held.inputs, held.fingerprint = run.inputs, run.fingerprint
        held.partial, held.done, held.total = job.partial, job.done, job.total
    if error:
        held.error = error
        _end(held, RunStatus.FAILED, now)
    elif held.cancel_requested:
        _end(held, RunStatus.CANCELLED, now)
    elif job and job.is_done:
        held.result = job.result()
        _end(held, RunStatus.DONE, now)
    held.save()
    return held.is_open


def _end(run: ScenarioRun, status: RunStatus, now: datetime) -> None:
    # Another machine's clock may have asked for it a moment ahead of ours.
    run.status, run.finished_at = status, max(now, run.requested_at)
    run.give_back()
