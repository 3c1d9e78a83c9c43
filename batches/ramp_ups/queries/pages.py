"""Readings for the ramp-up pages: scenarios with what they came to, and what limits each line next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import QuerySet

from batches.capacity.models import Pool
from batches.lines.queries import open_bottlenecks
from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.queries.lines import planned_lines, scenarios_of
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.pages import Side, beside_past, limit_words, steadiness_words
from batches.ramp_ups.rules.planned import planned_words
from batches.ramp_ups.rules.search import ENUMERATED, LOCAL
from batches.ramp_ups.rules.steadiness import Regime
from batches.ramp_ups.rules.words import words_of
from batches.ramp_ups.statuses import OUTLOOK, REPLAY, RunKind, RunStatus, ScenarioBase
from supplychain.flows.models import Stage
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.words import date_words

MOST_LISTED = 60
MOST_COMPARED = 3
BASE_NAME = "As it is"
# What the figures of a column start from.
STARTS = {ScenarioBase.CLEAN.value: "running steadily", ScenarioBase.LIVE.value: "from today's queues"}
NOT_STEADY = {Regime.OVERLOADED, Regime.GROWING, Regime.FROM_EMPTY}


@dataclass(frozen=True, slots=True)
class ListedScenario:
    """A scenario with its newest run, its newest result, and its changes in words; of an outlook also `past`: the pool
    that holds up the line by the past week, empty: none."""

    scenario: Scenario
    run: ScenarioRun | None
    done: ScenarioRun | None
    changes: list[str]
    plan: list[str] = field(default_factory=list)
    past: str = ""

    @property
    def changed(self) -> Mapping[str, Any] | None:
        """The outcome with the changes."""
        return self.done.result["changed"] if self.done else None

    @property
    def limit(self) -> tuple[str, str]:
        """What limits the line with the changes, and how sure that is."""
        return limit_words(self.changed["limit"], self.changed["replications"]) if self.changed else ("", "")

    @property
    def differs(self) -> str:
        """Why the past week names another pool than the outlook; empty: it does not."""
        return beside_past(self.past, self.changed["limit"], self.planned) if self.changed else ""

    @property
    def planned(self) -> list[str]:
        """Changes of capacity that were planned already and fall into the weeks simulated."""
        found = self.done.result.get("planned", ()) if self.done else ()
        return planned_words(found, self.done.requested_at, ZoneInfo(self.scenario.line.time_zone)) if found else []

    @property
    def seasons(self) -> list[str]:
        """What the learned patterns of orders rest on."""
        return self.done.result.get("seasons", []) if self.done else []

    @property
    def loads(self) -> str:
        """What the figures are figures of, and each pool's load."""
        return steadiness_words(self.changed or {})

    @property
    def is_search(self) -> bool:
        """Whether it asks for the cheapest plan."""
        return bool(self.run and self.run.kind == RunKind.SEARCH and not self.scenario.changes)

    @property
    def comes_to(self) -> str:
        """The newest result in a sentence."""
        result = self.done.result if self.done else {}
        if "answer" not in result:
            return (self.changed or {}).get("gain") or self.limit[0]
        if not result["answer"]["reached"]:
            return result["answer"]["why"]
        plan = "; ".join(self.plan) or "nothing to add"
        return f"Cheapest plan: {plan}. Reached in {100 * result['sure'][0]:.0f} of 100 replications."

    @property
    def is_stale(self) -> bool:
        """Whether the scenario was edited after what the result is of."""
        return bool(self.done and self.scenario.edited_at > self.done.requested_at)

    def figure(self, field: str) -> list[Any] | None:
        """The band of a figure: mean, low, high."""
        metrics = self.changed["metrics"] if self.changed else ()
        return next((one["band"] for one in metrics if one["field"] == field), None)

    @property
    def throughput(self) -> list[Any] | None:
        """Doses a week."""
        return self.figure("throughput")

    @property
    def on_time(self) -> list[Any] | None:
        """Percent ready by their promise."""
        return self.figure("on_time")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a search came to, for people."""

    reached: bool
    words: list[str]
    why: str
    weekly_cost: float
    share: float
    low: float
    high: float
    per_year: float
    on_time: float
    tried: list[dict[str, Any]]
    currency: str
    places: int
    missing: list[str]
    proof: str

    @property
    def is_priced(self) -> bool:
        """Whether the cost of every place is known; if not, the cheapest plan is that of the fewest places."""
        return not self.missing


def listed_scenarios(user: User, line: Site | None) -> list[ListedScenario]:
    """The scenarios that the person may see, newest first; five queries."""
    rows = scenarios_of(user).filter(owner__isnull=False).select_related("line", "owner")
    return _listed(list((rows.filter(line=line) if line else rows)[:MOST_LISTED]))


def outlooks(lines: Iterable[Site]) -> list[ListedScenario]:
    """What limits each line in the next weeks, as the program last simulated it, beside what holds it up now."""
    lines = list(lines)
    rows = Scenario.objects.filter(line__in=lines, owner=None, name=OUTLOOK).select_related("line")
    periods = open_bottlenecks(lines)
    names = {line_id: period.pool.name for line_id, period in periods.items()}
    return [
        replace(one, past=names.get(one.scenario.line_id, "")) for one in _listed(list(rows.order_by("line__code")))
    ]


def one_scenario(user: User, scenario_id: UUID) -> ListedScenario | None:
    """A scenario that the person may see."""
    row = _shown(user).select_related("line", "owner").filter(pk=scenario_id).first()
    return _listed([row])[0] if row else None


def _shown(user: User) -> QuerySet[Scenario]:
    """The scenarios with a page of their own: a replay stands on top of every other."""
    return scenarios_of(user).exclude(owner=None, name=REPLAY)


def others_of(
    user: User, listed: ListedScenario, wanted: Iterable[str]
) -> tuple[list[ListedScenario], list[ListedScenario]]:
    """Other scenarios of the line with a result, and those of them that are wanted beside this one."""
    rows = _shown(user).filter(line=listed.scenario.line, runs__status=RunStatus.DONE).distinct()
    rows = rows.exclude(pk=listed.scenario.pk).select_related("line", "owner")
    others = [one for one in _listed(list(rows[:MOST_LISTED])) if one.done]
    chosen = set(wanted)
    return others, [one for one in others if str(one.scenario.pk) in chosen][:MOST_COMPARED]


def sides_of(listed: ListedScenario, others: Iterable[ListedScenario]) -> list[Side]:
    """The line as it is, this scenario and the others; differences are each to the base of its own run.

    A scenario that changes nothing is the line as it is, and no column of its own. Every column says what it starts
    from and when, so that no two of one name say different things.
    """
    if not listed.done:
        return []
    result, found, currency = listed.done.result, [], listed.done.result.get("currency", "")
    if result["base"]:
        found.append(Side(_column(BASE_NAME, listed, result["base"]), result["base"], differs=False, currency=currency))
    changed = result["changed"]
    if changed != result["base"] or not found:
        name = _column(listed.scenario.name, listed, changed)
        found.append(Side(name, changed, differs=bool(changed["gain"]), currency=currency))
    beside = [(one, one.done.result) for one in others if one.done]
    return found + [
        Side(_column(one.scenario.name, one, its["changed"]), its["changed"], differs=True,
             currency=its.get("currency", ""))
        for one, its in beside
    ]  # fmt: skip


def _column(name: str, listed: ListedScenario, outcome: Mapping[str, Any]) -> str:
    """A column's name with what its figures start from, over how many weeks, and when they were simulated."""
    one = listed.scenario
    made = f", of {date_words(listed.done.requested_at, listed.done.requested_at, UTC)}" if listed.done else ""
    regime = (outcome.get("steadiness") or {}).get("regime")
    start = "not steady" if one.base == ScenarioBase.CLEAN and regime in NOT_STEADY else STARTS[one.base]
    return f"{name} ({start}, {one.weeks} weeks{made})"


def answer_of(listed: ListedScenario) -> Answered | None:
    """What the newest result found as the cheapest plan; None: it was no search."""
    if not listed.done or "answer" not in listed.done.result:
        return None
    result = listed.done.result
    names = names_of([listed.scenario])
    share, low, high = result["sure"]
    return Answered(
        reached=result["answer"]["reached"], words=listed.plan, why=result["answer"]["why"],
        weekly_cost=result["weekly_cost"], share=100 * share, low=100 * low, high=100 * high,
        per_year=result["per_year"], on_time=100 * result["on_time"],
        tried=[_tried(one, names) for one in result["tried"]], currency=result.get("currency", ""),
        places=sum(count for _, count in result["answer"]["places"]), missing=result.get("missing_costs", []),
        proof=PROOFS.get(result["answer"].get("proof", ""), ""),
    )  # fmt: skip


def names_of(scenarios: Iterable[Scenario]) -> dict[str, str]:
    """Names of the pools and stages that changes speak of."""
    lines = {scenario.line_id for scenario in scenarios}
    pools = {f"pool:{code}": name for code, name in Pool.objects.filter(site__in=lines).values_list("code", "name")}
    stages = Stage.objects.filter(flow__is_current=True).order_by("code").distinct("code").values_list("code", "name")
    return pools | {f"stage:{code}": name for code, name in stages}


def lines_of(user: User, code: str) -> tuple[list[Site], Site | None]:
    """The lines that the person plans, and the one chosen."""
    lines = list(planned_lines(user).select_related("costs").order_by("code"))
    return lines, next((one for one in lines if one.code == code), None)


def _listed(scenarios: list[Scenario]) -> list[ListedScenario]:
    runs = ScenarioRun.objects.filter(scenario__in=scenarios).defer("inputs", "partial")
    latest = newest(runs)
    done = newest(runs.filter(status=RunStatus.DONE))
    names = names_of(scenarios)
    return [
        ListedScenario(
            one, latest.get(one.pk), done.get(one.pk), _words(one.changes, names), _plan(done.get(one.pk), names)
        )
        for one in scenarios
    ]


def _plan(done: ScenarioRun | None, names: Mapping[str, str]) -> list[str]:
    plan = done.result.get("plan", []) if done else []
    return _words([change for change in plan if change["kind"] == ChangeKind.PLACES], names)


def newest(runs: QuerySet[ScenarioRun]) -> dict[UUID, ScenarioRun]:
    """The newest run of each scenario; one query."""
    rows = runs.order_by("scenario_id", "-requested_at").distinct("scenario_id")
    return {run.scenario_id: run for run in rows}


def _words(changes: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    return [words_of(msgspec.convert(change, ScenarioChange, strict=False), names) for change in changes]


PROOFS = {
    ENUMERATED: "Proven in these simulations: every cheaper plan of places was tried or ruled out.",
    LOCAL: "Not proven: too many plans are cheaper to try them all. No place fewer, and none exchanged for a cheaper "
    "one, reaches the target.",
}


def _tried(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    places = ", ".join(f"{count:+d} {names.get(f'pool:{code}', code)}" for code, count in one["places"])
    pressed = max(sorted(one["pressed"]), key=one["pressed"].__getitem__) if one["pressed"] else ""
    return {
        "places": places or "nothing added", "cost": one["cost"], "on_time": 100 * one["on_time"],
        "reached": one["reached"], "count": one["count"],
        "pressed": f"{names.get(f'pool:{pressed}', pressed)} {100 * one['pressed'].get(pressed, 0):.0f} %",
    }  # fmt: skip
