"""What people may write into a new order: pseudonyms, donation numbers, dates that the plan can keep."""

from datetime import timedelta

import pytest

from supplychain.identifiers.rules.donation_numbers import (
    check_character,
    donation_number,
    donation_problem,
)
from supplychain.identifiers.rules.pseudonyms import identifying_problem, pseudonym_problem
from supplychain.orders.rules.requests import (
    length_words,
    planned_ready_at,
    requirements,
    wanted_date_problem,
)
from tests.supplychain.builders import T0, plain_plan


@pytest.mark.parametrize(
    "reference",
    ["PX-4F7K2", "PX-PT80370", "P-0001", "pseudonym-1", "patient-12", "Z9904-0012", "OSL-2026-00012", "PX-26-11-23",
     "S01-P0007", "STUDY-ABC-001", "CO26ABCDEF1234", "Zoe7", "a.1_b"],
)  # fmt: skip
def test_a_pseudonym_is_taken(reference):
    assert pseudonym_problem(reference) == ""


@pytest.mark.parametrize(
    ("reference", "looks_like"),
    [
        ("Ola Nordmann", "a name"),
        ("Nordmann", "a name"),
        ("ola.nordmann1", "a name"),
        ("Hansen-12", "a name"),
        ("NORDMANN-OLA-1", "a name"),
        ("Bjørn-1", "a name"),
        ("HANSEN", "a name or initials"),
        ("ON", "characters"),
        ("1970-01-02", "a date of birth"),
        ("02.01.1970", "a date of birth"),
        ("PX-02011970", "a date of birth"),
        ("19700102", "a date of birth"),
        ("ID.12.11.70", "a date of birth"),
        ("02017012345", "a social security or national number"),
        ("020170-12345", "a social security or national number"),
        ("123-45-6789", "a United States social security number"),
        ("131052-308T", "a Finnish personal identity code"),
        ("1234567TW", "an Irish PPS number"),
        ("AB123456C", "a British National Insurance number"),
        ("MRN123456", "a medical record number"),
        ("mrn-4711", "a medical record number"),
        ("1234567", "a medical record number"),
        ("", "pseudonym"),
        ("PX/12", "letters A to Z, digits"),
        ("X1" * 40, "3 to 64 characters"),
    ],
)
def test_what_names_the_patient_elsewhere_is_refused_with_the_reason(reference, looks_like):
    assert looks_like in pseudonym_problem(reference)


@pytest.mark.parametrize("coi", ["CO26ABCDEFGH12", "CHZ990126A1B2C3", "CHZ990126123456", "CO2612345678"])
def test_a_chain_of_identity_is_no_identifying_detail(coi):
    assert identifying_problem(coi) == ""


def test_a_chain_of_identity_with_a_name_is_one():
    assert identifying_problem("Ola Nordmann") == "This looks like a name."


@pytest.mark.parametrize(("number", "check"), [("G123498654321", "H"), ("G123417654321", "A"), ("A999818123456", "N")])
def test_check_characters_are_those_published(number, check):
    """ISO/IEC 7064 mod 37-2, examples published by ICCBBA (DOMAIN §3)."""
    assert check_character(number) == check


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("G123498654321", "G123498654321"),
        ("g123498654321h", "G123498654321"),
        ("G1234 98 654321 H", "G123498654321"),
        ("G1234 98 654321 00 H", "G123498654321"),
        ("=G12341765432170", "G123417654321"),
        ("]C1=G12341765432170", "G123417654321"),
        ("DON-7", "DON-7"),
    ],
)
def test_a_donation_number_is_taken_as_typed_or_scanned(typed, stored):
    assert (donation_problem(typed), donation_number(typed)) == ("", stored)


@pytest.mark.parametrize("typed", ["G123498654321K", "G123498654312H", "G1234 98 654321 00 A"])
def test_a_check_character_that_does_not_fit_is_refused(typed):
    assert "check character" in donation_problem(typed)


def test_a_scanned_symbol_without_a_number_is_refused():
    assert "holds no donation number" in donation_problem("=G12")


def test_the_requirements_name_every_stage_and_who_does_it():
    asked = requirements(plain_plan())
    assert [(stage.name, stage.is_yours) for stage in asked.stages] == [
        ("Collection", True), ("Inbound", False), ("Selection", False), ("Harvest", False), ("Sterility", False),
        ("Release", False), ("Infusion", True),
    ]  # fmt: skip
    assert asked.stages[1].wait == "begins within 24 h"
    assert asked.stages[3].wait == "follows at once"
    assert asked.stages[6].wait == "begins within 12 months"
    assert asked.stages[0].takes == "6 h, at most 12 h"


def test_the_plan_is_the_longest_path_to_the_infusion_without_tests_that_may_end_later():
    """6 + 24 + 12 + 12 + 24 hours; the sterility test of 336 hours stands aside."""
    assert requirements(plain_plan()).planned_hours == 78
    assert planned_ready_at(plain_plan(), T0) == T0 + timedelta(hours=78)


@pytest.mark.parametrize(
    ("hours", "problem"),
    [(78, ""), (100, ""), (77, "this is 1 day too early"), (78 - 49, "this is 2 days too early")],
)
def test_a_date_before_the_plan_is_questioned(hours, problem):
    said = wanted_date_problem(T0 + timedelta(hours=hours), plain_plan(), T0)
    assert problem in said
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("hours", "words"),
    [(6, "6 h"), (1.5, "1.5 h"), (60, "2 days 12 h"), (205, "9 days"), (168, "7 days"), (8640, "12 months")],
)
def test_lengths_are_said_as_a_plan_says_them(hours, words):
    assert length_words(hours) == words
