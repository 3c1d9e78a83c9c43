"""Every table is either a fact that the database never lets change, or named here as one that may."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from supplychain.audit.models import RefusedSigning
from supplychain.audit.signing import Proof
from supplychain.audit.statuses import Factor, SignedAct
from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.people.statuses import Role
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.conditions.warm import WarmWorld, handed_in

APPEND_ONLY = {
    "StatusEvent", "EventConflict", "Identifier", "FlagChange", "HandOver", "TakeOver", "IssuedReport", "Lot",
    "IdentityCheck", "Signature", "RefusedSigning",
    "DifferingReading", "LoggerReading", "ReadingFilePart",
}  # fmt: skip
# Projections of the events: rebuilt from them at any time.
PROJECTIONS = {
    "PatientOrder", "StageRun", "Collection", "Shipment", "Batch", "Flag", "PoolState", "PoolVisit", "BottleneckPeriod",
    "Forecast", "TypicalDuration", "OrderOutcome", "LearnedDuration", "ForecastJob", "VisitCursor", "CalibrationState",
    "OutcomeCursor", "RefinementState", "ReplayedForecast", "VerdictTrial", "DueOrder", "DueMark", "PoolWaitLimit",
    "Material", "MaterialParent", "LotUse", "Label",
    "CustodyEntry",
    "LoggerRecord", "Excursion",
}  # fmt: skip
# Set up by people; every change is kept by a trigger, except for stages, which are never changed but replaced.
MASTER_DATA = {
    "User", "Membership", "Site", "SourceSystem", "SourceSite", "Product", "Flow", "Pool", "PoolCapacity", "Suite",
    "NotificationPreference", "EscalationStep", "SavedView", "RiskThreshold", "Scenario", "LineCosts",
    "HandOverLink", "Lane", "Shipper",
}  # fmt: skip
# Who was told of which flip, and who has still to be: it follows from the flips, what was read and sent does not.
# How far the seals of the facts were verified; forgotten, it begins anew.
CHECKS = {"SealCheck"}
MESSAGES = {"PendingFlip", "Notification", "Mail", "ChangeNotice", "ReviewNotice", "SigningNotice"}
LOADED = {"Stage"}
# What was said would happen; its outcome is written once it is known.
LEDGER = {"Prediction", "ShownVerdict"}
# What came in; what became of it is written once it was read.
DELIVERIES = {"ReadingDelivery"}
# Work asked for by people, with its progress and what it came to; it goes with its scenario.
WORK = {"ScenarioRun"}


def own_models() -> dict:
    models = [*apps.get_app_config("supplychain").get_models(), *apps.get_app_config("batches").get_models()]
    return {model.__name__: model for model in models if not hasattr(model, "pgh_tracked_model")}


def triggers_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
        return {name.removeprefix("pgtrigger_").rsplit("_", 1)[0] for (name,) in cursor.fetchall()}


def test_every_model_has_its_place():
    placed = APPEND_ONLY | PROJECTIONS | MASTER_DATA | MESSAGES | LOADED | LEDGER | WORK | CHECKS | DELIVERIES
    assert set(own_models()) == placed


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(APPEND_ONLY))
def test_append_only_tables_have_their_triggers(name):
    assert {"append_only", "never_emptied"} <= triggers_of(own_models()[name]._meta.db_table)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(MASTER_DATA))
def test_changes_of_master_data_are_kept(name):
    assert {"insert_insert", "update_update", "delete_delete"} <= triggers_of(own_models()[name]._meta.db_table)


@pytest.fixture
def rows_everywhere(db) -> None:
    """At least one row in each append-only table."""
    from batches.flags.models import Flag, FlagChange
    from batches.flags.statuses import FlagChangeKind
    from batches.judgement.statuses import FlagCode, Severity
    from batches.notifications.models import HandOver, TakeOver
    from supplychain.documents.actions import issue_report

    world = WarmWorld()
    order = world.shipped()
    world.read(order, [5])
    world.read(order, [6])
    handed_in(order, "no readings", make_user("hands in"))
    said = report(order, "note", "collection", 2)
    lot = {"kind": "vector", "product": "Vector", "lot": "LV-1", "stage": "selection"}
    used = report(order, "lot_used", hours=3, payload=lot)
    record_events([said, said | {"resource": "other"}, used], by=world.reporter)
    flag = Flag.objects.create(
        order=order, code=FlagCode.SILENT, severity=Severity.ATTENTION, since=at(1), raised_at=at(1), evidence={}
    )
    FlagChange.objects.create(flag=flag, kind=FlagChangeKind.RAISED, severity=flag.severity, changed_at=at(1))
    night = make_user("night")
    handed = HandOver.objects.create(
        site=world.oslo, by=night, person="night", text="Quiet.", from_at=at(1), to_at=at(9), made_at=at(9)
    )
    TakeOver.objects.create(handover=handed, by=night, person="night", taken_at=at(10))
    issue_report(order, {"form": "report"}, by=night, time_zone="UTC", now=at(10))
    signed_rejection(order, make_user("quality", world.plant, role=Role.QA))
    RefusedSigning.objects.create(order=order, by=night, means="Release", why="Wrong", refused_at=at(12))
    by, place = world.reporter, CheckPlace.REST
    check_identity(order.pk, read=order.coi, by=by, place=place, client_id="one", now=at(11))


def signed_rejection(order, by) -> None:
    """The rejection of a material, signed."""
    Flow.objects.filter(pk=order.flow_id).update(signed_acts=[SignedAct.REJECTION])
    flow_plan.cache_clear()
    said = {"number": "B-1", "status": "rejected", "reason": "Cracked in the vapour."}
    row = report(order, "material_is", hours=12, payload=said)
    result = record_events([row], by=Reporter.of_user(by, Proof(by.pk, (Factor.PASSWORD.value,))))[0]
    assert result.outcome == "created", result.reason


@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("name", sorted(APPEND_ONLY))
def test_append_only_tables_refuse_every_change(rows_everywhere, name, statement):
    model = own_models()[name]
    before = model.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="pgtrigger: [Cc]annot"), transaction.atomic():
            cursor.execute(statement.format(model._meta.db_table, model._meta.concrete_fields[0].column))
    assert model.objects.count() == before >= 1
