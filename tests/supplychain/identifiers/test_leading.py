"""To which orders a report leads: by who issued the identifier and who asks."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.placing import place_order
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.rules.placing import OrderRefused
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import World, at, make_source, report

pytestmark = pytest.mark.django_db


class TwoHospitals(World):
    """Oslo and Bergen order from one plant; each of the three has a system of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.hospital = Reporter.of_source(make_source("ehr-oslo", self.oslo))
        self.other = Reporter.of_source(make_source("ehr-bergen", self.bergen))
        self.mes = Reporter.of_source(make_source("mes", self.plant))

    def placed(self, by: Reporter, **given) -> PatientOrder:
        site = "oslo" if by is self.hospital else "bergen"
        asked = {
            "product": "product-small",
            "patient_reference": f"p-{site}-1",
            "ordering_site": site,
            "plant": "plant",
        }
        return PatientOrder.objects.get(pk=place_order(by=by, now=at(0), **(asked | given)).order_id)

    def says(self, by: Reporter, order: PatientOrder | str, hours: float = 1, stage: str = "collection", **more):
        return record_event(report(order, "note", stage, hours, **more), by=by, now=at(hours))


@pytest.fixture
def world() -> TwoHospitals:
    return TwoHospitals()


def test_two_hospitals_may_issue_the_same_chain_of_identity_and_the_issuer_tells_them_apart(world):
    mine, theirs = world.placed(world.hospital, coi="A-1"), world.placed(world.other, coi="a-1")
    assert (mine.coi_issuer, theirs.coi_issuer) == ("oslo", "bergen")

    doubtful = world.says(world.mes, "A-1", 1)
    assert (doubtful.outcome, "order_issuer" in doubtful.reason) == (ReportOutcome.REJECTED, True)
    assert "bergen, oslo" in doubtful.reason

    for issuer, order in (("oslo", mine), ("Bergen ", theirs)):
        said = world.says(world.mes, "A-1", 2, order_issuer=issuer, source_event_id=issuer)
        assert (said.outcome, said.order_id) == (ReportOutcome.CREATED, order.pk)
    assert world.says(world.hospital, "a-1", 3).order_id == mine.pk
    assert "issued by plant" in world.says(world.mes, "A-1", 4, order_issuer="plant").reason


def test_another_hospital_cannot_make_a_batch_number_doubtful(world):
    mine, theirs = world.placed(world.hospital), world.placed(world.other, coi="PLA-1")
    world.says(world.mes, mine, 1, "selection", payload={"batch_number": "PLA-1"})
    world.says(world.other, theirs, 2, payload={"batch_number": "pla-1", "donation_number": "PLA-1"})
    assert world.says(world.mes, "PLA-1", 3, "selection").order_id == mine.pk
    assert world.says(world.mes, "pla-1 ", 4, "selection").order_id == mine.pk


def test_another_hospital_cannot_make_a_donation_number_doubtful(world):
    mine = world.placed(world.hospital)
    theirs = world.placed(world.other, collection_site="oslo")
    world.says(world.hospital, mine, 1, payload={"donation_number": "G1234 98 654321 H"})
    world.says(world.other, theirs, 2, payload={"donation_number": "g123498654321"})
    assert world.says(world.mes, "G123498654321", 3).order_id == mine.pk
    issuers = Identifier.objects.filter(kind="donation").values_list("order", "issuer", "value")
    assert set(issuers) == {(mine.pk, "oslo", "G123498654321"), (theirs.pk, "bergen", "g123498654321".upper())}


def test_a_donation_number_is_no_chain_of_identity(world):
    with pytest.raises(OrderRefused, match="this is a donation number"):
        world.placed(world.other, coi="g123498654321")


def test_a_report_by_a_number_in_other_letters_finds_its_order(world):
    mine = world.placed(world.hospital, hospital_order_number="Å-7")
    for number, typed in enumerate(("Å-7", "å-7", "A\u030a-7", " Å-7\n", "Å-7\u00a0")):
        assert world.says(world.hospital, typed, 1, source_event_id=str(number)).order_id == mine.pk
    for typed in ("A-7", "Å-7\u200b", "Å\u202e-7"):
        assert world.says(world.hospital, typed, 2).outcome == ReportOutcome.REJECTED


@pytest.mark.parametrize("field", ["order", "source_event_id", "batch_number", "donation_number", "shipper_number"])
@pytest.mark.parametrize("typed", ["1.67683E+15", "a\u200bb"])
def test_rounded_numbers_and_hidden_characters_are_refused_in_every_identifier(world, field, typed):
    mine = world.placed(world.hospital)
    row = report(mine, "note", "collection", 1)
    changed = {field: typed} if field in row else {"payload": {field: typed}}
    said = record_event(row | changed, by=world.hospital, now=at(1))
    assert said.outcome == ReportOutcome.REJECTED
    assert field in said.reason.split(":")[0]
