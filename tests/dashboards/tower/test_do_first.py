"""What a shift should do first: the three named on top of the control tower."""

import pytest

from batches.judgement.statuses import FlagCode, Harm, Severity
from tests.dashboards.builders import raise_flag
from tests.dashboards.tower.readings import tower
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_cells_of_which_there_is_no_word_come_before_requests_that_have_hours_left(world):
    """However long their report is overdue: it is not their own limit that has passed."""
    lost, asked, wasted = world.order(), world.order(), world.order()
    critical = {"severity": Severity.CRITICAL, "harm": Harm.CELLS}
    raise_flag(lost, FlagCode.SILENT, stage="inbound", due=at(72), **critical)
    raise_flag(asked, FlagCode.CHANGE_ASKED, stage="", due=at(104), **critical)
    raise_flag(wasted, FlagCode.HOLD_EXPIRING, stage="selection", due=at(72), **critical)
    assert [deed.flag.order for deed in tower(world.operations).context["do_first"]] == [lost, asked, wasted]


@pytest.mark.parametrize(
    ("harm", "is_named"), [(Harm.DOSE_TO_STOP, True), (Harm.IDENTITY, True), (Harm.DOSE_IN_DOUBT, False)]
)
def test_who_read_the_code_stops_cells_and_dose_like_everybody_and_resolves_nothing(world, harm, is_named):
    mine, other = world.order(), world.order()
    said = {"severity": Severity.CRITICAL, "harm": harm, "next_step": "Operations: stop it now."}
    for order, reader in ((mine, str(world.operations.pk)), (other, "somebody")):
        raise_flag(order, FlagCode.IDENTITY_MISMATCH, stage="", evidence={"not_by": [reader]}, **said)
    named = {deed.flag.order for deed in tower(world.operations).context["do_first"]}
    assert named == ({mine, other} if is_named else {other})
