"""Orders at risk on the control tower: the order in which they stand, what is pinned, and what each row says."""

import pytest
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.actions.notifications import tell_due_flips
from dashboards.tower.queries.risks import INFUSED_WITHIN
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.dashboards.builders import (
    browser_of,
    raise_flag,
)
from tests.dashboards.tower.readings import at_risk, pinned, tower, words_of
from tests.supplychain.builders import at, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_an_ended_order_with_a_raised_flag_stands_in_the_list_and_is_said_to_have_ended(world):
    order = world.order()
    raise_flag(order, FlagCode.STAGE_FAILED, stage="sterility", severity=Severity.CRITICAL)
    world.say(order, "cancelled", hours=90)
    response = tower(world.operations)
    assert at_risk(response) == [order]
    assert "This order has ended: cancelled" in response.text
    assert response.context["counts"].open == 0


def test_open_and_lately_infused_orders_of_ones_sites_are_counted(world):
    _waiting, lately, both, long_ago = (world.order() for _ in range(4))
    rows = PatientOrder.objects
    rows.filter(pk=lately.pk).update(status="closed", infused_at=at(90))
    rows.filter(pk=both.pk).update(infused_at=at(100) - INFUSED_WITHIN)
    rows.filter(pk=long_ago.pk).update(status="infused", infused_at=at(99) - INFUSED_WITHIN)
    counts = tower(world.operations).context["counts"]
    assert (counts.open, counts.infused) == (2, 2)


def test_each_row_says_since_when_and_whose(world):
    order = world.order()
    raise_flag(order, due=at(120), since=at(95), owner=world.coordinator)
    raise_flag(order, FlagCode.SILENT, stage="", since=at(60))
    raise_flag(world.order(), since=at(99))
    rows = tower(world.operations).context["risks"].rows
    assert [(risk.head.since, [str(owner) for owner in risk.owners]) for risk in rows] == [
        (at(95), ["coordinator"]),
        (at(99), []),
    ]


def test_the_list_can_show_only_mine_nobodys_or_what_nobody_has_acknowledged(world):
    mine, nobodys, seen = world.order(), world.order(), world.order()
    raise_flag(mine, due=at(110), owner=world.operations)
    raise_flag(nobodys, due=at(120))
    raise_flag(seen, due=at(130), owner=world.coordinator, acknowledged_at=at(99), acknowledged_by="coordinator")
    shown = {whose: at_risk(tower(world.operations, f"whose={whose}")) for whose in ("mine", "nobody", "unseen", "x")}
    assert shown == {"mine": [mine], "nobody": [nobodys], "unseen": [mine, nobodys], "x": [mine, nobodys, seen]}
    assert 'whose=mine"' in tower(world.operations, "whose=mine").text


@pytest.fixture
def night(world) -> dict[str, PatientOrder]:
    """What a night shift finds, worst first; raised in the wrong order."""
    critical = {"severity": Severity.CRITICAL}
    kinds = {
        "given": {"code": FlagCode.STAGE_FAILED, "harm": Harm.DOSE_IN_DOUBT, "since": at(98), **critical},
        "swapped": {"code": FlagCode.IDENTITY_SHARED, "since": at(40), **critical},
        "dying": {"code": FlagCode.HOLD_EXPIRING, "due": at(109), **critical},
        "ageing": {"code": FlagCode.HOLD_EXPIRING, "due": at(150)},
        "failed": {"code": FlagCode.STAGE_FAILED, "since": at(2), **critical},
        "held": {"code": FlagCode.ON_HOLD, "due": at(101)},
        "silent": {"code": FlagCode.SILENT, "due": at(20), **critical},
        "late": {"code": FlagCode.STAGE_LATE, "due": at(200)},
        "promised": {"code": FlagCode.PROMISE_AT_RISK, "due": at(-900), **critical},
    }
    orders = {}
    for name in reversed(kinds):
        orders[name] = world.order(coi=f"CO-{name.upper()}")
        raise_flag(orders[name], raised_at=at(95), **kinds[name])
        raise_flag(orders[name], FlagCode.PROMISE_AT_RISK, stage="x", due=at(50), raised_at=at(95))
    return {name: orders[name] for name in kinds}


def test_orders_at_risk_stand_by_harm_and_then_by_the_latest_moment_to_act(world, night):
    response = tower(world.operations)
    assert at_risk(response) == list(night.values())
    assert pinned(response) == [night[name] for name in ("given", "swapped", "dying")]
    assert "9 orders in all, 3 of them above, the worst harm first" in words_of(response.text)
    counts = response.context["counts"]
    assert (counts.critical, counts.attention, counts.open, counts.promises) == (6, 3, 9, 1)


def test_every_list_that_is_sorted_by_urgency_has_the_same_order(world, night):
    wanted = [order.coi for order in night.values()]
    client = browser_of(world.operations)
    listed = client.get(reverse("orders")).context["lines"]
    assert [line.order.coi for line in listed] == wanted
    in_file = client.get(reverse("orders_csv")).getvalue().decode().splitlines()[1:]
    assert [line.partition(",")[0] for line in in_file] == wanted
    handed = client.get(reverse("handover")).context["report"]
    once = dict.fromkeys(flag.order.coi for flag in handed.open_flags)
    assert list(once) == wanted
    assert list(dict.fromkeys(change.flag.order.coi for change in handed.raised)) == wanted
    tell_due_flips(now=at(100))
    inbox = client.get(reverse("inbox")).context["inbox"]
    assert [group.order.coi for group in inbox.groups] == wanted


def test_what_cannot_wait_is_pinned_on_every_page_and_on_the_wall(world, night):
    for query in ("page=2", "whose=mine", "wall=1"):
        response = tower(world.operations, query)
        assert pinned(response) == [night[name] for name in ("given", "swapped", "dying")]
        assert response.text.index("Act within 12 hours") < response.text.rindex("CO-GIVEN")
    assert pinned(tower(world.operations, "site=bergen")) == []


def test_a_row_says_why_it_stands_there(world, night):
    for query in ("", "wall=1"):
        text = words_of(tower(world.operations, query).text)
        assert "A dose in doubt was given: act at once" in text
        assert "Cells run out of time: act within 9 h" in text


def test_two_orders_that_share_a_label_are_one_row(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other, third = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO", "THREE"))
    for order in (first, other):
        raise_flag(order, FlagCode.IDENTITY_SHARED, **shared)
    raise_flag(third, FlagCode.IDENTITY_SHARED, **shared | {"subject": "donation:B-8"})
    response = tower(world.operations)
    found = [(row.order, [one.order for one in row.partners]) for row in response.context["risks"].pinned]
    assert {frozenset([order, *partners]) for order, partners in found} == {
        frozenset([first, other]),
        frozenset([third]),
    }
    text = words_of(response.text)
    assert "3 orders: a dose in doubt" in text
    assert all(code in text for code in ("CO-ONE", "CO-TWO", "CO-THREE"))
    assert text.count("Acknowledge") >= 3
    assert "CO-TWO" in tower(world.operations, "wall=1").text


def test_a_pair_is_one_row_though_one_of_them_is_in_doubt_otherwise_too(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO"))
    raise_flag(first, FlagCode.DONATION_NUMBER, **shared | {"subject": "B-7"}, since=at(3))
    raise_flag(first, FlagCode.IDENTITY_SHARED, **shared, since=at(9))
    raise_flag(other, FlagCode.IDENTITY_SHARED, **shared, since=at(8))
    (row,) = tower(world.operations).context["risks"].pinned
    assert {row.order, *(one.order for one in row.partners)} == {first, other}


def test_the_row_names_the_partner_that_is_settled_as_long_as_the_other_is_not(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO"))
    names = {"kind": "donation", "value": "B-7", "other_kind": "donation", "since": at(1).isoformat()}
    flags = [
        raise_flag(one, FlagCode.IDENTITY_SHARED, **shared, evidence={
            "shared": [names | {"other_order": str(two.pk), "other_coi": two.coi}]})
        for one, two in ((first, other), (other, first))
    ]  # fmt: skip
    settle_flag(flags[0].pk, by=make_user("quynh", world.plant, role=Role.QA), reason="Its label is right.", now=at(40))
    risks = tower(world.operations).context["risks"]
    (row,) = risks.pinned
    assert (row.order, [one.order for one in row.partners], risks.pinned_orders) == (other, [first], 1)
    assert risks.rows == []
    (stop,) = open_stops([first.pk], now=at(41))[first.pk]
    assert stop.settlement.beside == "Order CO-TWO with the same label is not settled: its labels are still in doubt."
    page = browser_of(world.operations).get(reverse("order", args=[first.pk])).text
    assert stop.settlement.beside in page
    settle_flag(flags[1].pk, by=User.objects.get(username="quynh"), reason="This one, too.", now=at(42))
    (stop,) = open_stops([first.pk], now=at(43))[first.pk]
    assert (stop.settlement.beside, tower(world.operations).context["risks"].pinned) == ("", [])


def test_the_number_to_call_stands_beside_the_alarm(world, night):
    type(world.plant).objects.filter(pk=world.plant.pk).update(telephone="+47 22 00 00 01")
    assert 'href="tel:+4722000001"' in tower(world.operations).text


def test_promises_are_a_group_that_comes_last(world, night):
    text = tower(world.operations).text
    assert text.index("CO-LATE") < text.index('id="promises-title"') < text.index("CO-PROMISED")
    wall = tower(world.operations, "wall=1").text
    assert "CO-PROMISED" in wall  # what is critical is not folded away
    assert "at risk, nothing else wrong" not in words_of(wall)
    Flag.objects.filter(order=night["promised"]).update(severity=Severity.ATTENTION)
    wall = tower(world.operations, "wall=1").text
    assert "1 date at risk, nothing else wrong with it" in words_of(wall)
    assert "CO-PROMISED" not in wall


@pytest.mark.parametrize("name", ["given", "swapped"])
def test_a_dose_or_an_identity_in_doubt_comes_first_until_quality_assurance_settles_it(world, night, name):
    doubts = Flag.objects.filter(order=night[name], harm__lte=Harm.IDENTITY)
    doubts.update(acknowledged_at=at(99), acknowledged_by="Somebody")
    response = tower(world.operations)
    assert night[name] in pinned(response)
    assert night[name] in [deed.flag.order for deed in response.context["do_first"]]
    quality = make_user("quality", world.plant, role=Role.QA)
    settle_flag(doubts.get().pk, by=quality, reason="The physician knows; deviation D-17.", now=at(99.5))
    response = tower(world.operations)
    assert night[name] not in pinned(response)
    assert night[name] not in [deed.flag.order for deed in response.context["do_first"]]


def test_a_row_says_which_flag_is_critical_where_it_stands_because_of_another(world):
    order = world.order()
    raise_flag(order, FlagCode.HOLD_EXPIRING, due=at(123))
    raise_flag(order, FlagCode.PROMISE_AT_RISK, severity=Severity.CRITICAL, stage="", due=at(90))
    for query in ("", "wall=1"):
        text = words_of(tower(world.operations, query).text)
        said = "Critical at risk by usual durations" if query else "Critical: date at risk at risk by usual"
        assert said in text


@pytest.mark.parametrize("query", ["", "wall=1"])
def test_a_rows_name_severity_time_and_owner_are_those_of_one_flag(world, query):
    """A hold in front lends a critical flag neither its calm nor its time nor its owner."""
    order = world.order()
    raise_flag(order, FlagCode.ON_HOLD, due=at(171), owner=world.coordinator, since=at(99))
    raise_flag(order, FlagCode.STAGE_LATE, severity=Severity.CRITICAL, due=at(77), since=at(86), owner=world.operations)
    response = tower(world.operations, query)
    (row,) = response.context["risks"].rows
    assert (row.first.code, row.head.code) == (FlagCode.ON_HOLD, FlagCode.STAGE_LATE)
    text = words_of(response.text)
    assert "23 h over" in text
    if query:
        assert "Critical 23 h over" in text
        assert "Late, or its reports are missing or in doubt: due 23 h ago Stage takes too long" in text
    else:
        assert "Critical: stage takes too long 23 h over" in text
        assert "for 14 h you have it" in text


def test_the_list_names_the_same_flag_with_its_own_time_and_owner(world):
    order = world.order()
    raise_flag(order, FlagCode.ON_HOLD, due=at(171), owner=world.coordinator)
    raise_flag(order, FlagCode.STAGE_LATE, severity=Severity.CRITICAL, due=at(77), owner=world.operations)
    text = words_of(browser_of(world.operations).get(reverse("orders")).text)
    assert "Critical: Stage takes too long +1 23 h over · you have it" in text


@pytest.mark.parametrize("query", ["", "wall=1"])
def test_each_order_of_a_pair_has_its_own_stage_and_owner(world, query):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO"))
    raise_flag(first, FlagCode.DONATION_NUMBER, **shared | {"subject": "B-7"}, since=at(3), owner=world.operations)
    raise_flag(first, FlagCode.IDENTITY_SHARED, **shared, since=at(8))
    raise_flag(other, FlagCode.IDENTITY_SHARED, **shared, since=at(9), owner=world.coordinator)
    PatientOrder.objects.filter(pk=first.pk).update(current_stage="inbound")
    PatientOrder.objects.filter(pk=other.pk).update(current_stage="apheresis")
    response = tower(world.operations, query)
    text = words_of(response.text)
    if query:
        assert "CO-ONE at Inbound and CO-TWO at Apheresis" in text
        assert (
            f"CO-ONE nobody has it ({world.operations} has another of its flags) CO-TWO {world.coordinator} has it"
            in text
        )
    else:
        assert f"{world.coordinator} has it" in text
        assert "at Apheresis" in text


def test_slack_stands_in_words(world):
    raise_flag(world.order(), due=at(131), severity=Severity.CRITICAL)
    raise_flag(world.order(), due=at(96))
    text = tower(world.operations).text
    assert '<span class="slack">31 h left</span>' in text
    assert '<span class="slack is-over">4 h over</span>' in text


def test_the_band_and_the_row_lead_with_the_same_flag_the_one_that_nobody_has(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "stage": ""}
    order, other = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO"))
    raise_flag(order, FlagCode.IDENTITY_SHARED, **shared, subject="donation:B-7", since=at(3), owner=world.operations)
    raise_flag(other, FlagCode.IDENTITY_SHARED, **shared, subject="donation:B-7", since=at(4))
    doubted = raise_flag(order, FlagCode.DONATION_NUMBER, **shared, subject="B-7", since=at(8))
    context = tower(world.operations).context
    rows = [one for row in context["risks"].pinned for one in row.joined]
    (row,) = [one for one in rows if one.order == order]
    deed = next(one for one in context["do_first"] if one.flag.order == order)
    assert row.head == deed.flag == doubted
