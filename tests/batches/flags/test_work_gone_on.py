"""Work that systems report on cells in doubt is kept, and the flag tells of it anew."""

import pytest

from batches.flags.actions.people import acknowledge_flag, settle_flag
from batches.flags.models import Flag
from batches.flags.queries.stops import raised_stops
from batches.flags.rules.judging import judge
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.ready import ready_of
from batches.judgement.rules.doubts import StandingDoubt
from batches.judgement.statuses import FlagCode
from tests.batches.builders import a_shared, an_order, at, failed, running, waiting
from tests.batches.flags.interlocked import InterlockWorld, failed_after_infusion, judged, mixed_up, told
from tests.batches.judging import changes, evaluate, make_due
from tests.supplychain.builders import at as clock

LABEL = "donation:G123498654321"


def in_doubt(*went_on, is_settled=False, hours=35):
    told = tuple((*one, at(hours)) for one in went_on)
    doubt = StandingDoubt(FlagCode.IDENTITY_SHARED, "", LABEL, is_settled, told)
    runs = (running("selection", 30),)
    return an_order(*runs, done_until="receipt", shared=(a_shared(),), doubts=(doubt,), promised=500)


def shared_of(order, now=40):
    return next(one for one in judge(order, at(now)).findings if one.code == FlagCode.IDENTITY_SHARED)


def test_the_flag_says_what_was_begun_in_spite_of_it_and_is_another_fact():
    before, after = shared_of(in_doubt()), shared_of(in_doubt(("selection", "started"), ("selection", "completed")))
    assert after.why == f"Selection was begun in spite of it: {before.why}"
    assert (after.gist != before.gist, after.evidence["went_on"]) == (True, ["selection"])
    both = shared_of(in_doubt(("receipt", "completed"), ("selection", "started")))
    assert both.why.startswith("Receipt was completed and Selection was begun in spite of it: ")
    several = shared_of(in_doubt(("receipt", "started"), ("selection", "started")))
    assert several.why.startswith("Receipt and Selection were begun in spite of it: ")


def test_work_that_is_reported_for_later_was_not_begun_in_spite_of_it():
    order = in_doubt(("infusion", "started"), hours=48)
    assert shared_of(order).why == shared_of(in_doubt()).why
    assert judge(order, at(40)).next_at <= at(48)
    assert shared_of(order, now=48).why.startswith("Infusion was begun in spite of it: ")


def test_tests_and_what_comes_before_a_failed_stage_are_not_work_in_spite_of_it():
    assert shared_of(in_doubt(("qc_release_tests", "started"))).gist == shared_of(in_doubt()).gist
    told = (("harvest", "completed", at(25)), ("outbound", "started", at(30)))
    doubt = StandingDoubt(FlagCode.STAGE_FAILED, "disposition", "", False, told)
    order = an_order(failed("disposition", 20), running("outbound", 30), done_until="qc_release_tests", doubts=(doubt,))
    (found,) = [one for one in judge(order, at(40)).findings if one.code == FlagCode.STAGE_FAILED]
    assert found.why.startswith("Outbound was begun in spite of it: Disposition: rejected")


@pytest.mark.parametrize(("is_settled", "assumes"), [(False, "if the identity is cleared"), (True, "")])
def test_a_forecast_rests_on_the_clearing_of_a_doubt_until_it_is_settled(is_settled, assumes):
    order = in_doubt(is_settled=is_settled)
    verdict = judge(order, at(40))
    assert ready_of(order, verdict.forecast, at(40)).assumes == assumes
    late = [one for one in verdict.findings if one.code == FlagCode.PROMISE_AT_RISK]
    assert [one.why.startswith("If the identity is cleared: ") for one in late] == [not is_settled]
    assert [one.next_step == shared_of(order).next_step for one in late] == [not is_settled]


def test_a_dose_that_is_ready_in_doubt_has_kept_no_promise():
    order = an_order(waiting("infusion", 20), done_until="site_receipt", shared=(a_shared(),), promised=500)
    ready = ready_of(order, judge(order, at(40)).forecast, at(40))
    assert ready.how_known(at(40)) == "reported; if the identity is cleared"
    assert ready.stands(at(40)) == "not known to be kept"


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


def flag_of(order) -> Flag:
    return Flag.objects.get(order=order, code=FlagCode.IDENTITY_SHARED)


def mixed_up_and_told(world):
    order = mixed_up(world)
    make_due([order], 31)
    evaluate(31)
    return order


def test_it_is_told_again_and_its_acknowledgement_lapses(world):
    order = mixed_up_and_told(world)
    flag = flag_of(order)
    acknowledge_flag(flag.pk, by=world.operator, person="Ola", comment="Labels are compared.", now=clock(32))
    told(world, order, ("started", "selection", 33))
    evaluate(34)
    flag.refresh_from_db()
    assert (flag.acknowledged_at, flag.raised_at) == (None, clock(34))
    assert flag.why.startswith("Selection was begun in spite of it: ")
    assert changes(order, FlagCode.IDENTITY_SHARED)[-1][0] == "raised_again"
    make_due([order], 35)
    evaluate(35)
    assert flag_of(order).raised_at == clock(34)
    assert ready_forecasts([order.pk], clock(35))[order.pk].assumes == "if the identity is cleared"


def test_what_goes_on_once_it_is_settled_is_not_in_spite_of_it(world):
    order = mixed_up_and_told(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Both labels were compared: mine.", now=clock(32))
    told(world, order, ("started", "selection", 33))
    evaluate(34)
    assert "in spite" not in flag_of(order).why
    assert flag_of(order).raised_at == clock(31)
    assert ready_forecasts([order.pk], clock(35))[order.pk].assumes == ""
    (stop,) = [one for one in raised_stops([order.pk]) if one.doubt]
    assert stop.flag_id == flag_of(order).pk


def test_what_happened_before_the_flag_and_is_only_heard_later_is_not_in_spite_of_it(world):
    order = mixed_up_and_told(world)
    told(world, order, ("started", "selection", 30.5))
    make_due([order], 35)
    evaluate(35)
    assert flag_of(order).raised_at == clock(31)


def test_a_late_failure_says_nothing_of_what_came_before(world):
    order = failed_after_infusion(world)
    judged()
    assert "in spite" not in Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED).why
