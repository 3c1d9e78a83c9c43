"""Which rows count for an order: the newest attempt of every stage, with the site's own past."""

from uuid import UUID

from batches.judgement.rules.facts import LateFailure, OrderRow, Surroundings, Usual, order_facts
from supplychain.orders.statuses import OrderStatus, StageStatus
from tests.batches.builders import FLOW, T0, a_run, at, completed, failed, running, waiting

PRODUCT, NOTHING = UUID(int=4), Surroundings({}, {})


def row(attempt: int = 1) -> OrderRow:
    return OrderRow(UUID(int=7), FLOW.id, PRODUCT, frozenset(), OrderStatus.IN_PROGRESS, attempt, T0, None, None, None)


def test_the_newest_attempt_of_a_stage_counts_and_the_others_keep_theirs():
    runs = [
        completed("collection"),
        failed("selection"),
        waiting("selection", attempt=2),
        running("expansion", attempt=3),
    ]

    facts = order_facts(row(attempt=2), FLOW, runs, NOTHING, [])

    assert [facts.stages[code].run for code in ("collection", "selection")] == [runs[0], runs[2]]
    assert facts.stages["expansion"].run.status == StageStatus.PENDING
    assert [stage.plan.code for stage in facts.active] == ["selection"]


def test_the_sites_own_median_counts_from_twenty_runs_on():
    def work(runs: int) -> tuple[float, str]:
        usual = {("a site", str(PRODUCT), "selection"): Usual(15.5, runs)}
        stage = order_facts(row(), FLOW, [waiting("selection")], Surroundings({}, usual), []).stages["selection"]
        return stage.work_hours, stage.work_basis

    assert work(19) == (12, "planned")
    assert work(20) == (15.5, "median of 20 past runs here")


def test_the_queue_is_that_of_the_pool_at_the_site_of_the_stage():
    queues = {("a site", "suite"): 18.0, ("another site", "qc_lane"): 6.0}

    stages = order_facts(
        row(), FLOW, [waiting("selection"), a_run("qc_release_tests")], Surroundings(queues, {}), []
    ).stages

    assert (stages["selection"].queue_hours, stages["qc_release_tests"].queue_hours) == (18.0, 0.0)


def test_a_failed_test_of_an_earlier_attempt_counts_only_if_its_dose_was_given():
    given = [failed("sterility_final", 400), completed("infusion", 380)]

    assert order_facts(row(attempt=2), FLOW, given, NOTHING, []).late_failures == (
        LateFailure(FLOW.stages["sterility_final"], 1, at(400), at(380)),
    )
    assert order_facts(row(attempt=2), FLOW, given[:1], NOTHING, []).late_failures == ()
    assert order_facts(row(attempt=1), FLOW, given, NOTHING, []).late_failures == ()
    now_given = [failed("sterility_final", 900, attempt=2), completed("infusion", 880, attempt=2)]
    assert order_facts(row(attempt=2), FLOW, now_given, NOTHING, []).late_failures == ()
