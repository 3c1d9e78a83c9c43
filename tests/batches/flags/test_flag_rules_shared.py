"""An identifier that stands on two orders: how bad it is, and how it is named."""

from uuid import UUID

from batches.flags.rules.record import out_of_sequence
from batches.flags.rules.shared import given_and_shared, identity_shared
from batches.judgement.statuses import Severity
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.statuses import OrderStatus
from tests.batches.builders import (
    a_shared,
    a_surprise,
    an_order,
    at,
    completed,
    subjects,
)
from tests.batches.flags.record_facts import SHARED


def test_an_identifier_on_two_orders_is_critical_and_named():
    (finding,) = identity_shared(an_order(shared=(a_shared(),)), at(5)).findings

    assert (finding.code, finding.stage, finding.severity) == (SHARED, "", Severity.CRITICAL)
    assert finding.why == "Donation identification number G123498654321 also stands on order COI-8."
    assert finding.since == at(0)
    assert [one["other_coi"] for one in finding.evidence["shared"]] == ["COI-8"]


def test_each_shared_identifier_is_a_flag_of_its_own():
    shared = (a_shared(since=at(2)), a_shared(IdentifierKind.BATCH, value="B-1", other_coi="COI-9", since=at(1)))

    findings = identity_shared(an_order(shared=shared), at(5)).findings

    assert [(finding.subject, finding.why) for finding in findings] == [
        ("donation:G123498654321", "Donation identification number G123498654321 also stands on order COI-8."),
        ("batch:B-1", "Batch number B-1 also stands on order COI-9."),
    ]


def test_of_a_dose_that_was_given_only_another_patients_label_counts():
    shared = (a_shared(IdentifierKind.BATCH, value="B-1"), a_shared(same_patient=True))
    given = an_order(completed("infusion", 5), shared=shared, status=OrderStatus.CLOSED)

    (finding,) = given_and_shared(given, at(9)).findings

    assert (finding.subject, finding.severity) == ("batch:B-1", Severity.CRITICAL)


def test_one_identifier_on_two_other_orders_is_one_flag():
    shared = (a_shared(since=at(2)), a_shared(since=at(1), other_id=UUID(int=9), other_coi="COI-9"))

    (finding,) = identity_shared(an_order(shared=shared), at(5)).findings

    assert finding.why == "Donation identification number G123498654321 also stands on order COI-9; 1 more such."
    assert len(finding.evidence["shared"]) == 2


def test_one_collection_for_two_orders_of_one_patient_only_wants_confirming():
    (finding,) = identity_shared(an_order(shared=(a_shared(same_patient=True),)), at(5)).findings

    assert finding.severity == Severity.ATTENTION
    assert finding.next_step == "QA: confirm that one collection serves both orders of this patient."


def test_one_batch_for_two_orders_is_critical_even_of_one_patient():
    shared = (a_shared(IdentifierKind.BATCH, same_patient=True),)

    assert subjects(identity_shared(an_order(shared=shared), at(5)).findings) == [(SHARED, "", Severity.CRITICAL)]


def test_another_grave_fact_and_another_order_that_joins_are_other_facts():
    one, two = a_surprise("contradicts", event=1), a_surprise("contradicts", event=2)
    gists = [out_of_sequence(an_order(surprises=ones), at(5)).findings[0].gist for ones in ([one], [one, two])]
    assert len({*gists, ""}) == 3
    assert out_of_sequence(an_order(surprises=[a_surprise("after_end")]), at(5)).findings[0].gist == ""

    first, third = a_shared(), a_shared(other_id=UUID(int=9))
    orders = [(first,), (third, first), (first, third)]
    gists = [identity_shared(an_order(shared=shared), at(5)).findings[0].gist for shared in orders]
    assert (gists[0] == gists[1], gists[1] == gists[2]) == (False, True)


def test_the_other_order_is_only_named_if_all_who_read_it_may_see_that_order():
    (finding,) = identity_shared(an_order(shared=(a_shared(may_be_named=False),)), at(5)).findings

    other = "another order, which not every reader of this may see"
    assert finding.why == f"Donation identification number G123498654321 also stands on {other}."
    assert set(finding.evidence["shared"][0]) == {"kind", "value", "other_kind", "since"}
    assert "COI-8" not in f"{finding}"
    assert str(UUID(int=8)) not in f"{finding}"


def test_an_identifier_that_stands_on_a_cancelled_order_only_wants_attention():
    (finding,) = identity_shared(an_order(shared=(a_shared(is_cancelled=True),)), at(5)).findings

    assert finding.severity == Severity.ATTENTION
    assert finding.why == "Donation identification number G123498654321 also stands on cancelled order COI-8."
    assert finding.next_step.startswith("QA: confirm that nothing of the cancelled order is used here")


def test_a_value_under_another_kind_says_so_and_is_never_innocent():
    shared = (a_shared(IdentifierKind.DONATION, other_kind=IdentifierKind.COI, same_patient=True),)

    (finding,) = identity_shared(an_order(shared=shared), at(5)).findings

    assert finding.severity == Severity.CRITICAL
    assert finding.why == (
        "Donation identification number G123498654321 also stands on this patient's other order COI-8"
        " as chain of identity."
    )
