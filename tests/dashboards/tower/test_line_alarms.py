"""Thirty orders behind one full pool and one order whose cells die: what the control tower asks of a shift."""

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Remedy, Severity
from dashboards.tower.queries.do_first import do_first
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from tests.dashboards.builders import browser_of, hang, make_bottleneck, make_pool, raise_flag
from tests.dashboards.tower.readings import at_risk, pinned, tower, words_of
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


@pytest.fixture
def full(world):
    """Thirty orders that wait for suites."""
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3, queue=2))
    orders = [world.order(coi=f"CO-HANGS-{number}", promised_at=at(900 + number)) for number in range(30)]
    for order in orders:
        hang(order)
    return orders


@pytest.fixture
def dying(world) -> PatientOrder:
    order = world.order(coi="CO-DYING")
    raise_flag(order, FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(109))
    return order


def test_the_dying_cells_come_first_and_the_full_pool_is_one_alarm(world, full, dying):
    response = tower(world.operations)
    assert [deed.flag.order for deed in response.context["do_first"]] == [dying]
    assert at_risk(response) == pinned(response) == [dying]
    (alarm,) = response.context["risks"].causes
    assert (alarm.cause.key, alarm.cause.orders, len(alarm.flags)) == ("plant/suite", 30, 30)
    counts = response.context["counts"]
    assert (counts.critical, counts.attention_alarms, counts.hanging, counts.at_risk) == (1, 1, 30, 31)
    text = words_of(response.text)
    assert "Waiting for Suites, Plant (3 of 3 places taken, 2 waiting now) : 30 orders are at risk" in text
    assert "30 orders that only wait for a place (1 alarm of a line)." in text
    assert response.text.index("CO-DYING") < response.text.index("CO-HANGS-0")


def test_a_dose_that_is_at_risk_before_cells_exist_hangs_under_its_line_and_is_counted_once(world, full):
    waits = raise_flag(full[0], FlagCode.DOSE_AT_RISK, stage="", remedy=Remedy.LINE, cause="suite", probability=1.0)
    Flag.objects.filter(pk=waits.pk).update(next_step="Operations: do not begin Collection.")
    undated = world.order(coi="CO-UNDATED")
    raise_flag(undated, FlagCode.DOSE_AT_RISK, stage="", remedy=Remedy.LINE, cause="suite", probability=0.3)
    response = tower(world.operations)
    assert at_risk(response) == []
    (alarm,) = response.context["risks"].causes
    assert (alarm.cause.orders, len(alarm.flags)) == (31, 31)
    assert response.context["counts"].hanging == 31
    assert (alarm.cause.unseen, alarm.cause.doses, alarm.cause.flags) == (31, 2, 32)
    text = words_of(response.text)
    assert "31 orders are at risk by their own forecasts, 2 of them with their doses if cells are " in text
    assert "dose at risk: 100 %, not acknowledged. Operations: do not begin Collection." in text
    assert "CO-UNDATED Oslo dose at risk: 30 %" in text


def test_each_flag_names_the_plant_of_its_order_whoever_raises_it(world, full, dying):
    assert set(Flag.objects.values_list("plant", flat=True)) == {world.plant.pk}
    # As who made it has it, without what the database added.
    raise_flag(dying, FlagCode.SILENT).save()
    assert set(Flag.objects.values_list("plant", flat=True)) == {world.plant.pk}


def test_the_first_date_of_a_cause_is_the_first_that_somebody_still_waits_for(world, full):
    world.order(coi="CO-FREE", promised_at=at(800))
    PatientOrder.objects.filter(pk=full[0].pk).update(status=OrderStatus.CANCELLED)
    (alarm,) = tower(world.operations).context["risks"].causes
    assert (alarm.cause.orders, alarm.cause.first_promised_at) == (30, at(901))


def test_the_wall_shows_the_cause_in_one_row(world, full, dying):
    text = words_of(tower(world.operations, "wall=1").text)
    assert "Do first: 1. CO-DYING" in text
    assert text.count("30 orders are at risk") == 1
    assert "CO-HANGS" not in text


def test_no_order_vanishes(world, full):
    client = browser_of(world.operations)
    listed = client.get(f"{reverse('orders')}?flags=any&size=100").context["lines"]
    assert len(listed) == 30
    assert "Date at risk" in client.get(reverse("order", args=[full[0].pk])).text


def test_an_order_with_something_of_its_own_stands_alone_with_all_its_flags(world, full):
    raise_flag(full[3], FlagCode.ON_HOLD, stage="", due=at(130))
    response = tower(world.operations)
    (row,) = response.context["risks"].rows
    assert (row.order, len(row.flags)) == (full[3], 2)
    assert response.context["counts"].hanging == 29
    assert response.context["counts"].attention_alarms == 2


def test_two_orders_are_two_alarms(world):
    make_pool(world.plant, "suite", "Suites")
    orders = [world.order(), world.order()]
    for number, order in enumerate(orders):
        hang(order, due=at(-50 + number))
    response = tower(world.operations)
    assert (at_risk(response), response.context["risks"].causes) == (orders, [])
    assert response.context["counts"].attention_alarms == 2


def test_another_centre_counts_its_own_orders_and_not_how_full_the_pool_is(world, full):
    for _ in range(3):
        hang(world.order_of_bergen())
    response = tower(world.stranger_person)
    (alarm,) = response.context["risks"].causes
    assert (alarm.cause.orders, alarm.places, alarm.what) == (3, None, "Waiting for Suites, Plant")
    assert "places taken" not in words_of(response.text).split("Waiting for Suites")[1]


def test_whoever_asks_for_their_own_sees_each_by_itself(world, full):
    Flag.objects.filter(order=full[5]).update(owner=world.operations)
    assert at_risk(tower(world.operations, "whose=mine")) == [full[5]]


def test_what_cannot_be_changed_any_more_stands_below(world, dying):
    lost = world.order(coi="CO-LOST", promised_at=at(50))
    raise_flag(lost, FlagCode.PROMISE_AT_RISK, stage="", remedy=Remedy.TELL, due=at(-40))
    response = tower(world.operations)
    assert at_risk(response) == [dying]
    assert [flag.order for flag in response.context["risks"].past_changing] == [lost]
    assert (
        response.text.index("CO-DYING")
        < response.text.index("Cannot be changed any more")
        < response.text.index("CO-LOST")
    )
    assert (response.context["counts"].past_changing, response.context["counts"].attention_alarms) == (1, 0)


def test_the_cause_is_acknowledged_for_all_its_orders_and_counts_on(world, full):
    client = browser_of(world.operations)
    address = f"{reverse('acknowledge_flags')}?code=promise_at_risk&plant=plant&pool=suite"
    assert address.replace("&", "&amp;") in tower(world.operations).text
    # Another promise at risk, which has a way out of its own, is not among them.
    other = raise_flag(world.order(), FlagCode.PROMISE_AT_RISK, stage="", due=at(60))
    asked = client.get(address)
    assert len(asked.context["flags"]) == 30
    chosen = [f"{flag.pk}|{flag.severity}|{flag.raised_at.isoformat()}" for flag in asked.context["flags"]]
    client.post(address, {"flag": chosen, "comment": "A suite more from Monday on."})
    assert Flag.objects.filter(acknowledged_at__isnull=True).get() == other
    (alarm,) = tower(world.operations).context["risks"].causes
    assert (alarm.cause.orders, alarm.cause.unseen) == (30, 0)


class TestDoFirst:
    """By what can still be changed: the class of harm, what is not over yet, the latest moment to act."""

    @pytest.fixture(autouse=True)
    def _world(self, world):
        self.world = world

    def flag(self, coi: str, code: FlagCode, **given) -> None:
        raise_flag(self.world.order(coi=coi), code, **given)

    def first(self) -> list[str]:
        return [deed.flag.order.coi for deed in do_first(PatientOrder.objects.all(), [], at(100))]

    def test_what_can_still_be_done_in_time_comes_before_what_is_over(self):
        self.flag("CO-OVER", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(98))
        self.flag("CO-LATER", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(110))
        self.flag("CO-SOON", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(105))
        assert self.first() == ["CO-SOON", "CO-LATER", "CO-OVER"]

    def test_what_is_this_shifts_comes_before_what_the_next_can_do(self):
        self.flag("CO-NEXT-SHIFT", FlagCode.HOLD_EXPIRING, due=at(120))
        self.flag("CO-THIS-SHIFT", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(111))
        self.flag("CO-FAILED", FlagCode.STAGE_FAILED, severity=Severity.CRITICAL)
        assert self.first() == ["CO-THIS-SHIFT", "CO-FAILED", "CO-NEXT-SHIFT"]

    def test_it_says_who_has_taken_on_any_flag_of_the_order(self):
        order = self.world.order(coi="CO-1")
        raise_flag(order, FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(105))
        raise_flag(order, FlagCode.SILENT, owner=self.world.operations)
        (deed,) = do_first(PatientOrder.objects.all(), [], at(100))
        assert (deed.flag.owner, deed.owners) == (None, [self.world.operations])

    def test_harm_comes_first_and_a_lost_promise_never(self):
        self.flag("CO-LOST", FlagCode.PROMISE_AT_RISK, stage="", remedy=Remedy.TELL, due=at(-900))
        self.flag("CO-SILENT", FlagCode.SILENT, severity=Severity.CRITICAL, due=at(101))
        self.flag("CO-SWAPPED", FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL, stage="", subject="coi:1")
        assert self.first() == ["CO-SWAPPED", "CO-SILENT"]

    def test_of_promises_the_latest_moment_to_act_decides(self):
        for coi, due in (("CO-LATER", at(400)), ("CO-NEXT", at(105))):
            self.flag(coi, FlagCode.PROMISE_AT_RISK, stage="", due=due)
        assert self.first() == ["CO-NEXT", "CO-LATER"]

    def test_what_can_still_be_stopped_comes_before_a_dose_that_was_given(self):
        critical = {"severity": Severity.CRITICAL, "since": at(52)}
        self.flag("CO-GIVEN", FlagCode.STAGE_FAILED, harm=Harm.DOSE_IN_DOUBT, **critical)
        self.flag("CO-SWAPPED", FlagCode.IDENTITY_SHARED, stage="", subject="coi:1", **critical)
        self.flag("CO-TO-STOP", FlagCode.STAGE_FAILED, harm=Harm.DOSE_TO_STOP, **critical)
        assert self.first() == ["CO-TO-STOP", "CO-SWAPPED", "CO-GIVEN"]

    def test_what_is_an_hour_over_comes_before_what_has_longer_than_this_shift(self):
        self.flag("CO-LONGER", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(121))
        self.flag("CO-OVER", FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(99))
        assert self.first() == ["CO-OVER", "CO-LONGER"]

    def test_each_says_why_it_stands_before_the_next(self):
        critical = {"severity": Severity.CRITICAL}
        self.flag("CO-SWAPPED", FlagCode.IDENTITY_SHARED, stage="", subject="coi:1", **critical)
        self.flag("CO-GIVEN", FlagCode.STAGE_FAILED, harm=Harm.DOSE_IN_DOUBT, **critical)
        self.flag("CO-OVER", FlagCode.HOLD_EXPIRING, due=at(99), **critical)
        self.flag("CO-LONGER", FlagCode.HOLD_EXPIRING, due=at(121), **critical)
        assert [(deed.flag.order.coi, deed.before) for deed in do_first(PatientOrder.objects.all(), [], at(100))] == [
            ("CO-SWAPPED", "this can still be stopped, a dose that was given cannot"),
            ("CO-GIVEN", "its harm is graver than the next one’s"),
            ("CO-OVER", "the next has longer than this shift"),
        ]

    def test_they_are_tasks_of_the_readers_own_roles_and_stopping_is_everybodys(self):
        critical = {"severity": Severity.CRITICAL}
        self.flag("CO-QA", FlagCode.OUT_OF_SEQUENCE, next_step="QA: judge it.", **critical)
        self.flag("CO-ASKED", FlagCode.CHANGE_ASKED, next_step="Coordinator: read the reason.")
        self.flag("CO-SWAPPED", FlagCode.IDENTITY_SHARED, next_step="QA: stop both.", subject="coi:1", **critical)
        found = do_first(PatientOrder.objects.all(), [], at(100), [Role.SITE_COORDINATOR])
        assert [deed.flag.order.coi for deed in found] == ["CO-SWAPPED", "CO-ASKED"]

    def test_who_said_that_a_report_is_wrong_is_not_the_second_person(self):
        asks = "QA or Site coordinator: look at it."
        self.flag("CO-WRONG", FlagCode.OUT_OF_SEQUENCE, stage="collection", next_step=asks)
        asked = {"stage": "collection", "reason": "withdrawal_asked", "decided": "collected", "by": "7"}
        PatientOrder.objects.filter(coi="CO-WRONG").update(surprises=[asked])
        orders = PatientOrder.objects.all()
        first = {one: len(do_first(orders, [], at(100), [Role.SITE_COORDINATOR], one)) for one in ("7", "8")}
        assert first == {"7": 0, "8": 1}

    def test_two_orders_that_share_a_label_are_one_matter_and_an_order_is_named_once(self):
        shared = {"severity": Severity.CRITICAL, "stage": "", "subject": "donation:1"}
        for coi in ("CO-ONE", "CO-TWO"):
            self.flag(coi, FlagCode.IDENTITY_SHARED, **shared)
        raise_flag(PatientOrder.objects.get(coi="CO-ONE"), FlagCode.STAGE_LATE, due=at(120))
        doubt = {"severity": Severity.CRITICAL, "stage": "", "since": at(2)}
        raise_flag(PatientOrder.objects.get(coi="CO-TWO"), FlagCode.DONATION_NUMBER, **doubt)
        assert self.first() == ["CO-TWO"]

    def test_what_a_person_has_acted_on_makes_room(self):
        seen = {"acknowledged_at": at(99), "acknowledged_by": "operations"}
        self.flag("CO-FAILED", FlagCode.STAGE_FAILED, severity=Severity.CRITICAL, **seen)
        self.flag("CO-DOUBT", FlagCode.STAGE_FAILED, severity=Severity.CRITICAL, harm=Harm.DOSE_TO_STOP, **seen)
        assert self.first() == ["CO-DOUBT"]

    def test_there_are_three(self):
        for number in range(5):
            self.flag(f"CO-{number}", FlagCode.STAGE_LATE, due=at(101 + number))
        assert self.first() == ["CO-0", "CO-1", "CO-2"]


def test_the_tower_and_the_hand_over_say_alike_what_would_help(world, full):
    helps = "What would help One more place, or fewer orders that come to it."
    assert helps in words_of(tower(world.operations).text)
    assert helps in words_of(browser_of(world.operations).get(reverse("handover")).text)
