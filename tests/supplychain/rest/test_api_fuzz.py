"""Whatever is sent to the REST interface, no answer is a 5xx: what its own description makes up, and a nasty table."""

import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import pytest
import schemathesis
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from supplychain.rest.documentation import _document
from tests.cellops.test_every_url import addresses  # noqa: F401
from tests.cellops.test_nasty_values import NASTY, Tries, root, tries  # noqa: F401
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.long]
JSON = "application/json"
OPERATIONS = {
    found.ok().label: found.ok() for found in schemathesis.openapi.from_dict(_document()).get_all_operations()
}
# The same made-up requests every time, few enough that the whole takes seconds.
FUZZ = settings(
    max_examples=12, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def ids_of(addresses: dict[str, str]) -> dict[str, str]:  # noqa: F811
    """Ids of rows that are there, by the name of the place in an address."""
    names = {"order_id": "api_order", "flag_id": "api_flag", "scenario_id": "api_ramp_up", "run_id": "api_ramp_up_run"}
    return {name: addresses[address].rstrip("/").split("/")[-1] for name, address in names.items()}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_what_the_description_makes_up(addresses, root, tries, label, mode):  # noqa: F811
    operation = OPERATIONS[label]
    if mode is GenerationMode.NEGATIVE and not _asks_anything(operation):
        return  # nothing of it can be wrong
    known = {name: value for name, value in ids_of(addresses).items() if f"{{{name}}}" in operation.path}
    if mode is GenerationMode.NEGATIVE and not (list(operation.query) or list(operation.body)):
        known = {}  # nothing but the id can be wrong

    @FUZZ
    @given(operation.as_strategy(generation_mode=mode, path_parameters=known or None))
    def ask(case: Any) -> None:
        body = b"" if isinstance(case.body, NotSet) else case.body
        body = body if isinstance(body, bytes) else _encoded(body)
        headers = {f"HTTP_{name.upper().replace('-', '_')}": str(value) for name, value in (case.headers or {}).items()}
        query = urlencode(
            {str(name): value for name, value in (case.query or {}).items()}, doseq=True, errors="replace"
        )
        address = f"{case.formatted_path}?{query}"
        tries.ask(root, case.method.upper(), address, data=body, content_type=JSON, **headers)

    ask()


def _asks_anything(operation: Any) -> bool:
    return "{" in operation.path or bool(list(operation.query) or list(operation.body))


def _encoded(body: Any) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (UnicodeEncodeError, TypeError, OverflowError):
        return repr(body).encode(errors="replace")


VALUES = [
    *NASTY.values(), None, True, 0, -1, 2**31, 2**63, 2**70, 1.5, -0.0, 1e308, [], {}, [None], [[]], {"": ""},
    {"a": {"\0": 1}}, ["\0"], ["a"] * 2_000,
]  # fmt: skip
RAW = [
    b"", b" ", b"\0", b"nul", b"null", b"NaN", b"1e999", b"9" * 5_000, b'"\\ud800"', b'"\\udc00"',
    b'{"kind":"\\udc00"}',
    b'{"\\ud800":1}',
    b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000, b"{" * 100_000, b'{"a":' * 400, b"[[[[]]]]", b"[{}]", b'["a"]',
    b"[null]", b"{}{}",
    b"'",
    b'{"order":"\\u0000"}', b'{"payload":{"\\u0000":1}}', b'{"a":1,"a":2}',
]  # fmt: skip


def bodies() -> dict[str, tuple[str, dict[str, Any]]]:
    """By name of the address: how it is asked, and a body that is good."""
    event = {
        "source_event_id": "e-1", "order": "CO-OF-OSLO", "kind": "started", "stage": "collection", "attempt": 1,
        "occurred_at": at(1).isoformat(), "resource": "chair", "payload": {"donation_number": "G1"},
    }  # fmt: skip
    order = {
        "product": "product-small", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
        "collection_site": "oslo", "infusion_site": "oslo", "flow": "small", "coi": "CO-7", "coi_issuer": "x",
        "hospital_order_number": "H7", "promised_at": at(900).isoformat(), "ordered_at": at(1).isoformat(),
        "priority": "urgent", "priority_reason": "why", "promise_reason": "why", "source_event_id": "o-1",
    }  # fmt: skip
    flag = {"comment": "seen", "on_behalf_of": "", "seen_severity": "attention", "seen_raised_at": at(1).isoformat()}
    check = {"id": "c-1", "read": "CO-OF-OSLO", "stage": "collection", "device": "d", "read_at": at(1).isoformat()}
    reading = {"stage": "inbound", "attempt": 1, "logger": "L1", "read_at": at(1).isoformat(), "temperature": 4.1,
               "unit": "C"}  # fmt: skip
    answers = {"probe": "a", "zone": "UTC", "unit": "C", "order": "day", "logger": "L1", "is_sure": True}
    scenario = {"line": "plant", "name": "n", "weeks": 4, "replications": 5, "changes": [], "costs": {}, "base": "live"}
    return {
        "api_events": ("POST", event), "api_orders": ("POST", order), "api_acknowledge_flag": ("POST", flag),
        "api_own_flag": ("POST", {"to": "", "on_behalf_of": ""}), "api_ramp_ups": ("POST", scenario),
        "api_ramp_up_runs": ("POST", {}),
        "api_order": ("PATCH", {"promised_at": at(950).isoformat(), "reason": "why"}),
        "api_identity_checks": ("POST", check), "api_readings": ("POST", reading),
        "api_reading_file": ("PATCH", answers), "api_reading_files": ("POST", {}),
    }  # fmt: skip


def test_every_body_that_is_taken_is_tried():
    taken = [one.path for one in OPERATIONS.values() if list(one.body)]
    names = {resolve(re.sub("{[^}]+}", str(UUID(int=1)), path)).url_name for path in taken}
    assert names <= set(bodies())


def test_every_file_of_a_logger(addresses, root, tries):  # noqa: F811
    address = f"{addresses['api_reading_files']}?stage=inbound"
    head = b"Date,Temp C\n2026-03-01 10:00:00,4.1\n"
    for number, raw in enumerate([*RAW, *(value.encode(errors="replace") for value in NASTY.values())]):
        for body in (raw, head + raw):
            tries.ask(root, "POST", address, data=body, content_type=("text/csv", "text/plain")[number % 2])


@pytest.mark.parametrize("name", sorted(bodies()))
def test_every_field_of_every_body(addresses, root, tries, name):  # noqa: F811
    method, good = bodies()[name]
    asked = {"content_type": JSON, "HTTP_IF_MATCH": "*"}
    for raw in RAW:
        tries.ask(root, method, addresses[name], data=raw, **asked)
    for place, field in enumerate([*good, "nonsense", "\0"]):
        for value in ["", None, "\0", [], {}, 2**70, *VALUES[place % 7 :: 7]]:
            tries.ask(root, method, addresses[name], data=msgspec.json.encode(good | {field: value}), **asked)
    if name == "api_events":
        rows = [good | {field: value} for field in good for value in VALUES]
        tries.ask(root, method, addresses[name], data=msgspec.json.encode(rows[:1_000]), **asked)
