"""A report that is withdrawn stays as a fact; the order's state is worked out without it, however the facts come."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.orders.rules.durations import PREPARED_BEFORE
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact
from supplychain.orders.rules.withdrawals import needs_quality, needs_second_person
from supplychain.orders.statuses import StageStatus
from tests.supplychain.builders import T0, at
from tests.supplychain.orders.test_fold import FLOW, histories, view


def fact(number: int, kind: str, stage: str, hours: float, *, by: str = "s", **payload) -> Fact:
    moment = at(hours)
    return Fact(
        UUID(int=number), kind, stage, None, moment, moment + timedelta(minutes=5), "", payload, by, f"{number}"
    )


def against(number: int, event: Fact, hours: float, by: str = "qa") -> Fact:
    said = {"event": str(event.event_id), "reason": "wrong patient"}
    return fact(number, "withdrawn", event.stage, hours, by=by, **said)


@st.composite
def histories_with_withdrawals(draw) -> list[Fact]:
    facts = draw(histories)
    wrong = draw(st.lists(st.sampled_from(facts), max_size=6)) if facts else []
    sayers = st.sampled_from(["qa", "ops"])
    return facts + [against(100 + n, event, 20 + n, draw(sayers)) for n, event in enumerate(wrong)]


@given(histories_with_withdrawals(), st.randoms())
def test_withdrawn_facts_count_nowhere_however_shuffled_and_doubled_they_come(facts, random):
    shuffled = [*facts, *facts[::2]]
    random.shuffle(shuffled)
    once = fold(FLOW, T0, facts)
    known: dict[UUID, Fact] = {one.event_id: one for one in shuffled}
    assert view(fold(FLOW, T0, known.values())) == view(once)
    gone = set(once.withdrawn)
    kept = [one for one in facts if str(one.event_id) not in gone and one.kind != "withdrawn"]
    assert fold(FLOW, T0, kept).runs == once.runs


def test_a_release_that_never_was_takes_two_to_withdraw():
    started, released = fact(1, "started", "release", 60), fact(2, "completed", "release", 80)
    one = fold(FLOW, T0, [started, released, against(3, released, 90), against(4, released, 91)])
    assert (one.run_of("release").status, one.withdrawn) == (StageStatus.COMPLETED, [])
    two = fold(FLOW, T0, [started, released, against(3, released, 90), against(4, released, 91, by="head of qa")])
    assert (two.run_of("release").status, two.withdrawn) == (StageStatus.RUNNING, [str(UUID(int=2))])
    reasons = [surprise["reason"] for surprise in one.surprises], [surprise["reason"] for surprise in two.surprises]
    assert [each[-1] for each in reasons] == ["withdrawal_asked", "withdrawn"]


@pytest.mark.parametrize("stage", FLOW.stages)
@pytest.mark.parametrize("kind", ["failed", "started", "completed", "skipped", "held", "note"])
def test_every_failure_the_release_and_the_infusion_are_undone_by_two_of_whom_one_is_quality_assurance(kind, stage):
    wants = kind == "failed" or stage in ("release", "infusion")
    assert needs_quality(FLOW.stages[stage], kind) == wants
    assert needs_second_person(FLOW, kind, stage, {}) == (wants or stage == "collection")
    said = fact(1, kind, stage, 5)
    alone = [] if wants or stage == "collection" else [str(said.event_id)]
    assert fold(FLOW, T0, [said, against(2, said, 6)]).withdrawn == alone
    assert fold(FLOW, T0, [said, against(2, said, 6), against(3, said, 7, by="ops")]).withdrawn == [str(said.event_id)]


def test_two_different_ends_are_flagged_and_the_same_end_told_twice_is_not():
    start = fact(1, "started", "selection", 10)
    first = fact(2, "completed", "selection", 20, by="desk", duration_confirmed=True)
    again, other = fact(3, "completed", "selection", 20.1, by="mes"), fact(4, "completed", "selection", 22, by="mes")
    texts = [one["text"] for one in fold(FLOW, T0, [start, first, again]).surprises if one["reason"] == "other_end"]
    assert texts == []
    (text,) = (one["text"] for one in fold(FLOW, T0, [start, first, other]).surprises if one["reason"] == "other_end")
    assert text == "Selection completed 2 h later than an earlier report says; the earlier end counts"


def test_a_machines_end_after_a_tenth_of_the_plan_is_flagged_a_confirmed_one_is_not():
    start = fact(1, "started", "selection", 10)
    (short,) = (
        one
        for one in fold(FLOW, T0, [start, fact(2, "completed", "selection", 10.15)]).surprises
        if one["reason"] == "too_short"
    )
    assert short["text"] == "Selection completed 9 min after its start; planned 12 h"
    meant = fact(2, "completed", "selection", 10.15, duration_confirmed=True)
    assert "too_short" not in [one["reason"] for one in fold(FLOW, T0, [start, meant]).surprises]
    denied = fact(2, "completed", "selection", 10.15, duration_confirmed=False)
    assert "too_short" in [one["reason"] for one in fold(FLOW, T0, [start, denied]).surprises]


def too_short(*facts: Fact) -> list[str]:
    return [one["text"] for one in fold(FLOW, T0, facts).surprises if one["reason"] == "too_short"]


def test_an_end_without_a_start_is_measured_from_when_the_stage_could_begin():
    before = [fact(number, "completed", code, 10) for number, code in enumerate(("collection", "inbound"), 1)]
    ends = {hours: too_short(*before, fact(8, "completed", "selection", hours)) for hours in (9, 10.1, 10.1 + 12)}
    words = "Selection completed 6 min after it could begin, and no start is known; planned 12 h"
    assert [[one for one in texts if one.startswith("Selection")] for texts in ends.values()] == [[], [words], []]


def test_of_what_is_over_in_a_moment_or_was_prepared_nothing_is_measured_without_a_start():
    codes = [code for code in FLOW.stages if FLOW.stages[code].kind in PREPARED_BEFORE]
    ends = [fact(number, "completed", code, 10) for number, code in enumerate(FLOW.stages, 1)]
    assert codes
    assert [one for one in too_short(*ends) if any(one.startswith(FLOW.stages[code].name) for code in codes)] == []


def test_a_system_settles_no_doubt_about_its_own_report_but_names_who_did():
    start, end = fact(1, "started", "selection", 10), fact(2, "completed", "selection", 10.15, duration_confirmed=True)
    assert [bool(too_short(start, one)) for one in (end, end._replace(is_of_system=True))] == [False, True]
    named = end._replace(is_of_system=True, payload={"duration_confirmed": "Kari Nordmann"})
    assert too_short(start, named) == []
    assert too_short(start, named._replace(payload={"duration_confirmed": " "})) != []


@pytest.mark.parametrize(("first", "reason"), [([], "other_start"), (["failed"], "other_end")])
def test_a_start_or_failure_of_another_moment_is_noted_and_the_earlier_one_counts(first, reason):
    kind = first[0] if first else "started"
    said = [fact(number, kind, "selection", 10) for number, kind in enumerate(["started", *first], 1)]
    again, other = fact(5, kind, "selection", 10.1), fact(6, kind, "selection", 70)
    assert [one["reason"] for one in fold(FLOW, T0, [*said, again]).surprises] == ["before_predecessor"]
    state = fold(FLOW, T0, [*said, other])
    (text,) = (one["text"] for one in state.surprises if one["reason"] == reason)
    assert text.endswith(f"later than an earlier report says; the earlier {'failure' if first else 'start'} counts")
    run = state.run_of("selection")
    assert (run.failed_at if first else run.started_at) == at(10)
