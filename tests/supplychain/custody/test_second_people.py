"""Two people at a step, where the product asks for it: who counts as the second one, and who does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.audit.refusals import Refused
from supplychain.custody.actions.links import make_link, use_link
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.confirming import confirm_report
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.second_people import step_asked
from supplychain.people.statuses import Role
from tests.batches.judging import evaluate, make_due
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.custody.two_people import ask, collected, confirm, gaps, refusal, tell, two_people_world

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=5)


@pytest.fixture
def world() -> World:
    return two_people_world()


def test_a_step_of_one_person_is_flagged_until_another_confirms_it(world):
    event = collected(world, world.ana)
    assert gaps(world) == ["unwitnessed"]
    for hours, standing in ((6.4, 0), (6.6, 1)):
        make_due([world.case], hours)
        evaluate(hours)
        assert Flag.objects.filter(code=FlagCode.CUSTODY_GAP, cleared_at=None).count() == standing
    flag = Flag.objects.get(code=FlagCode.CUSTODY_GAP)
    assert flag.severity == Severity.ATTENTION
    assert "two people check here, and only one is known" in flag.why
    confirm(world, event, world.ben, 7)
    assert gaps(world) == [""]
    said = StatusEvent.objects.get(kind="witnessed")
    assert (said.user, said.payload, said.stage) == (world.ben, {"event": str(event)}, "")
    make_due([world.case], 8)
    evaluate(8)
    assert not Flag.objects.filter(code=FlagCode.CUSTODY_GAP, cleared_at=None).exists()


def test_without_the_product_asking_nothing_is_missed(world):
    collected(world, payload={"second_person": "B. Costa"})
    row = report(world.case, "started", "inbound", 8, payload={"second_person": "B. Costa"})
    tell(world, row, report(world.case, "note", "collection", 8))
    row = report(world.case, "note", "collection", 7)
    event = tell(world, row, by=Reporter.of_user(world.ana))[0]
    assert gaps(world) == ["", ""]
    assert "asks for no second person" in refusal(world, event, world.ben)


def test_the_first_person_is_not_the_second(world):
    event = collected(world, world.ana)
    assert "another one confirms it" in refusal(world, event, world.ana)
    named = tell(world, report(world.case, "started", "inbound", 8, resource="ANA"), hours=8)[0]
    assert "another one confirms it" in refusal(world, named, world.ana, 8.1)


def test_nor_is_anybody_of_another_site_or_without_the_right(world):
    event = collected(world, world.ana)
    stranger = make_user("sam", world.bergen, role=Role.SITE_COORDINATOR)
    with pytest.raises(Refused):
        confirm(world, event, stranger)
    assert "The second person here is" in refusal(world, event, world.pia)
    assert not StatusEvent.objects.filter(kind="witnessed").exists()


def test_a_day_later_nobody_confirms_what_they_remember(world):
    event = collected(world, world.ana)
    assert "too late" in refusal(world, event, world.ben, 31)


def test_the_same_confirmation_again_changes_nothing(world):
    event = collected(world, world.ana)
    confirm(world, event, world.ben)
    confirm(world, event, world.ben, 6.2)
    assert StatusEvent.objects.filter(kind="witnessed").count() == 1


def test_a_withdrawn_report_takes_its_confirmation_along(world):
    event = collected(world, world.ana)
    started = tell(world, report(world.case, "started", "inbound", 8), by=Reporter.of_user(world.ana), hours=8)[0]
    confirm(world, event, world.ben)
    confirm(world, started, world.ben, 8.1)
    assert gaps(world) == ["", ""]
    gone = report(
        world.case, "withdrawn", "inbound", 9, payload={"event": str(started), "reason": "Another order's bag."}
    )
    tell(world, gone, by=Reporter.of_user(world.ana), hours=9)
    again = tell(world, report(world.case, "started", "inbound", 9), by=Reporter.of_user(world.ana), hours=9)[0]
    assert gaps(world) == ["", "unwitnessed"]
    assert "was withdrawn" in refusal(world, started, world.pia, 9.1)
    confirm(world, again, world.ben, 9.1)
    assert gaps(world) == ["", ""]


def test_a_system_names_its_second_person_but_confirms_nothing(world):
    event = collected(world, payload={"second_person": "B. Costa"})
    assert gaps(world) == [""]
    row = report(world.case, "witnessed", hours=6, payload={"event": str(event)})
    result = record_event(row, by=world.reporter, now=at(6))
    assert result.outcome == "rejected"
    assert "no system" in result.refusal


@pytest.mark.parametrize("payload", [{"second_person": "A. Berg", "given_by": "a.  berg"}, {"second_signed": "ben"}])
def test_who_is_named_twice_or_in_other_words_is_no_second_person(world, payload):
    collected(world, payload={"second_person": "B. Costa"})
    told = {"from": "collection_site", "to": "courier", "given_by": "A. Berg"} | payload
    rows = [report(world.case, "started", "inbound", 8), report(world.case, "handed_over", hours=8, payload=told)]
    tell(world, *rows, hours=8)
    assert gaps(world) == ["", "unwitnessed"]


def test_a_person_types_no_second_person(world):
    row = report(world.case, "completed", "collection", 6, payload={"second_person": "Ben"})
    result = record_event(row, by=Reporter.of_user(world.ana), now=at(6))
    assert result.outcome == "rejected"
    assert "under their own name" in result.refusal


def test_a_hand_over_and_its_stage_report_are_one_step(world):
    first = collected(world, payload={"second_person": "B. Costa"})
    told = {"from": "collection_site", "to": "courier", "courier": "Nord"}
    started, handed = tell(
        world,
        report(world.case, "started", "inbound", 8),
        report(world.case, "handed_over", hours=8.1, payload=told),
    )
    assert gaps(world) == ["", "unwitnessed"]
    confirm(world, handed, world.ana, 8.2)
    assert gaps(world) == ["", ""]
    assert first != started


def test_a_relay_among_couriers_is_a_step_of_its_own(world):
    collected(world, payload={"second_person": "B. Costa"})
    tell(world, report(world.case, "started", "inbound", 8, payload={"second_person": "C. Ode"}))
    relay = tell(world, report(world.case, "handed_over", hours=10, payload={"from": "courier", "to": "courier"}))[0]
    assert gaps(world) == ["", "", "unwitnessed"]
    confirm(world, relay, world.pia, 24.1)
    assert gaps(world) == ["", "", ""]


def test_rebuilt_it_is_the_same(world):
    event = collected(world, world.ana)
    tell(world, report(world.case, "started", "inbound", 8))
    confirm(world, event, world.ben)
    before = list(world.case.custody.values())
    assert [one["gap"] for one in before] == ["", "unwitnessed"]
    assert not rebuild_orders([world.case], now=at(30))
    assert list(world.case.custody.values()) == before


def visit(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_asks_the_second_person_and_says_who_it_was(world):
    now = timezone.now()
    row = {"source_event_id": "now", "order": str(world.case.pk), "kind": "completed", "stage": "collection",
           "occurred_at": (now - SOON).isoformat()}  # fmt: skip
    result = record_event(row, by=Reporter.of_user(world.ana), now=now)
    address = f"/orders/{world.case.pk}/custody/"
    mine = visit(world.ana).get(address).content.decode()
    assert "A second person is missing" in mine
    assert "You are the first person of this report" in mine
    client = visit(world.ben)
    assert "I checked it too" in client.get(address).content.decode()
    after = client.post(f"{address}confirm/", {"event": str(result.event_id)}, follow=True).content.decode()
    assert "Confirmed: you are the second person" in after
    assert "reported by ana, confirmed by ben on" in after
    assert "A second person is missing" not in after
    assert (
        visit(make_user("sam", world.bergen)).post(f"{address}confirm/", {"event": str(result.event_id)}).status_code
        == 404
    )
    assert client.post(f"{address}confirm/", {"event": "x"}).status_code == 404
    chain = client_of(world.source, "orders:read").get(f"/api/v1/orders/{world.case.pk}/custody/").json()
    second = chain["entries"][0]["second_people"][0]
    assert (second["step"], second["reported_by"], second["second_person"]) == ("Collection completed", "ana", "ben")
    assert second["confirmed_at"]


def test_a_driver_is_one_person_and_who_takes_the_cells_over_the_other(world):
    collected(world, payload={"second_person": "B. Costa"})
    link, token = make_link(world.case.pk, "inbound:at_pickup", by=world.ana, now=at(8))
    use_link(token, {"driver": "Dora", "other": "ana", "seal": "intact", "packaging": "intact"}, now=at(8.1))
    assert gaps(world) == ["", "unwitnessed"]
    link.refresh_from_db()
    confirm(world, link.event_id, world.ana, 8.2)
    assert gaps(world) == ["", ""]


def test_a_withdrawn_confirmation_is_gone_and_another_person_gives_it_anew(world):
    event = collected(world, world.ana)
    confirm(world, event, world.ben)
    said = StatusEvent.objects.get(kind="witnessed")
    gone = report(world.case, "withdrawn", hours=7, payload={"event": str(said.pk), "reason": "Ben was not there."})
    tell(world, gone, by=Reporter.of_user(world.pia), hours=7)
    assert gaps(world) == ["unwitnessed"]
    assert "withdrawn" in refusal(world, event, world.ben, 7.1)
    confirm(world, event, make_user("cas", world.oslo, role=Role.SITE_COORDINATOR), 7.1)
    assert gaps(world) == [""]


def test_a_report_that_comes_late_is_confirmed_from_when_it_came(world):
    row = report(world.case, "completed", "collection", 6)
    event = tell(world, row, by=Reporter.of_user(world.ana), hours=50)[0]
    confirm(world, event, world.ben, 51)
    assert gaps(world) == [""]


def test_of_another_order_nothing_is_confirmed(world):
    event = collected(world, world.ana)
    other = world.order(coi="CO-OTHER", patient_reference="pseudonym-2")
    with pytest.raises(Refused) as refused:
        confirm_report(other.pk, event, by=world.ben, now=at(6.1))
    assert "no such report" in refused.value.errors["event"]


def test_cells_that_were_collected_before_the_order_ask_nobody(world):
    said = {"collected_earlier": True}
    assert step_asked(flow_plan(world.flow.pk), "completed", "collection", said) is None
    assert step_asked(flow_plan(world.flow.pk), "completed", "collection", {}) is not None


def test_work_that_changed_no_hands_lacks_at_who_held_the_cells_and_since_the_step(world):
    ask(world, infusion=[], harvest=["started"])
    collected(world, payload={"second_person": "B. Costa"})
    both = {"second_person": "B. Costa"}
    tell(
        world,
        report(world.case, "started", "inbound", 8, payload=both),
        report(world.case, "completed", "inbound", 20, payload=both),
        report(world.case, "started", "selection", 21),
        report(world.case, "completed", "selection", 33),
        report(world.case, "started", "harvest", 34),
        hours=34,
    )
    assert gaps(world) == ["", "", "unwitnessed"]
    for hours, standing in ((34.4, 0), (34.6, 1)):
        make_due([world.case], hours)
        evaluate(hours)
        assert Flag.objects.filter(code=FlagCode.CUSTODY_GAP, cleared_at=None).count() == standing
    assert Flag.objects.get(code=FlagCode.CUSTODY_GAP).since == at(34)
    event = StatusEvent.objects.get(stage="harvest", kind="started").pk
    confirm(world, event, world.pia, 35)
    assert gaps(world) == ["", "", ""]
