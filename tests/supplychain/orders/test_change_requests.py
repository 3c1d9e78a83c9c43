"""What a treatment centre asks for and the plant answers, folded from the facts in whatever order they come."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import ChangeRequest, Fact
from supplychain.templatetags.records import replaced as replaced_words
from tests.supplychain.builders import T0, at, plain_plan
from tests.supplychain.orders.test_fold import fact, view

FLOW = plain_plan()
ILL = {"wish": "hold", "cause": "too_ill", "reason": "Fever since the night."}


def asked(number: int, hours: float, **payload) -> Fact:
    return fact(number, "change_asked", "", hours, **{"wish": "hold", "cause": "too_ill"} | payload)


def about(number: int, kind: str, hours: float, request: int, **payload) -> Fact:
    return fact(number, kind, "", hours, request=str(UUID(int=request)), **payload)


def declined(number: int, hours: float, request: int) -> Fact:
    return about(number, "answered", hours, request, answer="declined", reason="Too late.")


def change(*facts: Fact) -> ChangeRequest | None:
    return fold(FLOW, T0, facts).change


def test_a_request_stands_until_it_is_answered():
    assert change(asked(1, 5, reason="Fever.")) == ChangeRequest(str(UUID(int=1)), "hold", "too_ill", "Fever.", at(5))
    answered = change(asked(1, 5), declined(2, 6, 1))
    assert (answered.outcome, answered.outcome_reason, answered.outcome_at) == ("declined", "Too late.", at(6))
    assert not answered.is_open


def test_an_answer_by_a_clock_that_is_behind_counts_all_the_same():
    assert change(declined(2, 4, 1), asked(1, 5)).outcome == "declined"


def test_the_newest_request_counts_and_says_what_it_replaces():
    newest = change(asked(1, 5), asked(2, 6, wish="cancel"))
    assert (newest.wish, newest.replaces, newest.is_open) == ("cancel", "hold", True)
    assert change(asked(1, 5), declined(3, 5.5, 1), asked(2, 6, wish="cancel")).replaces == ""
    # An answer to what was replaced answers nothing.
    assert change(asked(1, 5), asked(2, 6, wish="cancel"), declined(3, 7, 1)).is_open


def test_that_the_patient_was_said_to_have_died_is_told_of_what_was_replaced():
    newest = change(asked(1, 5, wish="cancel", cause="died"), asked(2, 6, wish="resume", cause="well"))
    assert replaced_words(newest) == "to cancel the order: the patient has died"
    assert ChangeRequest.from_row(newest.as_row()) == newest
    assert replaced_words(change(asked(1, 5), asked(2, 6, wish="cancel"))) == "to hold the order"


def test_a_request_taken_back_asks_for_nothing():
    gone = change(asked(1, 5), about(2, "taken_back", 6, 1, reason="Better."))
    assert (gone.outcome, gone.outcome_reason, gone.stops) == ("taken_back", "Better.", False)


def test_without_the_right_one_is_heard_but_neither_replaces_nor_answers():
    beyond = asked(2, 6, wish="cancel")._replace(lacked_scope="orders:write")
    assert change(beyond).wish == "cancel"
    assert change(asked(1, 5), beyond).wish == "hold"
    assert change(asked(1, 5), declined(3, 7, 1)._replace(lacked_scope="events:promise")).is_open


def test_what_was_not_heard_when_it_was_asked_is_not_heard_after_the_answer_either():
    beyond = asked(2, 6, wish="cancel")._replace(lacked_scope="orders:write")
    for facts in permutations([asked(1, 5), beyond, declined(3, 7, 1)]):
        standing = change(*facts)
        assert (standing.wish, standing.outcome) == ("hold", "declined")
    assert change(asked(1, 5), declined(3, 5.5, 1), beyond).wish == "cancel"


def test_a_shipment_begun_before_the_answer_does_not_fit():
    begun = [asked(1, 5), fact(2, "started", "infusion", 6)]
    (surprise,) = [one for one in fold(FLOW, T0, begun).surprises if one["reason"] == "unanswered"]
    assert surprise["text"].endswith("although the centre had asked to hold the order and had no answer yet")
    for said in ([declined(3, 5.5, 1)], [about(3, "taken_back", 5.5, 1, reason="Better.")]):
        assert "unanswered" not in {one["reason"] for one in fold(FLOW, T0, [*begun, *said]).surprises}


@pytest.mark.parametrize(("begun_at", "recorded_at", "is_in_spite"), [
    (6, 6, True), (5.01, 5.01, False), (6, 4, False), (5.02, 9, True),
])  # fmt: skip
def test_what_was_reported_before_the_request_or_began_in_its_minute_is_not_begun_in_spite_of_it(
    begun_at, recorded_at, is_in_spite
):
    begun = fact(2, "started", "infusion", begun_at)._replace(recorded_at=at(recorded_at))
    reasons = {one["reason"] for one in fold(FLOW, T0, [asked(1, 5.005), begun]).surprises}
    assert ("unanswered" in reasons) == is_in_spite


kinds = st.sampled_from(["asked", "taken_back", "agreed", "held", "cancelled", "started"])
histories = st.lists(st.tuples(kinds, st.integers(0, 6), st.integers(1, 4)), max_size=14)


def _facts(said: list[tuple[str, int, int]]) -> list[Fact]:
    made = []
    for number, (kind, hours, request) in enumerate(said, 1):
        match kind:
            case "asked":
                made.append(asked(number, hours, wish=("hold", "cancel", "resume")[number % 3]))
            case "taken_back":
                made.append(about(number, kind, hours, request, reason="Better."))
            case "agreed":
                made.append(about(number, "answered", hours, request, answer="agreed"))
            case "started":
                made.append(fact(number, kind, "infusion", hours))
            case _:
                made.append(fact(number, kind, "", hours))
    return made


@given(histories, st.randoms())
def test_in_whatever_order_and_number_they_come(said, random):
    facts = _facts(said)
    shuffled = facts + random.sample(facts, len(facts) // 2)
    random.shuffle(shuffled)
    states = [fold(FLOW, T0, list({one.event_id: one for one in shuffled}.values())), fold(FLOW, T0, facts)]
    assert [view(state) for state in states[:1]] == [view(state) for state in states[1:]]
    assert states[0].change == states[1].change
    if states[0].change:
        assert ChangeRequest.from_row(states[0].change.as_row()) == states[0].change


@pytest.mark.parametrize("offset", [0, 1, -8])
def test_the_moments_of_a_request_are_kept_and_told_in_utc_whatever_offset_their_sender_used(offset):
    there = timezone(timedelta(hours=offset))
    asked_at, wanted_at = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 30, 8, tzinfo=UTC)
    said = ChangeRequest("1", "postpone", "patient_ill", "", asked_at.astimezone(there), wanted_at.astimezone(there))
    row = said.as_row()
    assert (row["asked_at"], row["wanted_at"]) == ("2026-03-02T12:00:00Z", "2026-03-30T08:00:00Z")
    kept_before = {name: text.astimezone(there).isoformat() for name, text in (("asked_at", asked_at),)}
    assert ChangeRequest.from_row(row | kept_before).asked_at.utcoffset() == timedelta(0)
