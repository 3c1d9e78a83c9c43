"""How long a dose may still wait: each situation is stated once, and everybody who says it is asked."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from batches.calibration.actions import score_predictions
from batches.flags.queries.flags import readings_for
from batches.flags.rules.waiting import warned_wait
from batches.forecasts.models import Prediction
from batches.forecasts.queries.line_states import line_facts
from batches.forecasts.rules.line_states import line_state
from batches.judgement.queries import orders_named
from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.lines.queries.lines import all_stages, line_figures, window_of
from dashboards.lines.queries.orders import Part, WantedRuns, runs_behind
from dashboards.orders.rules.spans import all_spans
from dashboards.orders.rules.time_lines import BarKind
from supplychain.flows.actions import SHIPPED_FLOWS, load_flow
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_events
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.rules.waits import permitted_hours, permitted_wait
from supplychain.people.statuses import Role
from supplychain.recording.queries import next_steps
from tests.supplychain.builders import T0, World, at, make_user, plain_plan, report

pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")
WAY = ("enrolment", "collection", "inbound", "receipt", "selection", "transduction", "expansion", "harvest",
       "qc_release_tests", "disposition", "outbound", "site_receipt", "infusion")  # fmt: skip
# Each stage is completed an hour after the one before it, so stage number n is ready n hours after T0.
FIRST_DAY = "    longest_wait: 24\n    # No fixed limit"


def events_until(stage: str, *, cold: float | None = None) -> list[dict]:
    """Everything before `stage` is over; the last shipper's cold is guaranteed to `cold` hours after T0."""
    rows = []
    for number, code in enumerate(WAY[: WAY.index(stage)]):
        said = {"qualified_until": at(cold).isoformat()} if cold and code in ("inbound", "outbound") else {}
        rows += [("started", code, number + 0.5, {}), ("completed", code, number + 1, said)]
    return [report("", kind, code, hours, payload=said) for kind, code, hours, said in rows]


def bag(number: str, expires: float, hours: float = 8.5, **said) -> dict:
    """A final bag that expires so many hours after T0."""
    said = {"number": number, "kind": "final_bag", "expires_at": at(expires).isoformat()} | said
    return report("", "material", hours=hours, payload=said)


def gone(number: str, hours: float = 9.5) -> dict:
    return report("", "material_is", hours=hours, payload={"number": number, "status": "destroyed", "reason": "torn"})


def new_attempt() -> list[dict]:
    """Made, failed, and begun anew from stored cells: selection of the second attempt waits since hour 8.2."""
    rows = events_until("qc_release_tests")
    failed = [report("", "started", "qc_release_tests", 8.1), report("", "failed", "qc_release_tests", 8.2)]
    return [*rows, *failed, report("", "scheduled", "selection", 9, attempt=2)]


# situation: events, stage that waits, hours after T0 until when it may (None: any wait), when it counts as run out
SITUATIONS = {
    "fresh cells wait for the courier": (events_until("inbound"), "inbound", 2 + 24, 2 + 24),
    "a new attempt from stored cells, planned wait 48 h": (new_attempt(), "selection", None, None),
    "receipt, the shipper's cold 5 h more, planned wait 12 h": (events_until("receipt", cold=8), "receipt", 8, 8),
    "receipt, the shipper's cold longer than the planned wait": (events_until("receipt", cold=90), "receipt", 15, 15),
    "custody, planned wait 24 h, the shipper's cold 200 h": (
        events_until("site_receipt", cold=211), "site_receipt", 211, 211,
    ),
    "custody, planned wait 24 h, no word of the cold": (events_until("site_receipt"), "site_receipt", 35, 35),
    "a stage that follows at once is given an hour to be reported": (events_until("expansion"), "expansion", 6, 7),
    "a dose that expires before the flow's wait is over": (
        [*events_until("infusion"), bag("B-1", 200)], "infusion", 200, 200,
    ),
    "two bags: the first to expire counts": (
        [*events_until("infusion"), bag("B-1", 300), bag("B-2", 200, 8.6)], "infusion", 200, 200,
    ),
    "a bag that was destroyed does not": (
        [*events_until("infusion"), bag("B-1", 300), bag("B-2", 200, 8.6), gone("B-2")], "infusion", 300, 300,
    ),
    "a dose that keeps longer than the flow lets it wait": (
        [*events_until("site_receipt"), bag("B-1", 900)], "site_receipt", 35, 35,
    ),
    "a dose that expires before its courier starts, where any wait is permitted": (
        [*events_until("outbound"), bag("B-1", 40)], "outbound", 40, 40,
    ),
    "any wait is permitted": (events_until("disposition"), "disposition", None, None),
}  # fmt: skip


class Waiting(World):
    """An order of a flow with a limit in custody, brought to where it waits."""

    def __init__(self, events: list[dict], stage: str) -> None:
        super().__init__()
        text = (SHIPPED_FLOWS / "car_t_fresh.yaml").read_text(encoding="utf-8")
        assert "    # No fixed limit" in text
        load_flow(text.replace("    # No fixed limit", FIRST_DAY), by=None, now=T0)
        self.order = self.order(product="cd19-a")
        rows = [row | {"order": str(self.order.pk)} for row in events]
        assert {result.reason for result in record_events(rows, by=self.reporter, now=at(12))} == {""}
        self.order = PatientOrder.objects.get(pk=self.order.pk)
        self.run = StageRun.objects.get(order=self.order, stage__code=stage, attempt=self.order.attempt)
        self.now = self.run.ready_at + timedelta(minutes=30)
        self.stage = stage
        self.person = make_user("ada", self.oslo, self.plant, role=Role.SITE_COORDINATOR)

    def facts(self):
        (row,) = orders_named([self.order.pk])
        return readings_for([row]).facts_of(row)

    def flag(self):
        warned = warned_wait(self.facts().stages[self.stage])
        return warned and warned.wait.until

    def simulation(self):
        """When the simulated wait runs out."""
        state = line_state(line_facts(self.plant.pk, self.now), self.now)
        (visits,) = [order.visits for order in state.orders[:1]]
        (visit,) = [visit for visit in visits if visit.stage == self.stage]
        is_endless = visit.longest_wait == float("inf")
        return None if is_endless else self.run.ready_at + timedelta(hours=visit.longest_wait)

    def next_step(self):
        (step,) = [step for step in next_steps(self.order, self.now) if step.stage == self.stage]
        return step.due

    def time_line(self):
        runs = {self.stage: self.order.stage_runs.filter(stage__code=self.stage, attempt=self.order.attempt)}
        spans = all_spans(flow_plan(self.order.flow_id), runs, self.order.ordered_at, self.now)[self.stage]
        ends = [span.end for span in spans if span.kind == BarKind.PERMITTED]
        return ends[0] if ends else None

    def card(self):
        page = site_page(Centres.of(self.person), SiteFilter.read(QueryDict()), self.now)
        return {need.stage: need.due for line in page.lines for need in line.card.needs}

    def is_listed_past(self, now) -> bool:
        """Whether the lines' number and the list behind it count the order as one that waits too long."""
        site = self.plant if self.run.site_id == self.plant.pk else self.oslo
        stages = all_stages("")
        window = window_of([site], stages.values(), 8, now, UTC)
        wanted = WantedRuns(Part.PAST, self.stage, None, None, None, None)
        listed = runs_behind(site, wanted, window, UTC).filter(pk=self.run.pk).exists()
        (line,) = line_figures([site], stages, window)
        (row,) = [row for group in line.groups for row in group.rows if row.stage.code == self.stage]
        assert (row.load.past_permitted == 1) == listed
        return listed

    def score(self, now) -> bool:
        """Whether a prediction made in time is scored as a wait that ran out, had the order been cancelled at `now`."""
        made = Prediction.objects.create(
            order=self.order, line=self.plant, made_at=self.run.ready_at, model="mc-1", paths=1, p_late=0.0,
            p_wait_expires=0.0, p_no_dose=0.0, ready_low=now, ready_median=now, ready_high=now, baseline_ready_at=now,
        )  # fmt: skip
        (cancelled,) = record_events(
            [report(self.order, "cancelled", hours=(now - T0) / timedelta(hours=1))], by=self.reporter, now=now
        )
        assert not cancelled.reason
        score_predictions(now=now + timedelta(hours=1))
        made.refresh_from_db()
        return made.wait_expired


@pytest.mark.parametrize("situation", SITUATIONS)
def test_everybody_says_the_same(situation):
    events, stage, until, expires = SITUATIONS[situation]
    waiting = Waiting(events, stage)
    said = at(until) if until is not None else None
    until_or_at_once = None if until is not None and at(until) <= waiting.run.ready_at else said

    assert waiting.flag() == said
    assert waiting.simulation() == (at(expires) if expires is not None else None)
    assert waiting.next_step() == said
    assert waiting.time_line() == until_or_at_once
    card = waiting.card()
    assert card.get(stage, said) == said
    if stage in ("inbound", "site_receipt"):
        assert stage in card
    just = timedelta(seconds=1)
    if expires is None:
        late = waiting.now + timedelta(days=400)
        assert (waiting.is_listed_past(late), waiting.score(late)) == (False, False)
    else:
        assert [waiting.is_listed_past(at(expires) + step) for step in (-just, just)] == [False, True]
        assert waiting.score(at(expires) + just)


def test_a_wait_that_was_kept_is_not_scored_as_run_out():
    events, stage, _, expires = SITUATIONS["fresh cells wait for the courier"]
    assert not Waiting(events, stage).score(at(expires) - timedelta(seconds=1))


def test_a_later_word_of_the_cold_moves_the_limit():
    events, stage, _, _ = SITUATIONS["receipt, the shipper's cold 5 h more, planned wait 12 h"]
    waiting = Waiting(events, stage)
    recharged = report(waiting.order, "note", "inbound", 3.2, payload={"qualified_until": at(10).isoformat()})
    record_events([recharged], by=waiting.reporter, now=at(12))
    waiting.run.refresh_from_db()
    assert (waiting.run.wait_until, waiting.run.wait_limit) == (at(10), "qualified_until")


@pytest.mark.parametrize("hours", [None, 0, 1, 1.5, 48])
def test_what_a_flow_permits_is_simulated_as_what_is_then_flagged(hours):
    plan = replace(plain_plan().stages["selection"], longest_wait_hours=hours)
    wait = permitted_wait(plan, 1, T0, ())
    assert permitted_hours(plan) == (wait and (wait.expires_at - T0) / timedelta(hours=1))
