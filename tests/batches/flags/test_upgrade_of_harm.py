"""The classes of harm move by one under flags that are there: an upgrade of a site, not of an empty database."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.models import ChangeNotice, DueMark
from tests.dashboards.builders import TowerWorld, raise_flag
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
BEFORE, AFTER = "0066_signing_notices", "0068_doses_being_given"


def migrate(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("batches", name)])


@pytest.fixture
def back_to_the_newest():
    newest = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] == "batches"]
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(newest)


@pytest.mark.usefixtures("back_to_the_newest")
def test_flags_that_are_there_keep_their_class_and_nobody_is_told():
    order = TowerWorld().order()
    for subject, harm in (("identity", Harm.IDENTITY), ("settled", Harm.SETTLED), ("dose", Harm.DOSE_TO_STOP)):
        raise_flag(order, FlagCode.IDENTITY_SHARED, subject=subject, harm=harm, severity=Severity.CRITICAL, since=at(9))
    migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, harm FROM batches_flag")
        assert dict(cursor.fetchall()) == {"identity": 2, "settled": 9, "dose": 0}
    told = ChangeNotice.objects.count()
    DueMark.objects.all().delete()

    migrate(AFTER)

    harms = dict(Flag.objects.values_list("subject", "harm"))
    assert harms == {"identity": Harm.IDENTITY, "settled": Harm.SETTLED, "dose": Harm.DOSE_TO_STOP}
    assert set(Flag.objects.values_list("act_by", flat=True)) == {at(9)}
    assert ChangeNotice.objects.count() == told
    assert set(DueMark.objects.values_list("order", flat=True)) == {order.pk}
