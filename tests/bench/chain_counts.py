"""What the smoke counts of the patient's chain: statements of a small world, before and after it is copied."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import chain_inside, chain_world, deeds
from tests.bench.smoke import ChainCounts

COPIES, READINGS, SCANS = 3, 300, 4
_numbers = count(1)


def chain_counts() -> ChainCounts:
    """Make a world in the empty database and count."""
    chain_world.build_chain()
    few, few_traced = _scans(), _traced()
    chain_world.copy_chain(COPIES)
    many, many_traced = _scans(), _traced()
    chain_inside.store_a_file(READINGS, 0)
    without, with_readings = (_page(order) for order in chain_inside.orders_alike(READINGS, 1))
    return ChainCounts(
        scan_statements=max(many.values()),
        scan_statements_more=max(many[one] - few[one] for one in few),
        trace_statements_more=many_traced - few_traced,
        page_statements_more=with_readings - without,
    )


def _scans() -> Mapping[str, int]:
    """By what a check answers, the fewest statements of some scans; the first loads what the others find loaded."""
    client, found = Client(SERVER_NAME="localhost", HTTP_AUTHORIZATION=f"Bearer {deeds.token()}"), {}
    for outcome, codes in chain_world.codes_to_read(SCANS).items():
        statements = []
        for order, code in codes:
            body = {"id": f"scan-{next(_numbers)}", "read": code}
            address = f"/api/v1/orders/{order}/identity-checks/"
            answer, asked = _asked(lambda a=address, b=body: client.post(a, b, "application/json", secure=True))
            assert answer.json()["outcome"] == outcome, answer.content
            statements.append(asked)
        found[outcome] = min(statements)
    return found


def _traced() -> int:
    return _page_of(f"/trace/?lot={chain_world.LOT}&json")


def _page(order: str) -> int:
    return _page_of(f"/orders/{order}/")


def _page_of(address: str) -> int:
    client = Client(SERVER_NAME="localhost")
    name, _, value = deeds.cookie().partition("=")
    client.cookies[name] = value
    return min(_asked(lambda: client.get(address, secure=True))[1] for _ in range(2))


def _asked(request: Any) -> tuple[Any, int]:
    """The answer, and how many statements it took."""
    with CaptureQueriesContext(connection) as asked:
        answer = request()
    assert answer.status_code < 300, answer.content[:600]
    return answer, len(asked)
