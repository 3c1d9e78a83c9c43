"""A closed-loop HTTP/1.1 client of raw sockets: as little work as possible, for it shares the processors.

Each connection sends its next request when the answer to the last one has been read. Only answers 2xx count.
"""

import json
import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
SILENCE_SECONDS = 30


@dataclass(slots=True)
class Outcome:
    """What one round brought: seconds from the first request to the last answer, each answer's own seconds."""

    seconds: float = 0.0
    answered: int = 0
    refused: int = 0
    durations: list[float] = field(default_factory=list)
    complaint: str = ""

    @property
    def rate(self) -> float:
        """Good answers a second; 0 when any was bad, for the round then measured something else."""
        return self.answered / self.seconds if self.seconds and not self.refused else 0.0


@dataclass(slots=True)
class Connection:
    """One keep-alive connection with its requests still to send; made anew where the server closes it."""

    port: int
    requests: Iterator[bytes]
    peer: socket.socket | None = None
    request: bytes | None = None
    received: bytes = b""
    sent_at: float = 0.0

    def send_next(self) -> bool:
        """Send the next request, if there is one."""
        self.request, self.received = next(self.requests, None), b""
        if self.request is None:
            return False
        self.sent_at = time.perf_counter()
        with suppress(BrokenPipeError, ConnectionResetError):  # Closed meanwhile: reading will tell.
            self.peer.sendall(self.request)
        return True

    def connect(self, selector: selectors.BaseSelector) -> None:
        """Connect, again too."""
        if self.peer:
            selector.unregister(self.peer)
            self.peer.close()
        self.peer = _connect(self.port)
        selector.register(self.peer, selectors.EVENT_READ, self)


def post(path: str, token: str, body: Any) -> bytes:
    """A whole POST request with a JSON body."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get(path: str, *headers: str) -> bytes:
    """A whole GET request."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n".encode()


def run_load(port: int, requests: Sequence[Sequence[bytes]], *, seconds: float = 60.0) -> Outcome:
    """One connection per list of `requests`, all at once, in a process of its own; ends after `seconds`."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_load, args=(sender, port, requests, seconds))
    process.start()
    try:
        return receiver.recv() if receiver.poll(seconds + SILENCE_SECONDS) else Outcome(complaint="no answer")
    finally:
        process.kill()
        process.join()


def _load(sender: Any, port: int, requests: Sequence[Sequence[bytes]], seconds: float) -> None:
    outcome, selector = Outcome(), selectors.DefaultSelector()
    connections = [Connection(port, iter(own)) for own in requests]
    for connection in connections:
        connection.connect(selector)
    start = time.perf_counter()
    busy = sum(connection.send_next() for connection in connections)
    while busy:
        ready = selector.select(SILENCE_SECONDS)
        if not ready:
            outcome.refused, outcome.complaint = outcome.refused + 1, f"silent for {SILENCE_SECONDS} s"
            break
        for key, _ in ready:
            busy -= _read(key.data, selector, outcome, start + seconds)
    outcome.seconds = time.perf_counter() - start
    sender.send(outcome)


def _connect(port: int) -> socket.socket:
    connected = socket.create_connection((HOST, port), timeout=SILENCE_SECONDS)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def _read(connection: Connection, selector: selectors.BaseSelector, outcome: Outcome, end: float) -> bool:
    """Take what came; True when the connection has nothing more to do."""
    part = b""
    with suppress(ConnectionResetError):
        part = connection.peer.recv(262_144)
    connection.received += part
    if part and not is_whole(connection.received):
        return False
    if not part and not connection.received:
        # Some servers close after every answer: ask again on a new connection.
        connection.connect(selector)
        connection.peer.sendall(connection.request)
        return False
    now = time.perf_counter()
    outcome.durations.append(now - connection.sent_at)
    if connection.received[9:10] == b"2":
        outcome.answered += 1
    else:
        outcome.refused += 1
        outcome.complaint = outcome.complaint or connection.received[:600].decode(errors="replace")
    if part and now <= end and connection.send_next():
        return False
    selector.unregister(connection.peer)
    return True


def is_whole(received: bytes) -> bool:
    """Whether a whole answer with a Content-Length was received."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return False
    _, _, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.partition(b"\r\n")[0] or 0)


def send_at_rate(
    port: int, requests: Sequence[tuple[str, bytes]], rate: float, connections: int, answered: dict[str, float]
) -> None:
    """Send the requests `rate` a second, whatever the answers take; notes when each key's good answer was read.

    An answer that is late delays only its own connection. Raises RuntimeError for an answer that is not 2xx.
    """
    start = time.monotonic()
    plan = [(start + number / rate, *request) for number, request in enumerate(requests)]
    with ThreadPoolExecutor(connections) as pool:
        jobs = [pool.submit(_send_on_time, port, plan[first::connections], answered) for first in range(connections)]
        for job in jobs:
            job.result()


def _send_on_time(port: int, plan: Sequence[tuple[float, str, bytes]], answered: dict[str, float]) -> None:
    with _connect(port) as connected:
        for moment, key, request in plan:
            time.sleep(max(0.0, moment - time.monotonic()))
            connected.sendall(request)
            received = b""
            while not is_whole(received):
                part = connected.recv(65_536)
                if not part:
                    raise RuntimeError("The server closed the connection.")
                received += part
            if received[9:10] != b"2":
                raise RuntimeError(received[:600].decode(errors="replace"))
            answered[key] = time.monotonic()
