"""What a flag asks for, as a coordinator of a treatment centre is told it."""

import pytest
from django.urls import reverse

from batches.flags.rules.centre_words import OF_PLANNERS, is_of_centre, next_for_centre
from batches.judgement.statuses import FlagCode, Remedy
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of, hang, raise_flag

PLANNED = "Operations: let it go first in the queues from Enrolment on: then likely late (62 %)."
LOST = "Site coordinator: ask how the patient is; Operations: find an earlier place for Selection."
EARLIER = (
    "Site coordinator: find an earlier place for Apheresis; tell the treatment centre by 13 Dec if it cannot be kept."
)
PUT_ASIDE = "QA: look at it as a second person; Site coordinator: have the dose put aside."


@pytest.mark.parametrize(
    ("code", "next_step", "told"),
    [
        (FlagCode.PROMISE_AT_RISK, PLANNED, OF_PLANNERS[FlagCode.PROMISE_AT_RISK]),
        (FlagCode.DOSE_AT_RISK, LOST, "Ask how the patient is."),
        (
            FlagCode.PROMISE_AT_RISK,
            EARLIER,
            "Find an earlier place for Apheresis; the plant tells you by 13 Dec if it cannot be kept.",
        ),
        (FlagCode.OUT_OF_SEQUENCE, PUT_ASIDE, PUT_ASIDE),  # what is about the dose itself is told as it stands
    ],
)
def test_a_coordinator_is_told_the_own_part_or_what_the_plant_does(code, next_step, told):
    assert next_for_centre(code, next_step) == told


ALONE = "Operations: it waits for a place (Selection), for which one more place would help; agree a new date by 23 Dec."


@pytest.mark.parametrize(
    ("next_step", "remedy", "told"),
    [
        (ALONE, Remedy.LINE, "It waits for a place at the plant, which agrees a new date with you"),
        (PLANNED, Remedy.LINE, "The plant looks for an earlier date"),  # the flag names a way for this order
        ("Operations: agree a new date by 23 Dec.", Remedy.TELL, "It is late in every simulation: the plant agrees"),
        (PLANNED, Remedy.OWN, "The plant looks for an earlier date"),
    ],
)
def test_nobody_is_said_to_look_for_a_date_that_nothing_brings(next_step, remedy, told):
    assert next_for_centre(FlagCode.PROMISE_AT_RISK, next_step, remedy).startswith(told)


@pytest.mark.django_db
def test_the_orders_page_follows_the_remedy():
    world = TowerWorld()
    order = world.order()
    hang(order, next_step=ALONE)
    text = browser_of(world.coordinator).get(reverse("order", args=[order.pk])).text
    assert "It waits for a place at the plant, which agrees a new date with you" in text
    assert "The plant looks for an earlier date" not in text


def test_who_plans_somewhere_in_the_order_reads_it_all():
    coordinator = {"ordering_site": {Role.SITE_COORDINATOR}}
    assert is_of_centre(coordinator)
    assert not is_of_centre(coordinator | {"plant": {Role.OPERATIONS}})
    assert not is_of_centre({"plant": {Role.QA}})


@pytest.mark.django_db
def test_the_dialog_says_to_each_what_is_theirs():
    world = TowerWorld()
    flag = raise_flag(world.order(), FlagCode.PROMISE_AT_RISK, stage="", next_step=PLANNED)
    address = reverse("acknowledge_flag", args=[flag.pk])
    texts = [browser_of(one).get(address).text for one in (world.coordinator, world.operations)]
    assert ["in the queues" in text for text in texts] == [False, True]
    assert ["Ask the plant before you rely on this date." in text for text in texts] == [True, False]


@pytest.mark.django_db
def test_the_orders_page_says_it_too():
    world = TowerWorld()
    order = world.order()
    raise_flag(order, FlagCode.DOSE_AT_RISK, stage="", next_step=PLANNED)
    texts = [
        browser_of(one).get(reverse("order", args=[order.pk])).text for one in (world.coordinator, world.operations)
    ]
    assert [OF_PLANNERS[FlagCode.DOSE_AT_RISK] in text for text in texts] == [True, False]
