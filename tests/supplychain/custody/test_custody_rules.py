"""Who held the cells: worked out from stage reports and hand-overs in whatever order they come."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.custody.rules.holdings import Holding, custody_of
from supplychain.custody.rules.words import gap_said, gap_words
from supplychain.custody.statuses import GapKind
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.hand_overs import hand_over_problems
from supplychain.orders.rules.states import Fact
from tests.supplychain.builders import T0, at, plain_plan
from tests.supplychain.orders.test_fold import fact

SITES = {"ordering_site": "h1", "collection_site": "h1", "plant": "p", "infusion_site": "h2"}


def both_ways() -> FlowPlan:
    """The small flow with a way back to the hospital."""
    plan = plain_plan()
    inbound = plan.stages["inbound"]
    back = replace(inbound, id=UUID(int=50), code="outbound", name="Outbound", position=6, after=("release",),
                   direction=Direction.OUTBOUND.value, kind=StageKind.TRANSPORT.value)  # fmt: skip
    infusion: StagePlan = replace(plan.stages["infusion"], position=7, after=("outbound",))
    stages = {code: stage for code, stage in plan.stages.items() if code != "infusion"}
    return replace(plan, stages=stages | {"outbound": back, "infusion": infusion})


FLOW = both_ways()
WAY = [
    fact(1, "completed", "collection", 6),
    fact(2, "started", "inbound", 8, courier="Nord"),
    fact(3, "completed", "inbound", 20),
    fact(4, "started", "outbound", 200, courier="Nord"),
    fact(5, "completed", "outbound", 220),
    fact(6, "completed", "infusion", 230),
]


def handed(number: int, hours: float, giver: str, taker: str, **said: str) -> Fact:
    return fact(number, "handed_over", "", hours, **{"from": giver, "to": taker} | said)


def chain(*facts: Fact) -> list[Holding]:
    state = fold(FLOW, T0, facts)
    return custody_of(FLOW, state.runs.values(), SITES, state.hand_overs)


def gaps(*facts: Fact) -> list[str]:
    return [one.gap.kind for one in chain(*facts) if one.gap]


def test_stage_reports_alone_make_the_chain_and_raise_nothing():
    found = chain(*WAY)
    assert [(one.holder.holder, one.since, one.until) for one in found] == [
        ("collection_site", at(6), at(8)), ("courier", at(8), at(20)), ("plant", at(20), at(200)),
        ("courier", at(200), at(220)), ("infusion_site", at(220), at(230)), ("infused", at(230), None),
    ]  # fmt: skip
    assert [one.gap for one in found] == [None] * 6
    assert found[-1].is_end


@pytest.mark.parametrize("left_out", range(6))
def test_without_hand_overs_of_their_own_no_report_that_lacks_raises_anything(left_out):
    assert not gaps(*WAY[:left_out], *WAY[left_out + 1 :])


def test_a_hand_over_refines_what_the_stage_says_and_is_not_entered_twice():
    said = handed(9, 8.2, "collection_site", "courier", given_by="Ann", seal="intact", courier="Nord")
    found = chain(*WAY, said)
    assert len(found) == 6
    assert not gaps(*WAY, said)
    assert (found[1].told.given_by, found[1].stage, found[1].since) == ("Ann", "inbound", at(8))


def test_the_last_hundred_metres_are_the_same_house():
    ward = handed(9, 222, "infusion_site", "infusion_site", place="Ward 4")
    found = chain(*WAY, ward)
    assert [(one.holder.holder, one.place) for one in found[4:]] == [
        ("infusion_site", ""), ("infusion_site", "Ward 4"), ("infused", ""),
    ]  # fmt: skip
    assert not gaps(*WAY, ward)


def test_custody_ends_with_destruction_and_nothing_is_handed_over_after_it():
    ended = [*WAY[:5], handed(9, 225, "infusion_site", "destroyed", given_by="Ann", second_person="Bo")]
    assert chain(*ended)[-1].is_end
    assert not gaps(*ended)
    assert gaps(*ended, handed(10, 226, "infusion_site", "courier")) == [GapKind.AFTER_END]


def test_who_gives_must_have_held_them():
    assert gaps(*WAY[:3], handed(9, 30, "infusion_site", "courier")) == [GapKind.UNKNOWN_GIVER]
    # The delivery is on its way to us: it is the report that lacks.
    early = handed(9, 30, "plant", "plant", place="Freezer 2")
    assert gaps(*WAY[:2], early) == [GapKind.UNREPORTED]
    assert not gaps(*WAY[:3], early)


def test_two_clocks_that_differ_by_minutes_raise_nothing():
    assert not gaps(*WAY[:3], handed(9, 19.9, "plant", "plant", place="Freezer 2"))


def test_for_longer_than_half_an_hour_nobody_held_them():
    assert not gaps(*WAY, handed(9, 8.4, "collection_site", "courier"))
    apart = [one.gap for one in chain(*WAY, handed(9, 9.5, "collection_site", "courier")) if one.gap]
    assert [(gap.kind, gap.minutes, gap.is_grave) for gap in apart] == [(GapKind.NOBODY, 90, False)]
    assert [one.gap.is_grave for one in chain(*WAY, handed(9, 13, "collection_site", "courier")) if one.gap] == [True]


def test_two_people_took_them():
    one = handed(9, 8, "collection_site", "courier", received_by="Ann")
    assert GapKind.TWICE not in gaps(*WAY[:1], one, handed(10, 8.1, "collection_site", "courier", received_by="ann"))
    assert gaps(*WAY[:1], one, handed(10, 8.1, "collection_site", "courier", received_by="Bo")) == [GapKind.TWICE]


def test_backwards_another_courier_another_place_a_broken_seal():
    assert gaps(*WAY[:2], handed(9, 10, "courier", "collection_site")) == [GapKind.BACKWARDS]
    assert gaps(*WAY[:2], handed(9, 19.9, "courier", "plant", courier="South")) == [GapKind.OTHER_COURIER]
    assert not gaps(*WAY[:3], handed(9, 19.9, "courier", "plant", courier="NORD express"))
    moved = [*WAY[:5], handed(9, 222, "infusion_site", "infusion_site", place="Pharmacy")]
    wrong = handed(10, 224, "infusion_site", "infusion_site", place="Ward", from_place="Reception")
    assert gaps(*moved, wrong) == [GapKind.OTHER_PLACE]
    assert gaps(*WAY[:2], handed(9, 20, "courier", "plant", seal="broken")) == [GapKind.BROKEN_SEAL]


def test_a_broken_seal_is_told_beside_whatever_else_is_amiss():
    stray = handed(9, 30, "infusion_site", "courier", seal="broken")
    (found,) = [one for one in chain(*WAY[:3], stray) if one.gap]
    said = gap_said(found)
    assert (found.gap.kind, said["is_seal_broken"], said["is_grave"]) == (GapKind.UNKNOWN_GIVER, True, True)
    words = gap_words(found.gap.kind, "the courier", found.since, said)
    assert "was the last known to hold them." in words
    assert words.endswith("The seal was found broken, too.")


@pytest.mark.parametrize("seals", [("intact", "broken"), ("", "broken"), ("broken", "intact")])
@pytest.mark.parametrize("hours", [(20, 20.1), (19.9, 19.95), (20.1, 19.9)])
def test_a_seal_is_broken_whichever_report_of_the_hand_over_says_so(seals, hours):
    said = [{"seal": seal, "place": place} if seal else {} for seal, place in zip(seals, ("", "Dock"), strict=True)]
    told = [handed(9 + n, hours[n], "courier", "plant", **one) for n, one in enumerate(said)]
    found = chain(*WAY[:3], *told)
    assert [(one.gap.kind, one.gap.is_grave) for one in found if one.gap] == [(GapKind.BROKEN_SEAL, True)]
    assert found[-1].place == "Dock"


@pytest.mark.parametrize("first", [{"received_by": "Ann"}, {"received_by": "Ann", "seal": "broken"}])
def test_a_broken_seal_of_a_second_report_is_told_beside_another_gap_too(first):
    told = [handed(9, 20, "courier", "plant", **first),
            handed(10, 20.1, "courier", "plant", received_by="Bo", seal="broken")]  # fmt: skip
    (found,) = [one for one in chain(*WAY[:3], *told) if one.gap]
    said = gap_said(found)
    assert (found.gap.kind, said["is_seal_broken"], said["is_grave"]) == (GapKind.TWICE, True, True)


@pytest.mark.parametrize("told", [(("damaged", ""),), (("intact", ""), ("damaged", "")), (("damaged", ""), ("", ""))])
def test_packaging_that_came_damaged_is_as_grave_as_a_broken_seal(told):
    said = [handed(9 + n, 20 + n / 10, "courier", "plant", packaging=one, seal=seal or "intact")
            for n, (one, seal) in enumerate(told)]  # fmt: skip
    found = chain(*WAY[:3], *said)[-1]
    assert (found.gap.kind, found.gap.is_grave) == (GapKind.DAMAGED, True)
    words = gap_words(found.gap.kind, "the plant", found.since, gap_said(found))
    assert words.startswith("The packaging was found damaged when the cells were handed over to the plant")


def test_damaged_packaging_and_a_broken_seal_are_both_told():
    found = chain(*WAY[:3], handed(9, 20, "courier", "plant", packaging="damaged", seal="broken"))[-1]
    said = gap_said(found)
    assert (found.gap.kind, said["is_damaged"], said["is_grave"]) == (GapKind.BROKEN_SEAL, True, True)
    words = gap_words(found.gap.kind, "the plant", found.since, said)
    assert words.endswith("The packaging was found damaged, too.")


def test_one_courier_gives_to_another():
    relay = handed(9, 12, "courier", "courier", courier="South", received_by="Di")
    found = chain(*WAY, relay)
    assert [one.holder.name for one in found if one.holder.holder == "courier"] == ["Nord", "South", "Nord"]
    assert not gaps(*WAY, relay)


def test_a_new_attempt_begins_with_cells_that_the_plant_has_kept():
    failed = [*WAY[:5], fact(7, "failed", "sterility", 226), fact(8, "started", "selection", 240, attempt=2)]
    assert [one.holder.holder for one in chain(*failed)][-2:] == ["infusion_site", "plant"]
    assert not gaps(*failed, handed(9, 250, "infusion_site", "destroyed"))


def test_a_withdrawn_hand_over_is_gone():
    said = handed(9, 30, "infusion_site", "courier")
    gone = fact(10, "withdrawn", "", 31, event=str(said.event_id), reason="It was of another order.")
    assert not gaps(*WAY[:3], said, gone)


@given(st.permutations([*WAY, handed(9, 8.4, "collection_site", "courier"), handed(10, 222, "plant", "courier"),
                        handed(11, 224, "infusion_site", "infusion_site", place="Ward")]))  # fmt: skip
def test_the_chain_is_the_same_in_whatever_order_its_facts_come(facts):
    assert chain(*facts) == chain(*sorted(facts, key=lambda one: one.event_id))


def test_what_a_hand_over_must_say():
    assert set(hand_over_problems({})) == {"from", "to"}
    assert set(hand_over_problems({"from": "plant", "to": "mars", "seal": 3, "place": " "})) == {"to", "seal", "place"}
    assert set(hand_over_problems({"from": "plant", "to": "plant"})) == {"place"}
    assert set(hand_over_problems({"from": ["x"], "to": {"y": 1}})) == {"from", "to"}
    assert not hand_over_problems({"from": "courier", "to": "courier"})


def test_a_hand_over_of_what_nobody_collected_fits_nothing():
    (gap,) = [one.gap for one in chain(handed(9, 8, "collection_site", "courier"))]
    assert (gap.kind, gap.is_grave) == (GapKind.UNCOLLECTED, True)
    # Reported late, or by a clock that is minutes behind, the collection explains it.
    assert GapKind.UNCOLLECTED not in gaps(*WAY[:1], handed(9, 8, "collection_site", "courier"))


def test_a_transport_of_which_only_the_hand_over_was_told_is_missed():
    taken, given = handed(9, 8, "collection_site", "courier"), handed(9, 20, "courier", "plant")
    assert gaps(*WAY[:1], taken) == [GapKind.STEP_SILENT]
    assert [one.gap.stage for one in chain(*WAY[:1], taken) if one.gap] == ["inbound"]
    assert not gaps(*WAY[:2], taken)
    assert gaps(*WAY[:2], given) == [GapKind.STEP_SILENT]
    assert not gaps(*WAY[:3], given)


@pytest.mark.parametrize(
    ("taker", "where"), [("courier", "the courier"), ("plant", "the plant"), ("other", "somebody else")]
)
def test_a_dose_that_leaves_the_infusion_site_is_a_grave_gap(taker, where):
    there = WAY[:5]
    sent = handed(9, 222, "infusion_site", taker, place="St James")
    [gap] = [one.gap for one in chain(*there, sent) if one.gap]
    assert (gap.kind, gap.is_grave) == (GapKind.LEFT_SITE, True)
    last = chain(*there, sent)[-1]
    words = gap_words(gap.kind, where, last.since, gap_said(last))
    assert words.startswith(f"The dose left the infusion site again: it was handed over to {where} on ")
    back = handed(10, 224, taker, "infusion_site")
    assert gaps(*there, sent, back)[0] == GapKind.LEFT_SITE


def test_what_stays_in_the_house_is_infused_or_destroyed_did_not_leave_the_infusion_site():
    there = WAY[:5]
    ward = handed(9, 222, "infusion_site", "infusion_site", place="Ward 4")
    assert not gaps(*there, ward)
    assert not gaps(*there, handed(9, 222, "infusion_site", "destroyed"))
    assert not gaps(*WAY, ward)


def test_cells_of_a_new_collection_at_the_infusion_site_are_no_dose_that_leaves_it():
    sites = SITES | {"infusion_site": "h1"}
    sent = handed(9, 222, "collection_site", "courier")
    state = fold(FLOW, T0, [*WAY[:5], sent])
    found = custody_of(FLOW, state.runs.values(), sites, state.hand_overs)
    assert GapKind.LEFT_SITE not in [one.gap.kind for one in found if one.gap]
