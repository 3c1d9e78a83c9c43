"""Numbers that are compared with a label are all read as identifiers; no name of a thing or person hides characters."""

import pytest

from supplychain.audit.refusals import Refused
from supplychain.orders.rules.collections import answer_problem
from supplychain.orders.rules.reading import Unreadable, read_report
from supplychain.transport.models import Shipper
from tests.supplychain.builders import World
from tests.supplychain.transport.test_shippers import make_shipper

NO_NUMBERS = ["1.67683E+15", "#N/A", "01-Mar", "A\u200b1", "n/a", "A\ufffd1"]
HIDDEN = ["Suite 3\u200b", "Suite\u202e 3", "\u2066Suite 3"]


def read(kind: str, payload: dict, **more):
    return read_report(
        {"source_event_id": "e1", "order": "CO1", "kind": kind, "stage": "outbound",
         "occurred_at": "2026-03-01T10:00:00Z", "payload": payload} | more
    )  # fmt: skip


def refused(kind: str, payload: dict, **more) -> str:
    with pytest.raises(Unreadable) as problem:
        read(kind, payload, **more)
    return str(problem.value)


PACKED = {"shipper_number": "DS-1"}


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_no_number_is_passes_nowhere(text):
    assert refused("shipment_packed", PACKED | {"seal_number": text}).startswith("payload.seal_number: “")
    assert refused("shipment_packed", PACKED | {"loggers": ["L-1", text]}).startswith("payload.loggers: “")
    assert refused("completed", {"release_reference": text}).startswith("payload.release_reference: “")
    for code in ("kit_lot", "kit_number"):
        assert answer_problem(code, text).startswith("“")
        said = refused("collection_checked", {"answers": {code: text}}, stage="collection")
        assert said.startswith(f"payload.answers.{code}: “")


@pytest.mark.parametrize("text", ["1.67683E+15", "#N/A", "01-Mar", "A\u200b1"])
def test_no_shipper_is_kept_under_what_no_number_is(db, text):
    with pytest.raises(Refused) as problem:
        make_shipper(World().oslo, text)
    assert "number" in problem.value.errors
    assert not Shipper.objects.exists()


@pytest.mark.parametrize("text", HIDDEN)
def test_a_name_hides_no_characters(text):
    assert "holds a hidden character" in refused("started", {}, resource=text)
    for name in ("suite", "courier"):
        assert refused("scheduled", {name: text}).startswith(f"payload.{name}: “")
    assert "holds a hidden character" in refused("shipment_packed", PACKED | {"packed_by": text})
    told = {"from": "plant", "to": "courier", "given_by": text}
    assert refused("handed_over", told, stage="").startswith("payload.given_by: “")


def test_names_and_numbers_are_stored_with_each_blank_as_one_space():
    told = {"seal_number": "S\u00a01", "loggers": ["L  1"], "courier": "Nord  Air"}
    said = read("shipment_packed", PACKED | told, resource="Suite\u00a0 3")
    assert said.resource == "Suite 3"
    assert said.payload == PACKED | {"seal_number": "S 1", "loggers": ["L 1"], "courier": "Nord Air"}
