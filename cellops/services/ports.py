"""Finds TCP ports of the loopback address."""

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as listener:
        # As servers do: a connection that only lingers in TIME_WAIT is no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return not answers(port)


def answers(port: int) -> bool:
    """Tell whether something accepts connections on this loopback port."""
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex((LOOPBACK, port)) == 0


def any_free() -> int:
    """Return a port that the system gives out."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return listener.getsockname()[1]


def choose(preferred: int, *, not_these: frozenset[int] = frozenset()) -> int:
    """Return the preferred port or, where it is taken, the next free one of the hundred above it, or any."""
    for port in range(preferred, min(preferred + 100, 65536)):
        if port not in not_these and is_free(port):
            return port
    return any_free()
