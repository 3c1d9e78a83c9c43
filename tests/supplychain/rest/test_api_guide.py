"""What docs/api.md tells a newcomer to type works as it stands."""

import json
import re
import shlex
import subprocess
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from supplychain.flows.actions import SHIPPED_FLOWS, load_flow
from supplychain.orders.models import PatientOrder
from supplychain.sites.statuses import SiteKind
from tests.supplychain.builders import make_site


@pytest.mark.django_db(transaction=True)
def test_three_curl_lines_lead_from_nothing_to_an_event(live_server):
    load_flow((SHIPPED_FLOWS / "car_t_fresh.yaml").read_text(), by=None, now=timezone.now())
    make_site("oslo"), make_site("leiden", SiteKind.PLANT)
    lines = script().replace("http://127.0.0.1:8000", live_server.url)
    last_two = "\n".join(lines.strip().splitlines()[-2:])
    order, event, same_order, same_event = run(f"{lines}{last_two}")
    assert (order["coi"], event["outcome"], same_event["outcome"]) == ("MY-FIRST-ORDER", "created", "duplicate")
    assert (same_order["id"], same_event["event"]) == (order["id"], event["event"])
    order = PatientOrder.objects.get()
    assert list(order.events.order_by("position").values_list("kind", "stage")) == [
        ("ordered", ""), ("started", "enrolment"),
    ]  # fmt: skip


def script() -> str:
    """The lines of the guide; the command is run here, for a process of its own would open another database."""
    lines = re.search(r"```sh\n(.*?)```", (settings.BASE_DIR / "docs" / "api.md").read_text(), re.DOTALL)[1]
    assert lines.count("curl") == 3
    command = re.search(r"\$\(\.venv/bin/python manage\.py (create_source[^)]*)\)", lines)
    return lines.replace(command[0], shlex.quote(_made(*shlex.split(command[1]))))


def _made(*command: str) -> str:
    said = StringIO()
    call_command(*command, stdout=said)
    return said.getvalue()


def run(lines: str) -> list[dict]:
    """The JSON objects that the lines print."""
    done = subprocess.run(["sh", "-ec", lines], capture_output=True, text=True, check=True)
    decoder, answers, rest = json.JSONDecoder(), [], done.stdout.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers, rest = [*answers, answer], rest[end:].strip()
    return answers
