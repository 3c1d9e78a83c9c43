"""What orders of one kind have in common is looked up once for the line, and every order still stands for itself."""

import pytest

from batches.forecasts.rules import line_states
from batches.forecasts.rules.line_states import line_state
from supplychain.orders.statuses import Priority, StageStatus
from tests.batches.builders import FLOW, a_run, at
from tests.batches.forecasts.line_builders import kind, line_facts, line_order


@pytest.fixture
def looked_up(monkeypatch) -> list[str]:
    """The stages whose permitted wait was asked for."""
    asked, own = [], line_states.permitted_hours
    monkeypatch.setattr(line_states, "permitted_hours", lambda plan: asked.append(plan.code) or own(plan))
    return asked


@pytest.mark.parametrize("orders", [1, 20])
def test_a_line_looks_each_stage_of_a_kind_up_once(looked_up, orders):
    line_state(line_facts(*map(line_order, range(orders)), recent=[kind()] * 3 * orders), at(0))
    assert sorted(looked_up) == sorted(FLOW.stages)


def test_an_order_among_others_goes_as_it_goes_alone():
    orders = [
        line_order(1),
        line_order(2, a_run("selection", StageStatus.RUNNING, ready=-5, started=-4)),
        line_order(3, priority=Priority.URGENT),
    ]
    together = line_state(line_facts(*orders), at(0)).orders
    assert together == [line_state(line_facts(order), at(0)).orders[0] for order in orders]


def test_kinds_at_other_sites_have_stages_of_their_own():
    there = kind()._replace(sites=dict.fromkeys(kind().sites, "another site"))
    facts = line_facts(recent=[kind()] * 4 + [there] * 4)
    curves = {tuple(visit.curve for visit in one.visits) for one in line_state(facts, at(0)).orders}
    assert len(curves) == 2
