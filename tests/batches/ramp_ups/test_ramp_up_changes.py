"""What a scenario may change, what is refused with which words, and the search for the cheapest plan."""

import pytest
from msgspec import structs

from batches.durations.rules.curves import constant
from batches.ramp_ups.rules.changes import (
    ChangesRefused,
    check_changes,
    read_shift,
    steps_with,
)
from batches.ramp_ups.rules.costs import CostsRefused, check_costs, missing_costs, place_prices
from batches.ramp_ups.rules.lines import fingerprint, from_json, to_json
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.runs import Study
from batches.ramp_ups.rules.search import Ask, PlanFound, changes_of, next_step
from batches.ramp_ups.rules.tried_plans import Target, Tried, how_sure, tried_of
from batches.ramp_ups.rules.words import words_of
from tests.batches.ramp_ups.lines import DAY, a_journey, a_line, one_queue, some_costs, tandem

REFUSALS = [
    (
        {"kind": "places", "subject": "suite", "amount": 0},
        "Say how many whole places to add, or to take away with a minus: 1, 2, -1.",
    ),
    (
        {"kind": "places", "subject": "suite", "amount": 1.5},
        "Say how many whole places to add, or to take away with a minus: 1, 2, -1.",
    ),
    ({"kind": "places", "subject": "suite", "amount": 900}, "Change at most 500 places."),
    ({"kind": "places", "subject": "oven", "amount": 1}, "Choose a pool of The line: Suites, QC lanes."),
    ({"kind": "places", "subject": "suite", "amount": -4}, "Suites would have -1 places; it has 3 in the beginning."),
    (
        {"kind": "places", "subject": "suite", "amount": 1, "from_day": -1},
        "The day must lie between 0 (at once) and 3650.",
    ),
    (
        {"kind": "demand", "amount": 25, "from_day": 7},
        "Only places, another plant and a closure can begin on a later day; set the day to 0.",
    ),
    (
        {"kind": "demand", "amount": -100},
        "Demand can change by -90 to 200 %, and by something: 25 for a quarter more.",
    ),
    ({"kind": "demand", "amount": float("nan")}, "Write plain numbers."),
    (
        {"kind": "factor", "subject": "testing", "amount": 0},
        "The factor must lie between 0.05 and 10; 1 leaves it as it is.",
    ),
    (
        {"kind": "factor", "subject": "suite", "amount": 2},
        "Choose a stage of The line: Collection, Culture, Testing, Infusion.",
    ),
    ({"kind": "hours", "subject": "testing", "amount": -1}, "The hours must lie between 0 and 2160."),
    ({"kind": "failures", "amount": -1}, "The factor must lie between 0 (nothing fails) and 10; 1 leaves it."),
    ({"kind": "flow", "subject": "p/none"}, "Choose a flow as product/flow: p/f."),
    ({"kind": "plant", "amount": 100}, "The other plant's share must lie between 0 and 100 %, for example 30."),
    (
        {"kind": "shift", "subject": "qc", "shift": "nights"},
        "Write the shift as days and hours in which work may begin, for example Mon-Fri 06-22.",
    ),
    ({"kind": "closed", "subject": "oven", "until_day": 5}, "Choose a pool of The line: Suites, QC lanes."),
    ({"kind": "closed", "subject": "suite", "from_day": 5, "until_day": 5},
     "Say from which day it is closed and on which later day it opens again, at most 3650."),
    ({"kind": "closed", "subject": "suite", "until_day": float("inf")}, "Write plain numbers."),
    ({"kind": "places", "subject": "suite", "amount": 1, "until_day": 9},
     "Only a closure ends on a day; leave that empty."),
    ({"kind": "months", "pattern": "Mon 20"},
     "Write names and % of the usual orders, 0 to 1000, for example Jul 70 Dec 120; what you do not name is 100."),
    ({"kind": "weekdays", "subject": "suite", "pattern": "Mon 20"},
     "Orders have no pool or stage: leave that empty."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), REFUSALS)
def test_nonsense_is_refused_with_what_to_do(change, words):
    with pytest.raises(ChangesRefused) as refused:
        check_changes([change], tandem())
    assert refused.value.errors == {0: words}


def test_what_cannot_be_read_is_refused_at_its_place():
    with pytest.raises(ChangesRefused) as refused:
        check_changes([{"kind": "demand", "amount": 5}, {"kind": "magic"}], tandem())
    assert list(refused.value.errors) == [1]


def test_the_same_thing_is_not_said_twice():
    changes = [
        {"kind": "hours", "subject": "testing", "amount": 48},
        {"kind": "factor", "subject": "testing", "amount": 0.5},
    ]
    with pytest.raises(ChangesRefused) as refused:
        check_changes(changes, tandem())
    assert refused.value.errors == {1: "Change 1 says the same thing otherwise: keep one of the two."}


def test_too_many_changes_are_refused():
    with pytest.raises(ChangesRefused, match="21 changes; a scenario holds at most 20."):
        check_changes([{"kind": "places", "subject": "suite", "amount": 1}] * 21, tandem())


@pytest.mark.parametrize(
    ("text", "shift"),
    [("Mon-Fri 06-22", (range(5), 6, 22)), ("sat 8-16", (range(5, 6), 8, 16)), ("06-22", (range(7), 6, 22)),
     ("22-06", None), ("Fri-Mon 6-22", None), ("Xyz 6-22", None), ("", None), ("6-25", None)],
)  # fmt: skip
def test_shifts_are_read(text, shift):
    assert read_shift(text) == shift


def test_places_add_up_from_their_days():
    assert steps_with([(0.0, 3), (48.0, 5)], [(24.0, 2), (72.0, -1)]) == ((0.0, 3), (24.0, 5), (48.0, 7), (72.0, 6))


def test_a_shift_opens_the_places_in_its_hours_only():
    changes = check_changes([{"kind": "shift", "subject": "qc", "shift": "Mon-Tue 08-16"}], tandem())
    pool = plan_of(tandem(), changes, horizon=7 * DAY).pools[1]
    ahead = [step for step in pool.steps if 0 <= step[0] < 7 * DAY]
    assert ahead == [(0.0, 0), (8.0, 3), (16.0, 0), (32.0, 3), (40.0, 0)]
    assert pool.nominal == ((0.0, 3),)


def test_another_plant_has_the_places_of_the_line_as_it_is():
    changes = check_changes(
        [{"kind": "plant", "amount": 50}, {"kind": "places", "subject": "suite", "amount": 2}], tandem()
    )
    plan = plan_of(tandem(), changes, horizon=DAY)
    assert [(pool.name, pool.nominal[-1][1]) for pool in plan.pools] == [
        ("Suites", 5), ("QC lanes", 3), ("Suites (other plant)", 3), ("QC lanes (other plant)", 3),
    ]  # fmt: skip


def test_changes_have_words():
    names = {"pool:suite": "Suites", "stage:testing": "Testing"}
    said = [
        {"kind": "places", "subject": "suite", "amount": 1, "from_day": 30},
        {"kind": "hours", "subject": "testing", "amount": 24},
        {"kind": "demand", "amount": 25}, {"kind": "failures", "amount": 0.5},
    ]  # fmt: skip
    assert [words_of(change, names) for change in check_changes(said, tandem())] == [
        "Demand +25 %", "All stages: failures × 0.5", "Testing: 24 h", "Suites: +1 place from day 30",
    ]  # fmt: skip


def test_costs_must_be_plain_numbers_of_known_things():
    with pytest.raises(CostsRefused) as refused:
        check_costs({"batch": "much", "test": -1, "coffee": 2}, "EUR", tandem())
    assert set(refused.value.errors) == {"batch", "test", "coffee"}
    assert check_costs({"batch": "5"}, " eur ", tandem()) == ({"batch": 5.0}, "EUR")
    assert check_costs({}, "", tandem()) == ({}, "")


@pytest.mark.parametrize("currency", ["", "EURO", "XTS", "DEM", "€"])
def test_costs_want_a_currency_that_is_in_use(currency):
    with pytest.raises(CostsRefused, match=r"by its code of three letters \(ISO 4217\)"):
        check_costs({"batch": 5}, currency, tandem())


def test_a_plan_without_the_price_of_every_place_counts_places():
    pools = ["suite", "qc"]
    assert place_prices({"place:suite": 9.0, "place:qc": 2.0}, pools) == {"suite": 9.0, "qc": 2.0}
    assert place_prices({"place:suite": 9.0}, pools) == {"suite": 1.0, "qc": 1.0}
    assert missing_costs({"place:suite": 9.0}, tandem(), places=True) == ["QC lanes: one place, one week"]


def test_a_line_travels_as_json():
    line = tandem()
    assert from_json(to_json(line)) == line
    assert fingerprint(to_json(line)) != fingerprint(to_json(tandem(4)))


def simulated(study, target, places, count=12):
    changes = changes_of(target, places)
    return tried_of(places, study.figures(changes, range(count)), target, study.costs, study.loads(changes))


def search(line, target, costs=None):
    costs = some_costs(line) if costs is None else costs
    study, tried = Study(line, 40, costs), []
    while isinstance(step := next_step(line, costs, tried), Ask):
        tried.append(simulated(study, target, step.places))
    return step, tried


def test_the_search_finds_the_fewest_places_and_takes_back_what_is_not_needed():
    # 4 orders a week of 7 days each need 4 places and some: with a promise of 14 × 1.2 days there is time to wait.
    line = one_queue(constant(7 * DAY), 2, 4.0)
    answer, tried = search(line, Target(25, 0.9))
    found = {one.places: one.is_enough for one in tried}
    ((code, added),) = answer.places
    assert (answer.reached, code, found[answer.places]) == (True, "pool", True)
    assert found[(("pool", added - 1),)] is False
    assert answer.simulations == len(tried) <= 40


def test_the_search_goes_on_where_it_was_interrupted():
    line = one_queue(constant(7 * DAY), 2, 4.0)
    answer, tried = search(line, Target(25, 0.9))
    assert next_step(line, some_costs(line), list(reversed(tried))) == answer
    assert isinstance(next_step(line, some_costs(line), tried[:2]), Ask)


def test_what_no_place_can_mend_is_out_of_reach():
    line = one_queue(constant(30 * DAY), 40, 1.0)
    answer, _ = search(line, Target(0, 0.9))
    assert isinstance(answer, PlanFound)
    assert (answer.reached, answer.places) == (False, ())
    assert answer.why == (
        "Out of reach by adding places, for no pool is short of places any more. What it misses is the on-time "
        "share: only 0 of 12 simulations reach it (mean 0.0% on time). What limits the line is the work itself: "
        "hours, failures, or the promise; change those."
    )


@pytest.mark.parametrize(("per_week", "weeks", "reached"), [(0.3, 4, True), (0.1, 3, False)])
def test_where_no_dose_was_due_nothing_is_said_of_it(per_week, weeks, reached):
    """Sixty places for 48 hours of work and a promise of 14 days: no dose can be late, so nothing is out of reach.
    With e^-1.2 (0.3 × 4) no dose is due in 30 % of the simulations, with e^-0.3 in 74 %: 6 of 24 are left."""
    line = one_queue(constant(48.0), 60, per_week)
    study, target = Study(line, weeks, some_costs(line)), Target(0, 0.9)
    found = simulated(study, target, (), 24)
    assert (found.reached, found.on_time) == (found.count, 1.0)
    answer = next_step(line, some_costs(line), [found])
    assert (answer.reached, answer.places) == (reached, ())
    assert answer.why == (
        "" if reached else f"Too few orders in these weeks to say: in only {found.count} simulations a dose was due. "
        "Look at more weeks, or at more demand."
    )  # fmt: skip


def test_how_sure_counts_the_simulations_in_which_a_dose_was_due():
    line = one_queue(constant(48.0), 60, 0.3)
    found = simulated(Study(line, 4, some_costs(line)), Target(0, 0.9), (), 100)
    assert found.count < 90
    assert how_sure(found)[0] == 1.0


def test_a_pool_for_which_somebody_waits_at_times_gets_its_place():
    """Five places, 24 hours of work, promised in 30: with 7 orders a week all five are taken in 0.1 % of the time, yet
    one dose a year in some simulations waits for more than 6 hours. Places are tried by hand, one after the other."""
    line = one_queue(constant(24.0), 5, 7.0)
    line = a_line(a_journey(*line.journeys[0].stages[1:-1], per_week=7.0, promise=30.0), *line.pools, allowance=1.0)
    target, study = Target(0, 1.0), Study(line, 26, some_costs(line))
    fewest = next(more for more in range(4) if simulated(study, target, (("pool", more),)[: bool(more)], 24).is_enough)
    tried: list[Tried] = []
    while isinstance(step := next_step(line, some_costs(line), tried), Ask):
        tried.append(simulated(study, target, step.places, 24))
    assert (fewest, step.reached, step.places) == (1, True, (("pool", 1),))


def test_where_the_most_places_that_are_tried_are_too_few_it_says_that():
    """Nobody is called unpressed because no more places may be added: 200 more for 300 orders a day."""
    line = one_queue(constant(DAY), 50, 300 * 7)
    found = Tried((), 0, 12, 0.2, 1.0, {"pool": 9.0}, {"pool": 1.0}, 0.0, growth=9.0, load=6.0)
    tried = [structs.replace(found, places=(("pool", more),)[: bool(more)]) for more in range(201)]
    answer = next_step(line, some_costs(line), tried)
    assert answer.why.startswith("Not reached with 200 places more in Pool, the most that are tried; somebody waits")
