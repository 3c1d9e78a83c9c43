"""What is said of an order's materials becomes rows that are the same in whatever order it was heard."""

import random

import pytest
from django.db import DatabaseError, connection, transaction

from supplychain.materials.models import Lot, LotUse, Material, MaterialParent
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.duties import holders_of
from supplychain.orders.rules.materials import kind_meant
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from tests.supplychain.api_clients import session_of
from tests.supplychain.builders import World, at, make_source, make_user, report
from tests.supplychain.materials.words import lot_used, material, status, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world) -> PatientOrder:
    return world.order()


def tree(order) -> list[dict]:
    return [
        material(order, "COL-1", "collection_bag", 5, stage="collection", volume_ml=180, cells=9_000_000_000),
        material(order, "CD4-1", "intermediate", 12, component="CD4", parents=["COL-1"], stage="selection"),
        material(order, "CD8-1", "intermediate", 12.5, component="CD8", parents=["COL-1"], stage="selection"),
        material(order, "BAG-1", "final_bag", 20, parents=["CD4-1", "CD8-1"], storage="−150 °C", stage="harvest"),
        lot_used(order, "LV-7", "CD4-1", 13),
        lot_used(order, "LV-7", "CD8-1", 14, expires_at="2027-01-31T23:59:00Z"),
        lot_used(order, "BEADS-3", hours=15, kind="reagent", product="Beads"),
        status(order, "BAG-1", "quarantine", 21),
        status(order, "BAG-1", "released", 30),
    ]


def rows(order) -> dict[str, list]:
    """All rows of an order but the moments at which they were withdrawn."""
    materials = Material.objects.filter(order=order).order_by("key").values()
    parents = MaterialParent.objects.filter(order=order).order_by("child__key", "parent__key")
    uses = LotUse.objects.filter(order=order).order_by("lot__key", "used_at")
    return {
        "materials": list(materials),
        "parents": list(parents.values_list("child__key", "parent__key")),
        "uses": list(uses.values_list("lot__key", "lot__kind", "material__key", "stage", "expires_at", "used_at")),
    }


def test_a_tree_of_materials_and_its_lots(world, order):
    assert {one.outcome for one in tell(world, *tree(order))} == {"created"}
    bag = Material.objects.get(number="BAG-1")
    assert (bag.status, bag.status_at, bag.storage, bag.doubts) == ("released", at(30), "−150 °C", [])
    assert {link.parent.number for link in bag.parent_links.all()} == {"CD4-1", "CD8-1"}
    assert Material.objects.get(number="CD8-1").component == "CD8"
    assert list(Lot.objects.order_by("key").values_list("kind", "number")) == [
        ("reagent", "BEADS-3"),
        ("vector", "LV-7"),
    ]
    assert LotUse.objects.filter(lot__number="LV-7").count() == 2
    assert list(broken_seals()) == []
    assert PatientOrder.objects.get(pk=order.pk).status == OrderStatus.ORDERED


def test_shuffled_and_repeated_reports_give_the_same_rows(world):
    chance, found = random.Random(12), []
    for number in range(6):
        order = world.order(patient_reference=f"pseudonym-{number}")
        said = [
            *tree(order),
            status(order, "BAG-9", "destroyed", 40),
            material(order, "BAG-2", hours=22, parents=["X"]),
        ]
        chance.shuffle(said)
        tell(world, *said, *chance.sample(said, 4))
        before = rows(order)
        assert rebuild_orders([order], now=at(200)) == {}
        assert rows(order) == before
        own = ("id", "order_id")
        found.append(
            before | {"materials": [{k: v for k, v in one.items() if k not in own} for one in before["materials"]]}
        )
    assert all(one == found[0] for one in found)


def test_what_is_only_named_is_kept_and_said_to_be_unknown(world, order):
    tell(world, material(order, "BAG-1", parents=["CD4-1"]), status(order, "BAG-7", "destroyed"))
    assert {one.number: (one.kind, one.doubts) for one in Material.objects.all()} == {
        "BAG-1": ("final_bag", []),
        "CD4-1": ("", ["unrecorded"]),
        "BAG-7": ("", ["unrecorded"]),
    }


def test_a_cycle_is_kept_and_doubted(world, order):
    tell(world, material(order, "A", hours=10, parents=["B"]), material(order, "B", hours=11, parents=["A"]))
    assert [one.doubts for one in Material.objects.all()] == [["cycle"], ["cycle"]]


def test_a_final_status_stands_until_it_is_withdrawn(world, order):
    first, infused, back = tell(
        world,
        material(order, "BAG-1"),
        status(order, "BAG-1", "infused", 20),
        status(order, "BAG-1", "quarantine", 30),
    )
    bag = Material.objects.get()
    assert (bag.status, bag.doubts) == ("infused", ["went_back"])
    for source in (world.reporter, Reporter.of_user(make_user("quality", world.plant, role=Role.QA))):
        wrong = {"event": str(infused.event_id), "reason": "Another patient’s bag was meant."}
        row = report(order, "withdrawn", hours=40, payload=wrong) | {"source_event_id": f"w-{source.key}"}
        assert record_event(row, by=source, now=at(50)).outcome == "created"
    bag.refresh_from_db()
    assert (bag.status, bag.doubts) == ("quarantine", [])
    assert first.event_id != back.event_id


def test_what_was_infused_from_quarantine_or_after_a_rejection_is_doubted(world, order):
    tell(world, status(order, "A", "quarantine", 10), status(order, "A", "infused", 11))
    tell(
        world,
        status(order, "B", "rejected", 10),
        status(order, "B", "infused", 11),
        status(order, "B", "destroyed", 12),
    )
    found = {one.number: (one.status, one.doubts) for one in Material.objects.all()}
    assert found == {
        "A": ("infused", ["from_quarantine", "unrecorded"]),
        "B": ("destroyed", ["rejected_away", "unrecorded", "went_back"]),
    }


def test_a_material_whose_report_is_withdrawn_is_withdrawn_and_may_come_back(world, order):
    told = tell(world, *tree(order))
    people = [world.reporter, Reporter.of_user(make_user("quality", world.plant, role=Role.QA))]
    for by in people:
        wrong = {"event": str(told[2].event_id), "reason": "There was no such bag."}
        record_event(
            report(order, "withdrawn", hours=60, payload=wrong) | {"source_event_id": f"w-{by.key}"}, by=by, now=at(70)
        )
    # Still named as a parent, and as what a lot went into.
    assert Material.objects.get(number="CD8-1").doubts == ["unrecorded"]
    assert not MaterialParent.objects.filter(child__number="CD8-1").exists()
    assert MaterialParent.everything.get(child__number="CD8-1").withdrawn_at == at(70)
    tell(world, tree(order)[2] | {"source_event_id": "again"})
    assert MaterialParent.objects.filter(child__number="CD8-1").count() == 1


def test_a_system_without_the_right_is_kept_but_only_its_warnings_count(world, order):
    logger = make_source("logger", world.plant)
    logger.scopes = ["events:write"]
    logger.save()
    by = Reporter.of_source(logger)
    answers = [record_event(row, by=by, now=at(100)) for row in (
        material(order, "BAG-1"), status(order, "BAG-2", "released"), status(order, "BAG-3", "quarantine"),
    )]  # fmt: skip
    assert ["events:materials" in one.reason for one in answers] == [True, True, True]
    assert "; it counts:" in answers[2].reason
    assert "it does not count" in answers[0].reason
    assert [one.number for one in Material.objects.all()] == ["BAG-3"]
    assert StatusEvent.objects.filter(lacked_scope="events:materials").count() == 3


def test_whoever_speaks_of_materials_does_not_release_them(world, order):
    world.source.scopes = ["events:write", "events:materials"]
    world.source.save()
    (answer,) = tell(world, status(order, "BAG-1", "released"))
    assert "events:release" in answer.reason
    assert not Material.objects.exists()


@pytest.mark.parametrize(
    ("statuses", "doubts"),
    [
        (("released", "shipped", "quarantine", "rejected"), ["rejected_away"]),
        (("rejected", "destroyed", "shipped"), ["rejected_away", "went_back"]),
        (("rejected", "destroyed"), []),
        (("quarantine", "shipped", "infused"), ["from_quarantine"]),
        (("quarantine", "released", "shipped", "infused"), []),
    ],
)
def test_statuses_in_between_hide_no_doubt(world, order, statuses, doubts):
    tell(world, material(order, "A"), *(status(order, "A", one, 20 + at) for at, one in enumerate(statuses)))
    assert sorted(Material.objects.get().doubts) == doubts


@pytest.mark.parametrize(
    ("kind", "payload", "problem"),
    [
        ("material", {"number": "B", "kind": "bucket"}, "payload.kind: use one of"),
        ("material", {"kind": "vial"}, "payload.number: must be a text"),
        ("material", {"number": "B", "kind": "vial", "parents": ["b"]}, "not made of itself"),
        ("material", {"number": "B", "kind": "vial", "parents": "A"}, "payload.parents: must be a list"),
        ("material", {"number": "B", "kind": "vial", "parents": [" "]}, "a number is empty"),
        ("material", {"number": "B", "kind": "vial", "volume_ml": -1}, "payload.volume_ml"),
        ("material", {"number": "B", "kind": "vial", "cells": 1.5}, "payload.cells"),
        ("material", {"number": "B", "kind": "vial", "stage": "kitchen"}, "is no stage of small v1"),
        ("material", {"number": "B", "kind": "vial", "expires_at": "soon"}, "payload.expires_at"),
        ("material_is", {"number": "B", "status": "eaten"}, "payload.status: use one of"),
        ("material_is", {"number": "B", "status": "destroyed"}, "payload.reason: say why"),
        ("lot_used", {"kind": "vector", "product": "V", "lot": "1"}, "name the material into which the lot went"),
        ("lot_used", {"kind": "vector", "product": "V", "stage": "harvest"}, "payload.lot"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(world, order, kind, payload, problem):
    answer = record_event(report(order, kind, payload=payload), by=world.reporter, now=at(9))
    assert answer.outcome == "rejected"
    assert problem in answer.reason


@pytest.mark.parametrize(
    ("role", "site", "row", "outcome"),
    [
        (Role.OPERATIONS, "plant", {"number": "B", "kind": "vial", "stage": "harvest"}, "created"),
        (Role.SITE_COORDINATOR, "oslo", {"number": "B", "kind": "vial", "stage": "harvest"}, "rejected"),
        (Role.SITE_COORDINATOR, "oslo", {"number": "B", "kind": "collection_bag", "stage": "collection"}, "created"),
    ],
)
def test_people_record_what_their_place_makes(world, order, role, site, row, outcome):
    by = Reporter.of_user(make_user("one", getattr(world, site), role=role))
    assert record_event(report(order, "material", payload=row), by=by, now=at(9)).outcome == outcome


def test_quality_assurance_alone_releases(world, order):
    said = status(order, "B", "released", 5)
    floor = Reporter.of_user(make_user("floor", world.plant))
    quality = Reporter.of_user(make_user("quality", world.plant, role=Role.QA))
    assert record_event(said, by=floor, now=at(9)).outcome == "rejected"
    assert record_event(said, by=quality, now=at(9)).outcome == "created"


def test_where_no_stage_releases_quality_assurance_of_the_plant_does():
    said = kind_meant("material_is", {"status": "released"})
    assert holders_of(None, said) == (("plant", Role.QA),)
    assert kind_meant("material_is", {"status": "quarantine"}) == "material_is"


@pytest.mark.parametrize("model", [Material, MaterialParent, Lot, LotUse])
def test_the_database_refuses_deletion(world, order, model):
    tell(world, *tree(order))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for sql in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with pytest.raises(DatabaseError, match="[Cc]annot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(model._meta.db_table))


def test_reports_of_other_things_cost_nothing(world, order, django_assert_num_queries):
    tell(world, *tree(order))
    with connection.execute_wrapper(_refuse_materials):
        record_event(report(order, "started", "collection", 90), by=world.reporter, now=at(101))


def _refuse_materials(execute, sql, params, many, context):
    assert "supplychain_material" not in sql
    return execute(sql, params, many, context)


@pytest.mark.parametrize("said", [("shipped", "rejected"), ("rejected", "shipped")])
def test_a_material_that_was_rejected_and_shipped_is_told_above_the_materials(world, order, said):
    tell(world, material(order, "BAG-1"), *(status(order, "BAG-1", one, 20 + at) for at, one in enumerate(said)))
    assert "rejected_away" in Material.objects.get().doubts
    page = session_of(make_user("ola", world.plant)).get(f"/orders/{order.pk}/").text
    assert 'Do not use <span class="mono">BAG-1</span>' in page
    assert "Rejected, and it was shipped or infused." in page


def test_a_released_material_of_an_order_on_hold_is_told_until_it_goes_on(world, order):
    tell(world, report(order, "completed", "release", 19))
    tell(world, material(order, "BAG-1"), status(order, "BAG-1", "released", 20))
    browser = session_of(make_user("ola", world.plant))
    address = f"/orders/{order.pk}/"
    assert "Do not use" not in browser.get(address).text
    held = report(order, "held", hours=30, payload={"reason": "The centre asks for it."})
    assert record_event(held, by=world.reporter, now=at(30)).outcome == "created"
    page = browser.get(address).text
    assert 'Do not use <span class="mono">BAG-1</span>' in page
    assert "Its order is on hold or cancelled." in page
