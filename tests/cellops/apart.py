"""The recipe without containers on three machines; a switch loses the database's two callers in the middle of events.

    unshare --net python -m tests.cellops.apart FOLDER

runs in a network namespace of its own, which is the machine of PostgreSQL and Valkey and, on the other side, the
hospital. `web` and `workers` are machines of their own: with the database they speak over one switch, with the hospital
over another. test_partition.py starts it; what is wrong ends it with the reason.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django

from cellops.services.folders import ServiceFolder
from cellops.services.processes import ManagedProcess, stop_together
from cellops.services.supervisor import Supervisor
from tests.cellops.networks import Machine, Switch, run
from tests.cellops.open_servers import OpenPostgres, OpenValkey
from tests.cellops.recipe import commands, fresh_checkout, production, program, programs
from tests.system import wait_until

ORDERS, BEFORE = 24, 40  # how many events are answered when the cable is lost
# No answer may take longer. By our settings it is half a minute: 20 s until a sent question counts as lost
# (`tcp_user_timeout`), 5 s to connect anew; the rest is for slow machines.
ANSWER_SECONDS = 120
WEB_HOST, WEB_PORT = 2, 8000


class Hospital:
    """Asks over its own switch, as the proxy does; remembers every answer."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.answers: Counter[tuple[int, bool]] = Counter()
        self.refused: set[int] = set()

    def ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and decoded answer; a connection that ends or takes too long is 0."""
        web = http.client.HTTPConnection(self.host, WEB_PORT, timeout=ANSWER_SECONDS)
        try:
            web.request(method, path, body, {"Host": "localhost", "X-Forwarded-Proto": "https", **headers})
            answer = web.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.answers[0, False] += 1
            return 0, {}
        finally:
            web.close()
        if answer.status == 503:
            self.refused.add(threading.get_ident())
        self.answers[answer.status, "Retry-After" in answer.headers] += 1
        return answer.status, json.loads(text) if "json" in answer.headers.get("Content-Type", "") else {}

    def post(self, path: str, body: object, token: str) -> tuple[int, dict[str, Any]]:
        """The same of a REST call."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self.ask("POST", path, json.dumps(body), headers)

    def page(self) -> int:
        """The status of a page, for somebody with a session."""
        return self.ask("GET", "/", None, {"Cookie": f"sessionid={'0' * 32}"})[0]


@contextmanager
def servers(folder: ServiceFolder) -> Iterator[tuple[OpenPostgres, OpenValkey]]:
    """Both, running."""
    both = OpenPostgres(folder, durable=False), OpenValkey(folder)
    with ExitStack() as stack:
        for server in both:
            server.start()
            stack.callback(server.stop)
        yield both


@contextmanager
def supervised(running: list[ManagedProcess]) -> Iterator[None]:
    """Started, and started again when they end, as systemd does it; stopped at the end."""
    supervisor, stopping = Supervisor(running, say=print), threading.Event()

    def watch() -> None:
        while not stopping.wait(0.5):
            supervisor.check()

    for one in running:
        one.start()
    watchman = threading.Thread(target=watch)
    watchman.start()
    try:
        yield
    finally:
        stopping.set()
        watchman.join()
        stop_together(running)


def run_apart(folder: ServiceFolder) -> None:
    """Bring it all up, lose the cables and plug them in again, and look."""
    run("ip", "link", "set", "lo", "up")
    inside, outside = Switch("inside", 1), Switch("outside", 2)
    with ExitStack() as stack:
        web = Machine("web", WEB_HOST, inside, outside, folder=folder)
        workers = Machine("workers", 3, inside, folder=folder)
        stack.callback(stop_together, [web.keeper, workers.keeper])
        postgres, valkey = stack.enter_context(servers(folder))
        there = inside.address(1)
        environment = production(
            database=postgres.url.replace("127.0.0.1", there), redis=valkey.url.replace("127.0.0.1", there)
        ) | {"STATIC_FROM_SOURCE": "1"}  # the copy has no packages of the browser's
        checkout = fresh_checkout(folder.path / "cellops")
        for command in commands():
            subprocess.run(command, cwd=checkout, env=environment, check=True, timeout=600)
        running = [
            program(
                name, *(("--host", "0.0.0.0") if name in ("web", "stream") else ()),
                folder=folder, checkout=checkout, environment=environment,
                inside=web.inside if name in ("web", "stream") else workers.inside,
            )
            for name in programs()
        ]  # fmt: skip
        stack.enter_context(supervised(running))
        os.environ.update(environment)
        django.setup()
        lose_and_find(
            Hospital(outside.address(WEB_HOST)),
            lose=lambda: [inside.lose(one) for one in (web, workers)],
            find=lambda: [inside.find(one) for one in (web, workers)],
        )


def lose_and_find(hospital: Hospital, *, lose: Callable[[], object], find: Callable[[], object]) -> None:
    """Events under way, the cables gone until everybody was refused, the cables back."""
    from tests.cellops import load
    from tests.supplychain.builders import World

    wait_until(lambda: hospital.ask("GET", "/healthz/", None, {})[0] == 200, "web answers", seconds=600)
    world = World()
    orders = load.recent_orders(world, ORDERS)
    rows = [row for order in orders for row in load.facts_of(order)]
    token = load.token_for(hospital, world)
    hospital.answers.clear()
    with load.Load(hospital, token, rows, patience=900) as sent:
        wait_until(lambda: len(sent.answered) >= BEFORE, "the first events are answered", seconds=300)
        lose()
        try:
            assert len(sent.answered) < len(rows), "the cables were lost too late to mean something"
            look_at_the_loss(hospital, {thread.ident for thread in sent.threads})
        finally:
            find()
        print(f"{len(sent.answered)} of {len(rows)} events answered when the cables come back", flush=True)
    print(dict(hospital.answers), flush=True)
    # 200: what was stored when its answer was lost, and is sent again.
    assert {201, 503} <= {status for status, _ in hospital.answers} <= {200, 201, 503}, hospital.answers
    assert (503, False) not in hospital.answers, "a refusal says when to try again"
    load.assert_nothing_lost_or_doubled(sent)
    load.wait_for_right_flags(orders, seconds=300)


def look_at_the_loss(hospital: Hospital, senders: set[int | None]) -> None:
    """Everybody is told to try again, systems and people alike."""
    wait_until(lambda: senders <= hospital.refused, "every sender is told to try again", seconds=3 * ANSWER_SECONDS)
    assert hospital.page() == 503
    assert hospital.ask("GET", "/healthz/", None, {})[0] == 503


if __name__ == "__main__":
    run_apart(ServiceFolder(Path(sys.argv[1])))
