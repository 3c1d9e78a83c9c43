"""Scenarios of a line: kept, copied, shared and given up by the people who plan it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from batches.ramp_ups.models import Scenario
from batches.ramp_ups.queries.lines import planned_lines, read_line, scenarios_of
from batches.ramp_ups.rules.changes import ChangesRefused, check_changes
from batches.ramp_ups.rules.costs import CostsRefused, check_costs
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.runs import FEWEST, FEWEST_WEEKS, MOST, MOST_WEEKS
from batches.ramp_ups.statuses import ScenarioBase
from supplychain.audit.refusals import Refused, refuse_unless_valid, told_by
from supplychain.people.models import User
from supplychain.sites.models import Site

MOST_SCENARIOS = 100
OUTLOOK = "Next four weeks"
OUTLOOK_WEEKS, OUTLOOK_REPLICATIONS = 4, 100


@transaction.atomic
def save_scenario(
    *,
    line: Site,
    name: str,
    by: User,
    now: datetime,
    scenario_id: UUID | None = None,
    base: str = ScenarioBase.CLEAN,
    weeks: int = 52,
    replications: int = 100,
    changes: Sequence[Mapping[str, Any]] = (),
    costs: Mapping[str, Any] | None = None,
) -> Scenario:
    """Keep a scenario of one of the person's lines; with `scenario_id` change one of their own.

    Raises Refused with what to do, by field (a change by `changes.<place>`); Site.DoesNotExist, Scenario.DoesNotExist.
    """
    plant = planned_lines(by).get(pk=line.pk)
    checked = _checked(read_line(plant, now=now), changes, costs or {}, weeks, replications)
    scenario = _own(scenario_id, by) if scenario_id else _new(by, now)
    scenario.line, scenario.name, scenario.base = plant, " ".join(name.split()), base
    scenario.weeks, scenario.replications = weeks, replications
    scenario.changes, scenario.costs = checked
    scenario.edited_at = now
    return _store(scenario, "save_scenario", by)


@transaction.atomic
def copy_scenario(*, scenario_id: UUID, by: User, now: datetime) -> Scenario:
    """A copy of the person's own of a scenario that they may see. Raises Refused, Scenario.DoesNotExist."""
    source = scenarios_of(by).get(pk=scenario_id)
    copy = _new(by, now)
    for field in ("line_id", "base", "weeks", "replications", "changes", "costs"):
        setattr(copy, field, getattr(source, field))
    copy.name, copy.edited_at = f"{source.name[:70]} (copy)", now
    return _store(copy, "copy_scenario", by)


@transaction.atomic
def share_scenario(*, scenario_id: UUID, is_shared: bool, by: User, now: datetime) -> Scenario:
    """Let the people of the line see one of the person's own scenarios, or no more. Raises Scenario.DoesNotExist."""
    scenario = _own(scenario_id, by)
    scenario.is_shared, scenario.edited_at = is_shared, now
    return _store(scenario, "share_scenario", by)


@transaction.atomic
def delete_scenario(*, scenario_id: UUID, by: User) -> str:
    """Give up one of the person's own scenarios with its results; returns its name. Raises Scenario.DoesNotExist."""
    scenario = _own(scenario_id, by)
    name = scenario.name
    with told_by("delete_scenario", by):
        scenario.delete()
    return name


@transaction.atomic
def outlook_scenario(*, line: Site, now: datetime) -> Scenario:
    """The program's own scenario of a line: nothing changed, from the line as it stands, four weeks ahead."""
    scenario, _ = Scenario.objects.get_or_create(
        line=line, owner=None, name=OUTLOOK,
        defaults={
            "base": ScenarioBase.LIVE, "weeks": OUTLOOK_WEEKS, "replications": OUTLOOK_REPLICATIONS,
            "is_shared": True, "created_at": now, "edited_at": now,
        },
    )  # fmt: skip
    return scenario


def _checked(
    line: SimulatedLine, changes: Sequence[Mapping[str, Any]], costs: Mapping[str, Any], weeks: int, replications: int
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Changes and costs as they are kept. Raises Refused with everything that is wrong."""
    errors: dict[str, str] = {}
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        errors["weeks"] = f"Measure {FEWEST_WEEKS} to {MOST_WEEKS} weeks."
    if not FEWEST <= replications <= MOST:
        errors["replications"] = f"Between {FEWEST} and {MOST} replications."
    try:
        check_changes(changes, line)
    except ChangesRefused as refused:
        errors |= {"changes" if at < 0 else f"changes.{at}": text for at, text in refused.errors.items()}
    try:
        check_costs(costs, line)
    except CostsRefused as refused:
        errors |= {f"costs.{name}": text for name, text in refused.errors.items()}
    if errors:
        raise Refused(errors)
    return [dict(change) for change in changes], {name: float(value) for name, value in costs.items()}


def _new(by: User, now: datetime) -> Scenario:
    # Two windows of one person must not both take the last place.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if by.scenarios.count() >= MOST_SCENARIOS:
        raise Refused({"name": f"You have {MOST_SCENARIOS} scenarios, the most there can be; delete one first."})
    return Scenario(owner=by, created_at=now)


def _own(scenario_id: UUID, by: User) -> Scenario:
    lines = planned_lines(by)
    return Scenario.objects.select_for_update(of=("self",)).get(pk=scenario_id, owner=by, line__in=lines)


def _store(scenario: Scenario, action: str, by: User) -> Scenario:
    refuse_unless_valid(scenario)
    with told_by(action, by):
        scenario.save()
    return scenario
