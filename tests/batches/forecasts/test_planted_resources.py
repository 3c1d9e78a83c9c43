"""The forecast in a world in which one suite is slower than the others, and in one in which all are alike."""

from dataclasses import replace

import numpy as np
import pytest

from batches.calibration.queries.replays import learned_of_line, line_as_of
from batches.calibration.rules.gate import judge
from batches.durations.rules.curves import constant
from batches.durations.rules.paces import Pace
from batches.forecasts.models import RefinementState
from batches.forecasts.queries.line_states import line_facts as facts_of_line
from batches.forecasts.queries.refinements import learned_row, refinements_of
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.statuses import Refinement
from supplychain.orders.actions.events import record_event
from tests.batches.builders import a_run, at, running
from tests.batches.calibration.builders import ScoredWorld
from tests.batches.forecasts.line_builders import SITE, kind, line_facts, line_order
from tests.bench.refinements import brier
from tests.bench.resources import forecasts
from tests.supplychain.builders import at as moment
from tests.supplychain.builders import report

SLOW = Pace("a product", SITE, "expansion", "Suite 1", float(np.log(1.5)), 0.9)


@pytest.mark.long
def test_with_a_slow_suite_in_the_world_the_forecast_is_near_who_knows_it():
    found = forecasts(1, 1.5, orders=300, paths=200)
    plain, refined, exact = (brier(one, found.came) for one in (found.plain, found.refined, found.exact))
    assert refined < exact + 0.006 < plain - 0.015
    assert judge(found.pairs(), was_used=False).is_used


@pytest.mark.long
def test_where_all_suites_are_alike_it_stays_out():
    found = forecasts(1, 1.0, orders=150, paths=100)
    assert brier(found.refined, found.came) == pytest.approx(brier(found.plain, found.came), abs=0.003)
    assert not judge(found.pairs(), was_used=False).is_used


def test_a_stage_takes_the_hours_of_the_suite_in_which_it_is_at_work_or_booked():
    """100 hours in suites of which nothing is known and for an order to come, 150 in the slow one."""
    booked = a_run("expansion")._replace(resource="Suite 1")
    failed = a_run("expansion", "failed", started=-10, failed=-1)._replace(resource="Suite 1")
    orders = (
        line_order(1, running("expansion", started=-10)._replace(resource="Suite 1"), done_until="transduction"),
        line_order(2, booked, done_until="selection"),
        line_order(3, booked._replace(resource="Suite 9"), done_until="selection"),
        line_order(4, done_until="selection"),
        line_order(5, failed, done_until="transduction"),  # in which suite it begins anew is not known
    )
    facts = line_facts(*orders, curves={"expansion": constant(100)}, recent=[kind()])

    state, plain = (line_state(replace(facts, refined=Refined(paces=one)), at(0)) for one in ((SLOW,), ()))

    def hours_in(one) -> list[float]:
        visits = [next(v for v in order.visits if v.stage == "expansion") for order in one.orders]
        return [round(one.curves[visit.curve][0], 6) for visit in visits]

    assert hours_in(state) == [150, 150, 100, 100, 100, 100]
    assert set(hours_in(plain)) == {100}


@pytest.mark.django_db
class TestOnRecord:
    def reported(self, world: ScoredWorld, number: int, suite: str, hours: float, *, completed: bool = True) -> None:
        order = world.order(coi=f"CO-{number}")
        for stage, start, end in (("collection", 2, 8), ("inbound", 10, 30)):
            world.say(order, "started", stage, start)
            world.say(order, "completed", stage, end)
        said = [report(order, "started", "selection", 40, resource=suite)]
        said += [report(order, "completed", "selection", 40 + hours)] if completed else []
        for one in said:
            assert record_event(one, by=world.reporter, now=moment(200)).reason == ""

    def test_what_was_reported_of_suites_is_learned_stored_and_used(self):
        """Six runs of ten to eleven hours in one suite, six of thirty to thirty-three in the other."""
        world = ScoredWorld()
        for number in range(12):
            suite, hours = ("Suite A", 10) if number % 2 else ("Suite B", 30)
            self.reported(world, number, suite, hours * (1 + number / 110))
        self.reported(world, 99, "Suite B", 0, completed=False)

        learned = learned_of_line(world.plant.pk, now=moment(210))

        first, second = learned.paces
        assert (first.stage, first.resource, second.resource) == ("selection", "Suite A", "Suite B")
        assert second.slower - first.slower == pytest.approx(np.log(3), abs=0.02)
        RefinementState.objects.create(
            line=world.plant, refinement=Refinement.RESOURCES, is_used=True, changed_at=moment(0), why="",
            refreshed_at=moment(0), learned=learned_row(Refinement.RESOURCES, learned),
        )  # fmt: skip
        found = refinements_of(world.plant.pk).refined
        assert (found.paces, found.model) == (learned.paces, "mc-1+r")
        for read in (facts_of_line(world.plant.pk, moment(210)), line_as_of(world.plant.pk, moment(210)).facts):
            suites = {one.facts.stages["selection"].run.resource for one in read.orders}
            assert suites == {"Suite A", "Suite B"}
