"""The interface describes itself: valid, complete, with examples, readable under our own content security policy."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright

from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import EVENT_KINDS
from supplychain.systems.statuses import ReportScope
from tests.browser import launch_arguments

OPERATIONS = {
    "acknowledge_flag": ["flags:write"],
    "check_identity": ["identity:write"],
    "own_flag": ["flags:write"],
    "delete_ramp_up": ["capacity:read"],
    "get_catalogue": ["orders:read"],
    "get_flag": ["flags:read"],
    "get_me": [],
    "get_condition": ["orders:read"],
    "get_order": ["orders:read"],
    "get_ramp_up": ["capacity:read"],
    "get_ramp_up_run": ["capacity:read"],
    "list_alarms": ["flags:read"],
    "list_bottlenecks": ["capacity:read"],
    "list_calibration": ["capacity:read"],
    "list_causes": ["flags:read"],
    "list_changes": ["orders:read"],
    "list_durations": ["capacity:read"],
    "list_flags": ["flags:read"],
    "list_labels": ["orders:read"],
    "list_lanes": ["orders:read"],
    "list_shippers": ["orders:read"],
    "list_lots": ["orders:read"],
    "list_materials": ["orders:read"],
    "list_signatures": ["orders:read"],
    "list_readings": ["orders:read"],
    "send_readings": ["events:write"],
    "answer_reading_file": ["events:write"],
    "get_reading_file": ["orders:read"],
    "hand_in_reading_file": ["events:write"],
    "list_order_events": ["orders:read"],
    "get_order_custody": ["orders:read"],
    "list_custody": ["orders:read"],
    "list_collections": ["orders:read"],
    "get_order_collections": ["orders:read"],
    "list_identity_checks": ["orders:read"],
    "list_orders": ["orders:read"],
    "list_pools": ["capacity:read"],
    "list_predictions": ["flags:read"],
    "list_ramp_ups": ["capacity:read"],
    "place_order": ["orders:write"],
    "promise_order": ["events:promise"],
    "report_events": ["events:write"],
    "run_ramp_up": ["capacity:read"],
    "save_ramp_up": ["capacity:read"],
    "trace": ["orders:read"],
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer = Client().get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return answer.json()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is sent and what is answered on success."""
    good = [answer for code, answer in operation["responses"].items() if code[0] == "2"]
    for body in [*([operation["requestBody"]] if "requestBody" in operation else []), *good]:
        yield from body.get("content", {}).values()


def test_the_document_is_valid_and_nothing_in_it_was_guessed(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


@pytest.mark.parametrize(
    ("accept", "kind"), [("application/yaml", "application/yaml"), ("application/json", "application/json")]
)
def test_who_asks_for_another_type_gets_it(accept, kind):
    answer = Client().get("/api/schema/", headers={"accept": accept})
    assert answer["Content-Type"].partition(";")[0] == kind
    assert yaml.safe_load(answer.content)["openapi"] == "3.0.3"


def test_closed_lists_are_told(document):
    schemas = document["components"]["schemas"]
    assert schemas["EventReport"]["properties"]["kind"]["enum"] == list(EVENT_KINDS)
    assert schemas["RecordedEvent"]["properties"]["kind"]["enum"] == list(EVENT_KINDS)
    for name, kind in (("FlagCode", FlagCode), ("ReportScope", ReportScope), ("StageKind", StageKind)):
        assert schemas[name]["enum"] == kind.values


def test_every_operation_is_there_with_its_scope(document):
    scopes = {each["operationId"]: each["security"][0]["oauth2"] for each in operations(document)}
    assert scopes == OPERATIONS
    known = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    assert known == settings.OAUTH2_PROVIDER["SCOPES"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_words_examples_and_its_errors(document, name):
    operation = next(each for each in operations(document) if each["operationId"] == name)
    assert operation["summary"]
    assert operation["description"]
    assert [content for content in contents(operation) if not content.get("examples")] == []
    assert {"401", "403", "406", "429", "503"} <= set(operation["responses"])
    assert "requestBody" not in operation or {"400", "411", "413", "415"} <= set(operation["responses"])
    for code, answer in operation["responses"].items():
        if code[0] == "4":
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_example_has_the_fields_of_its_schema(document):
    schemas = document["components"]["schemas"]
    for operation in operations(document):
        for content in contents(operation):
            for example in content["examples"].values():
                assert problems_of(example["value"], content["schema"], schemas) == []


def problems_of(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """Fields that the schema does not know or misses; enough of JSON Schema for our own examples."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    if kinds := value is not None and (schema.get("anyOf") or schema.get("allOf")):
        return min((problems_of(value, kind, schemas) for kind in kinds), key=len)
    kind = {"object": dict, "array": list, "string": str}.get(schema.get("type", ""), object)
    if not isinstance(value, kind) and not (value is None and schema.get("nullable")):
        return [f"{value} is no {schema['type']}"]
    if isinstance(value, list):
        return [text for part in value for text in problems_of(part, schema.get("items", {}), schemas)]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{value} is not listed"]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known, required = schema["properties"], set(schema.get("required", ()))
    wrong = [f"unknown {name}" for name in value.keys() - known.keys()]
    wrong += [f"missing {name}" for name in required - value.keys()]
    return wrong + [text for name, part in value.items() for text in problems_of(part, known.get(name, {}), schemas)]


def test_the_reader_needs_no_weaker_policy_than_the_pages():
    answer = Client().get("/api/docs/")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert answer.status_code == 200
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert ("<script>" in answer.content.decode(), "<style" in answer.content.decode()) == (False, False)


@pytest.mark.browser
def test_the_reader_shows_the_interface_and_breaks_no_policy(live_server):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        page.get_by_text("Report one event, or up to 1,000").click()
        page.get_by_text("The event was recorded.").wait_for()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        page.get_by_text("Authentication credentials were not provided").first.wait_for()
        browser.close()
    assert [text for text in said if "401 (Unauthorized)" not in text] == []
