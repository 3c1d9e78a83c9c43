"""The fold gives the same state from the same facts in whatever order and number they come."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supplychain.orders.rules.fold import fold, fold_onto, initial_state
from supplychain.orders.rules.sorting import fact_key
from supplychain.orders.rules.states import Fact, OrderState
from supplychain.orders.statuses import OrderEventKind, StageEventKind, StageStatus
from tests.supplychain.builders import T0, at, plain_plan

FLOW = plain_plan()


def fact(number: int, kind: str, stage: str, hours: float, attempt: int | None = None, **payload) -> Fact:
    moment = at(hours)
    return Fact(
        UUID(int=number), kind, stage, attempt, moment, moment + timedelta(minutes=5), "", payload, "s", f"{number}"
    )


stage_facts = st.tuples(
    st.sampled_from(StageEventKind.values), st.sampled_from(list(FLOW.stages)), st.sampled_from([None, None, 1, 2, 3])
)
order_facts = st.tuples(
    st.sampled_from(
        [OrderEventKind.CONFIRMED, OrderEventKind.HELD, OrderEventKind.RESUMED, OrderEventKind.CANCELLED]
    ).map(str),
    st.just(""),
    st.none(),
)
# Few distinct hours, so that ties are common.
histories = st.lists(st.tuples(st.one_of(stage_facts, stage_facts, order_facts), st.integers(0, 12)), max_size=25).map(
    lambda said: [
        fact(number, kind, stage, hours, attempt) for number, ((kind, stage, attempt), hours) in enumerate(said, 1)
    ]
)


def view(state: OrderState) -> tuple:
    return (
        state.status, state.current_stage, state.attempt, state.promised_at, state.confirmed_at, state.held_at,
        state.cancelled_at, state.infused_at, state.surprises, state.runs, state.last_occurred_at,
    )  # fmt: skip


@given(histories, st.randoms())
def test_any_order_of_arrival_gives_the_same_state(facts, random):
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert view(fold(FLOW, T0, shuffled)) == view(fold(FLOW, T0, facts))


@given(histories, st.data())
def test_folding_the_rest_onto_a_state_equals_folding_everything(facts, data):
    facts = sorted(facts, key=lambda one: fact_key(FLOW, one))
    cut = data.draw(st.integers(0, len(facts)))
    state = initial_state(FLOW, T0)
    fold_onto(state, facts[:cut])
    fold_onto(state, facts[cut:])
    assert view(state) == view(fold(FLOW, T0, facts))


@given(histories)
def test_every_state_is_sound(facts):
    state = fold(FLOW, T0, facts)
    for run in state.runs.values():
        assert (run.status == StageStatus.COMPLETED) <= (run.completed_at is not None)
        assert (run.status == StageStatus.RUNNING) <= (run.started_at is not None)
        assert (run.status == StageStatus.FAILED) <= (run.failed_at is not None)
        assert (run.status == StageStatus.READY) <= (run.ready_at is not None)
        if run.started_at and run.completed_at:
            assert run.started_at <= run.completed_at
        if run.ready_at and run.started_at:
            assert run.ready_at <= run.started_at


def test_a_stage_is_ready_once_all_it_waits_for_have_ended():
    facts = [
        fact(1, "completed", "collection", 1),
        fact(2, "completed", "inbound", 5),
        fact(3, "completed", "selection", 9),
    ]
    state = fold(FLOW, T0, [*facts, fact(4, "skipped", "harvest", 10)])
    ready = {code: state.run_of(code).ready_at for code in ("release", "sterility", "infusion")}
    assert ready == {"release": at(10), "sterility": at(10), "infusion": None}


def test_two_senders_of_the_same_start_count_the_earlier():
    state = fold(FLOW, T0, [fact(1, "started", "collection", 2.1), fact(2, "started", "collection", 2)])
    assert (state.run_of("collection").started_at, state.surprises) == (at(2), [])


def test_a_start_and_the_end_before_it_at_one_moment_do_not_surprise():
    facts = [fact(1, "started", "inbound", 4), fact(2, "completed", "collection", 4)]
    assert fold(FLOW, T0, facts).surprises == []


def test_a_failure_after_a_completion_counts_as_failed_and_surprises():
    state = fold(FLOW, T0, [fact(1, "completed", "collection", 4), fact(2, "failed", "collection", 9)])
    assert state.run_of("collection").status == StageStatus.FAILED
    assert [surprise["reason"] for surprise in state.surprises] == ["contradicts"]
    assert state.run_of("inbound").status == StageStatus.PENDING


def test_a_failed_stage_may_start_again_in_the_same_attempt():
    facts = [
        fact(1, "started", "collection", 1),
        fact(2, "failed", "collection", 2),
        fact(3, "started", "collection", 5),
    ]
    run = fold(FLOW, T0, facts).run_of("collection")
    assert (run.status, run.ready_at, run.started_at, run.failed_at) == (StageStatus.RUNNING, at(2), at(5), None)


def test_a_held_stage_goes_on_where_it_was():
    facts = [fact(1, "started", "collection", 1), fact(2, "held", "collection", 2)]
    held = fold(FLOW, T0, facts).run_of("collection")
    resumed = fold(FLOW, T0, [*facts, fact(3, "resumed", "collection", 3)]).run_of("collection")
    assert (held.status, held.held_at) == (StageStatus.HELD, at(2))
    assert (resumed.status, resumed.held_at, resumed.started_at) == (StageStatus.RUNNING, None, at(1))


def test_a_new_collection_in_a_later_attempt_reopens_from_there():
    facts = [
        fact(1, "completed", "collection", 1),
        fact(2, "failed", "selection", 9),
        fact(3, "started", "selection", 10, attempt=2),
        fact(4, "started", "collection", 12, attempt=2),
    ]
    state = fold(FLOW, T0, facts)
    assert (state.attempt, state.run_of("collection").attempt, state.run_of("inbound").attempt) == (2, 2, 2)
    assert state.run_of("inbound").status == StageStatus.PENDING


def test_the_newest_promise_counts_by_when_it_was_made():
    newer = fact(1, "promised", "", 9, promised_at=at(500).isoformat())
    older = fact(2, "promised", "", 3, promised_at=at(400).isoformat())
    assert fold(FLOW, T0, [newer, older]).promised_at == at(500)


def test_a_first_stage_that_is_said_of_before_the_order_was_placed_does_not_fit():
    early = fold(FLOW, at(5), [fact(1, "started", "collection", 1), fact(2, "completed", "collection", 6)])
    assert [(one["reason"], one["text"]) for one in early.surprises] == [
        ("before_order", "Collection started before the order was placed")
    ]
    late = fold(FLOW, at(5), [fact(1, "started", "collection", 4.99), fact(2, "completed", "collection", 6)])
    assert late.surprises == []
    stored = fold(FLOW, at(5), [fact(1, "completed", "collection", 1, collected_earlier=True)])
    assert stored.surprises == []


def test_a_skipped_infusion_infuses_nobody():
    state = fold(FLOW, T0, [fact(1, "completed", "collection", 1), fact(2, "skipped", "infusion", 2)])
    assert (state.status, state.infused_at) == ("in_progress", None)
    assert [surprise["reason"] for surprise in state.surprises] == ["before_predecessor", "contradicts"]


def test_an_attempt_that_skips_a_number_opens_nothing_and_contradicts():
    state = fold(FLOW, T0, [fact(1, "completed", "collection", 1), fact(2, "started", "inbound", 2, attempt=11)])
    assert (state.attempt, state.run_of("inbound").status) == (1, StageStatus.READY)
    assert [surprise["reason"] for surprise in state.surprises] == ["contradicts"]


def test_an_attempt_that_nothing_asked_for_is_opened_and_surprises():
    state = fold(FLOW, T0, [fact(1, "started", "selection", 2, attempt=2)])
    assert state.attempt == 2
    assert "unasked_attempt" in [surprise["reason"] for surprise in state.surprises]


def test_many_surprises_of_one_kind_do_not_hide_another():
    done = [fact(1, "completed", "collection", 1)]
    again = [fact(number, "started", "collection", number) for number in range(2, 40)]
    state = fold(FLOW, T0, [*done, *again, fact(50, "failed", "collection", 60)])
    reasons = [surprise["reason"] for surprise in state.surprises]
    assert (reasons.count("after_end"), reasons.count("contradicts")) == (5, 1)


def test_the_newest_of_many_surprises_is_kept_and_counts_those_between():
    done = [fact(1, "started", "collection", 1), fact(2, "completed", "collection", 2)]
    ends = [fact(number, "completed", "collection", number) for number in range(3, 40)]
    surprises = fold(FLOW, T0, [*done, *ends]).surprises
    assert [(one["event"], one.get("more", 0)) for one in surprises] == [
        *((str(UUID(int=number)), 0) for number in range(3, 7)),
        (str(UUID(int=39)), 32),
    ]


def test_no_kind_and_no_sender_hides_another():
    done = [fact(1, "started", "collection", 1), fact(2, "completed", "collection", 2)]
    trivial = [fact(number, "skipped", "collection", number) for number in range(3, 20)]
    late = fact(50, "completed", "collection", 60)
    other = fact(51, "skipped", "collection", 61)._replace(reporter="another")
    kept = [one["event"] for one in fold(FLOW, T0, [*done, *trivial, late, other]).surprises]
    assert (len(kept), kept[-2:]) == (7, [str(late.event_id), str(other.event_id)])
