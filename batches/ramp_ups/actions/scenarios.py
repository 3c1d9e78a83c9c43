"""Scenarios of a line: kept, copied, shared and given up by the people who plan it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from batches.ramp_ups.models import LineCosts, Scenario
from batches.ramp_ups.queries.lines import planned_lines, read_line, scenarios_of
from batches.ramp_ups.rules.changes import ChangesRefused, check_changes
from batches.ramp_ups.rules.costs import CostsRefused, check_costs
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.replays import REPLAY_REPLICATIONS, REPLAYED_WEEKS
from batches.ramp_ups.rules.runs import FEWEST, FEWEST_WEEKS, MOST, MOST_WEEKS
from batches.ramp_ups.statuses import OUTLOOK, REPLAY, ScenarioBase
from supplychain.audit.refusals import Refused, refuse_unless_valid, told_by
from supplychain.people.models import User
from supplychain.sites.models import Site

MOST_SCENARIOS = 100
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
    currency: str = "",
) -> Scenario:
    """Keep a scenario of one of the person's lines; with `scenario_id` change one of their own.

    Raises Refused with what to do, by field (a change by `changes.<place>`); Site.DoesNotExist, Scenario.DoesNotExist.
    """
    plant = planned_lines(by).get(pk=line.pk)
    checked = _checked(read_line(plant, now=now), changes, costs or {}, currency, weeks, replications)
    scenario = _own(scenario_id, by) if scenario_id else _new(by, now)
    scenario.line, scenario.name, scenario.base = plant, " ".join(name.split()), base
    scenario.weeks, scenario.replications = weeks, replications
    scenario.changes, scenario.costs, scenario.currency = checked
    scenario.edited_at = now
    return _store(scenario, "save_scenario", by)


@transaction.atomic
def copy_scenario(*, scenario_id: UUID, by: User, now: datetime) -> Scenario:
    """A copy of the person's own of a scenario that they may see. Raises Refused, Scenario.DoesNotExist."""
    source = scenarios_of(by).get(pk=scenario_id)
    copy = _new(by, now)
    for field in ("line_id", "base", "weeks", "replications", "changes", "costs", "currency"):
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


def outlook_scenario(*, line: Site, now: datetime) -> Scenario:
    """The program's own scenario of a line: nothing changed, from the line as it stands, four weeks ahead."""
    return _of_program(line, OUTLOOK, now, weeks=OUTLOOK_WEEKS, replications=OUTLOOK_REPLICATIONS)


def replay_scenario(*, line: Site, now: datetime) -> Scenario:
    """The program's own scenario that holds the replays of a line's last weeks."""
    return _of_program(line, REPLAY, now, weeks=REPLAYED_WEEKS, replications=REPLAY_REPLICATIONS)


@transaction.atomic
def _of_program(line: Site, name: str, now: datetime, **size: int) -> Scenario:
    given = {"base": ScenarioBase.LIVE, "is_shared": True, "created_at": now, "edited_at": now} | size
    return Scenario.objects.get_or_create(line=line, owner=None, name=name, defaults=given)[0]


@transaction.atomic
def save_line_costs(*, line: Site, costs: Mapping[str, Any], currency: str, by: User, now: datetime) -> LineCosts:
    """Keep what places, batches and tests of one of the person's lines cost; what is left out is not known.

    Raises Refused with what to do, by `costs.<name>` or `currency`; Site.DoesNotExist.
    """
    plant = planned_lines(by).select_for_update(of=("self",), no_key=True).get(pk=line.pk)
    try:
        known, code = check_costs(costs, currency, read_line(plant, now=now))
    except CostsRefused as refused:
        raise Refused(_by_field(refused)) from refused
    if not code:
        raise Refused({"currency": "Say in which currency, by its code of three letters (ISO 4217): EUR, USD, GBP."})
    kept = LineCosts.objects.filter(line=plant).first() or LineCosts(line=plant)
    kept.costs, kept.currency, kept.edited_by, kept.edited_at = known, code, by, now
    refuse_unless_valid(kept)
    with told_by("save_line_costs", by):
        kept.save()
    return kept


def _by_field(refused: CostsRefused) -> dict[str, str]:
    return {name if name == "currency" else f"costs.{name}": text for name, text in refused.errors.items()}


def _checked(
    line: SimulatedLine,
    changes: Sequence[Mapping[str, Any]],
    costs: Mapping[str, Any],
    currency: str,
    weeks: int,
    replications: int,
) -> tuple[list[dict[str, Any]], dict[str, float], str]:
    """Changes, costs and their currency as they are kept. Raises Refused with everything that is wrong."""
    errors: dict[str, str] = {}
    known: tuple[dict[str, float], str] = {}, ""
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        errors["weeks"] = f"Measure {FEWEST_WEEKS} to {MOST_WEEKS} weeks."
    if not FEWEST <= replications <= MOST:
        errors["replications"] = f"Between {FEWEST} and {MOST} replications."
    try:
        check_changes(changes, line)
    except ChangesRefused as refused:
        errors |= {"changes" if at < 0 else f"changes.{at}": text for at, text in refused.errors.items()}
    try:
        known = check_costs(costs, currency, line)
    except CostsRefused as refused:
        errors |= _by_field(refused)
    if errors:
        raise Refused(errors)
    return [dict(change) for change in changes], *known


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
