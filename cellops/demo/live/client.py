"""Talking to CellOps as any other system does: a token for each source, patience when the web is away."""

import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import requests

from cellops.demo.credentials import Credentials

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
PAGE_SIZE = 200
# Answers that say: the same again, later.
COME_BACK = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE,
             HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR)  # fmt: skip


class Stopped(Exception):
    """Somebody asked the program to stop."""


class CredentialsRefused(Exception):
    """The web knows no such client; the message says what to do."""


class Answer(NamedTuple):
    """What the web said: status and decoded body."""

    status: int
    body: Any


class Api:
    """The sources' way into CellOps. `pause` waits some seconds and returns True if it was asked to stop meanwhile."""

    def __init__(self, address: str, credentials: Credentials, pause: Callable[[float], bool]) -> None:
        self.address = address.rstrip("/")
        self.credentials = credentials
        self.pause = pause
        self.tokens: dict[str, str] = {}
        self.session = requests.Session()
        # The web is on this machine or near it: no proxy of the environment stands in between.
        self.session.trust_env = False

    def call(self, source: str, method: str, path: str, **given: Any) -> Answer:
        """One request as `source`, repeated until the web answers; an expired token is renewed once a time.

        Sending the same again is safe: every event and order carries an id of its own. Raises Stopped,
        CredentialsRefused.
        """
        url = path if path.startswith("http") else f"{self.address}{path}"
        for attempt in self._attempts():
            if source not in self.tokens:
                self.tokens[source] = self._token(source)
            response = self._send(method, url, headers={"Authorization": f"Bearer {self.tokens[source]}"}, **given)
            if response is None or response.status_code in COME_BACK:
                continue
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                self.tokens.pop(source, None)
                if attempt < 3:
                    continue
            return Answer(response.status_code, _body(response))
        raise Stopped

    def rows(self, source: str, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page."""
        answer = self.call(source, "GET", path, params={"page_size": PAGE_SIZE, **filters})
        while True:
            if answer.status != HTTPStatus.OK:
                log.warning("%s answered %s: %s", path, answer.status, answer.body)
                return
            yield from answer.body["results"]
            if not answer.body["next"]:
                return
            answer = self.call(source, "GET", answer.body["next"])

    def _attempts(self) -> Iterator[int]:
        """Numbers from 1 with growing pauses between; ends when asked to stop."""
        wait, number = FIRST_PAUSE_SECONDS, 1
        while True:
            yield number
            if self.pause(wait):
                return
            wait, number = min(wait * 2, LONGEST_PAUSE_SECONDS), number + 1

    def _token(self, source: str) -> str:
        known = self.credentials.get(source)
        if known is None:
            raise CredentialsRefused(f"There are no credentials for {source}; run manage.py seed_demo --if-empty.")
        sign_in = (known["client_id"], known["client_secret"])
        for _ in self._attempts():
            response = self._send(
                "POST", f"{self.address}/oauth/token/", data={"grant_type": "client_credentials"}, auth=sign_in
            )
            if response is None or response.status_code in COME_BACK:
                continue
            if response.status_code != HTTPStatus.OK:
                hint = "run manage.py seed_demo --if-empty for new secrets."
                raise CredentialsRefused(f"{source} was refused ({response.status_code}); {hint}")
            return response.json()["access_token"]
        raise Stopped

    def _send(self, method: str, url: str, **given: Any) -> requests.Response | None:
        try:
            return self.session.request(method, url, timeout=TIMEOUT_SECONDS, **given)
        except requests.RequestException as error:
            log.info("The web does not answer, trying again: %s", error.__class__.__name__)
            return None


def _body(response: requests.Response) -> Mapping[str, Any] | None:
    try:
        return response.json()
    except ValueError:
        return None
