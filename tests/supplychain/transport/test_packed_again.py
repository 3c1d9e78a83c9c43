"""A transport that failed and goes again: its cells are packed anew, and what came of the first way belongs to that."""

import pytest

from supplychain.orders.rules.packing import PACKED, UNPACKED, packing_of
from supplychain.orders.rules.states import RunState
from supplychain.transport.rules.packaging import packaging_faults
from tests.supplychain.builders import at, plain_plan
from tests.supplychain.transport.test_delays import run_of

INBOUND = plain_plan().stages["inbound"]
FIRST = {"shipper_number": "A", "seal_number": "S1", "qualified_until": at(20).isoformat()}
SECOND = {"shipper_number": "B", "seal_number": "S2", "qualified_until": at(60).isoformat()}
WELL = {"packaging": "intact", "seal": "matches"}
ON_ITS_WAY = ((PACKED, 4, FIRST), ("started", 6, {"shipper_number": "A"}), ("failed", 8, {}))
AGAIN = ((PACKED, 10, SECOND), ("started", 11, {}))


def faults(run: RunState) -> list[tuple[str, bool]]:
    return [(one.code, one.is_critical) for one in packaging_faults(INBOUND, run)]


def test_an_unpacking_is_not_compared_with_a_later_packing():
    run = run_of(*ON_ITS_WAY, (UNPACKED, 9, WELL | {"shipper_number": "A", "seal_number": "S1"}), *AGAIN)
    assert (packing_of(run, PACKED)["shipper_number"], packing_of(run, UNPACKED)) == ("B", {})
    assert run.cold_until == at(60)
    assert faults(run) == []
    came = (UNPACKED, 30, WELL | {"shipper_number": "B", "seal_number": "S2"})
    assert faults(run_of(*ON_ITS_WAY, (UNPACKED, 9, WELL | {"shipper_number": "A"}), *AGAIN, came)) == []


def test_cells_that_failed_on_their_way_are_packed_anew_without_an_unpacking():
    run = run_of(*ON_ITS_WAY, *AGAIN, (UNPACKED, 30, WELL | {"shipper_number": "B", "seal_number": "S2"}))
    assert (packing_of(run, PACKED)["shipper_number"], run.cold_until, faults(run)) == ("B", at(60), [])
    assert faults(run_of(*ON_ITS_WAY, *AGAIN, (UNPACKED, 30, WELL | {"shipper_number": "A"}))) == [
        ("other_shipper", True)
    ]


@pytest.mark.parametrize("then", [(), ((UNPACKED, 30, WELL),)])
def test_what_was_amiss_on_the_first_way_stays_in_the_words_of_that(then):
    came = (UNPACKED, 9, {"packaging": "damaged", "seal": "other", "seal_number": "S9", "shipper_number": "A"})
    run = run_of(*ON_ITS_WAY, came, *AGAIN, *then)
    assert faults(run) == [("damaged_before", True), ("seal_before", True)]
    words = [one.words for one in packaging_faults(INBOUND, run)]
    assert words[1] == "before it was packed anew: it came with another seal (S9) than S1"


def test_a_cold_that_ends_before_the_second_way_is_over_is_told_before_it_leaves():
    booked = ("scheduled", 9, {"planned_pickup_at": at(11).isoformat(), "planned_delivery_at": at(70).isoformat()})
    assert faults(run_of(*ON_ITS_WAY, booked, AGAIN[0])) == [("short_cold", True)]


def test_who_reports_the_unpacking_once_more_leaves_what_was_found_before():
    packed, came = (PACKED, 4, FIRST), (UNPACKED, 9, {"packaging": "damaged", "seal": "broken"})
    run = run_of(packed, ("started", 6, {}), came, (UNPACKED, 10, WELL), (UNPACKED, 11, WELL))
    assert packing_of(run, UNPACKED)["packaging"] == "intact"
    assert faults(run) == [("damaged_before", True), ("seal_before", True)]
    words = packaging_faults(INBOUND, run)[0].words
    assert words == "as it was reported before: the packaging was damaged when it was unpacked"
    assert faults(run_of(packed, ("started", 6, {}), (UNPACKED, 10, WELL), (UNPACKED, 11, WELL))) == []
