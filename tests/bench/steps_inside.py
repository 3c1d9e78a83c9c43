"""The steps of one event, of a list of events and of one claim, measured in the process that does them."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import msgspec
from django.utils import timezone

from batches.flags.actions import evaluation
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.judgement import receivers as judgement_receivers
from batches.manufacturing import receivers as manufacturing_receivers
from cellops.wsgi import application
from supplychain.orders.api import events
from tests.bench.stopwatch import Stopwatch

WHOLE, ACTION, RECEIVER, WAKE = "whole", "record_events", "project batches", "wake the worker (Valkey)"
Step = tuple[str, float, float]  # label, calls and milliseconds of one request or claim


def steps_of_requests(bodies: Sequence[Any], authorization: str) -> list[Step]:
    """Steps of one POST events/, the median process's view: without the server and its socket."""
    watch = Stopwatch()
    functions = {
        ACTION: (events, "record_events"),
        RECEIVER: (manufacturing_receivers, "project_batches"),
        WAKE: (judgement_receivers, "wake_evaluation"),
    }
    with watch.watching(functions):
        for number, body in enumerate(bodies):
            if number == 1:  # The first request loads what every later one finds loaded.
                watch.seconds.clear()
                watch.calls.clear()
            with watch.measuring(WHOLE):
                _request(msgspec.json.encode(body), authorization)
    return _steps(watch, len(bodies) - 1)


def _request(content: bytes, authorization: str) -> None:
    said: list[str] = []
    environment = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/events/", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": authorization, "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)), "wsgi.input": BytesIO(content), "wsgi.url_scheme": "http",
    }  # fmt: skip
    response = application(environment, lambda status, headers: said.append(status))
    answer = b"".join(response)
    response.close()
    if not said[0].startswith("2"):
        raise RuntimeError(answer[:600].decode())


def steps_of_claims(claims: int, limit: int) -> list[Step]:
    """Steps of one claim of `limit` due orders."""
    watch = Stopwatch()
    functions = {
        "judge (rules)": (evaluation, "judge"),
        "readings_for": (evaluation, "readings_for"),
        "store_judgements": (evaluation, "store_judgements"),
    }
    with watch.watching(functions):
        for _ in range(claims):
            with watch.measuring(WHOLE):
                evaluate_due_orders(now=timezone.now(), limit=limit)
    return _steps(watch, claims)


def _steps(watch: Stopwatch, times: int) -> list[Step]:
    return [(label, watch.calls[label] / times, seconds / times * 1000) for label, seconds in watch.seconds.items()]
