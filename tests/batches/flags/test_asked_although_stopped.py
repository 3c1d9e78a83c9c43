"""A flag that asks for reports which a doubt keeps back says who may make them."""

from dataclasses import replace

from batches.flags.rules.judging import judge
from batches.flags.rules.stopped_asks import with_reporters_named
from batches.judgement.statuses import FlagCode
from tests.batches.builders import a_shared, a_surprise, an_order, at, running, waiting

ASK = "Site coordinator: have the start and end of Apheresis reported."


def test_of_reports_that_the_flag_itself_keeps_back_quality_assurance_is_named():
    facts = an_order(waiting("selection"), surprises=[a_surprise("contradicts")])
    odd = next(one for one in judge(facts, at(40)).findings if one.code == FlagCode.OUT_OF_SEQUENCE)
    asking = replace(odd, next_step=ASK, asks_reports=True)
    other = replace(asking, code=FlagCode.SILENT)
    told = with_reporters_named(facts, [asking, other])
    said = "Quality assurance makes these reports, with a reason: "
    assert told[0].next_step == f"{ASK} {said}this flag keeps everybody else from them."
    assert told[1].next_step == f"{ASK} {said}“Facts that do not fit” keeps everybody else from them."


def test_nothing_is_added_where_nobody_is_kept_from_reporting():
    facts = an_order(waiting("selection"), surprises=[a_surprise("after_end")])
    odd = next(one for one in judge(facts, at(40)).findings if one.code == FlagCode.OUT_OF_SEQUENCE)
    assert with_reporters_named(facts, [replace(odd, next_step=ASK, asks_reports=True)])[0].next_step == ASK


def test_which_flag_asks_for_reports_is_no_matter_of_its_words():
    facts = an_order(waiting("selection"), surprises=[a_surprise("contradicts")])
    odd = next(one for one in judge(facts, at(40)).findings if one.code == FlagCode.OUT_OF_SEQUENCE)
    other = replace(odd, next_step="QA: have the dose, as reported, kept aside.")
    assert with_reporters_named(facts, [other])[0].next_step == other.next_step
    asking = replace(odd, next_step="QA: find out what Sterility found, and have it reported.", asks_reports=True)
    assert "Quality assurance makes these reports" in with_reporters_named(facts, [asking])[0].next_step


def test_work_that_a_doubt_about_identity_stops_is_not_asked_to_end():
    facts = an_order(running("selection", 40), done_until="receipt", shared=(a_shared(),))
    told = {one.code: one for one in judge(facts, at(53)).findings}
    assert told[FlagCode.STAGE_LATE].next_step == told[FlagCode.IDENTITY_SHARED].next_step


def test_cells_under_way_are_looked_for_all_the_same():
    facts = an_order(running("inbound", 10), done_until="collection", shared=(a_shared(),))
    told = {one.code: one for one in judge(facts, at(40)).findings}
    assert "what holds it up" in told[FlagCode.STAGE_LATE].next_step
