"""The expiry of a dose limits the waits behind its release, in whatever order the reports of materials come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.orders.rules.expiries import behind_release, dose_expires_at
from supplychain.orders.rules.fold import fold, fold_onto, initial_state
from supplychain.orders.rules.sorting import fact_key
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import MaterialKind, MaterialStatus, OrderEventKind
from tests.batches.builders import journey
from tests.supplychain.builders import T0, at
from tests.supplychain.orders.test_fold import fact, view

FLOW = journey()
materials = st.builds(
    lambda number, kind, hours: (OrderEventKind.MATERIAL.value, number, {"kind": kind} | _expiry(hours)),
    st.sampled_from(["B-1", "b-1", "B-2"]), st.sampled_from(MaterialKind.values), st.sampled_from([None, 90, 200]),
)  # fmt: skip
words = st.builds(
    lambda number, status: (OrderEventKind.MATERIAL_IS.value, number, {"status": status, "reason": "torn"}),
    st.sampled_from(["B-1", "B-2"]), st.sampled_from(MaterialStatus.values),
)  # fmt: skip
histories = st.lists(st.tuples(st.one_of(materials, words), st.integers(0, 9)), max_size=12).map(
    lambda said: [
        told(number, kind, hours, more | {"number": of}) for number, ((kind, of, more), hours) in enumerate(said)
    ]
)


def told(number: int, kind: str, hours: float, payload: dict) -> Fact:
    return fact(number, kind, "", hours)._replace(payload=payload)


def _expiry(hours: int | None) -> dict[str, str]:
    return {} if hours is None else {"expires_at": at(hours).isoformat()}


def expiry_after(*said: tuple[str, dict]):
    facts = [told(number, kind, number, payload) for number, (kind, payload) in enumerate(said, 1)]
    return dose_expires_at(fold(FLOW, T0, facts), 1)


def bag(number: str = "B-1", hours: int | None = 90, kind: str = "final_bag") -> tuple[str, dict]:
    return "material", {"number": number, "kind": kind} | _expiry(hours)


def test_only_what_is_given_to_the_patient_counts():
    assert expiry_after(bag(kind="collection_bag"), bag("S", 10, kind="sample")) is None
    assert expiry_after(bag(kind="cassette")) == at(90)
    assert expiry_after(bag(hours=None)) is None


def test_the_newest_word_counts_and_what_is_gone_stays_gone():
    assert expiry_after(bag(), bag("b-1", 200)) == at(200)
    assert expiry_after(bag(), bag(hours=None)) == at(90)
    gone = ("material_is", {"number": "B-1", "status": "rejected", "reason": "torn"})
    assert expiry_after(bag(), gone) is None
    assert expiry_after(bag(), gone, bag()) is None
    assert expiry_after(gone, bag()) is None


@pytest.mark.parametrize(
    "again", [bag(), bag(hours=95), ("material_is", {"number": "b-1", "status": "rejected", "reason": "torn"})]
)
def test_a_dose_of_an_earlier_attempt_limits_that_attempt_however_late_it_is_told_again(again):
    restart = FLOW.restart_stage
    first = [told(1, bag()[0], 10, bag()[1]), fact(2, "failed", restart, 11),
             fact(3, "started", restart, 12)._replace(attempt=2)]  # fmt: skip
    state = fold(FLOW, T0, [*first, told(4, again[0], 13, again[1])])
    assert dose_expires_at(state, 2) is None
    assert dose_expires_at(state, 1) == {"material": at(95) if again == bag(hours=95) else at(90)}.get(again[0])
    new = bag("B-2", 150)
    assert dose_expires_at(fold(FLOW, T0, [*first, told(4, new[0], 13, new[1])]), 2) == at(150)


@given(histories, st.data())
def test_folding_the_rest_onto_a_state_equals_folding_everything(facts, data):
    facts = sorted(facts, key=lambda one: fact_key(FLOW, one))
    cut = data.draw(st.integers(0, len(facts)))
    state = initial_state(FLOW, T0)
    fold_onto(state, facts[:cut])
    fold_onto(state, facts[cut:])
    assert view(state) == view(fold(FLOW, T0, facts))


def test_only_the_stages_behind_the_release_wait_for_the_dose():
    assert behind_release(FLOW) == {"outbound", "site_receipt", "infusion"}
