"""Finds TCP ports of the loopback address, holds them until their server listens, and says who else does.

Our servers share a port among their processes (SO_REUSEPORT), and so anybody of the same account may share it with
them: the system then hands requests to either. So a port is held from the moment it is chosen, and looked at again
when the server answers.
"""

import os
import socket
import time
from collections.abc import Collection

import psutil

LOOPBACK = "127.0.0.1"
LOOKS, SECONDS_BETWEEN_LOOKS = 6, 0.2


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


def hold(port: int) -> socket.socket | None:
    """A socket that keeps this loopback port from everybody but servers of ours; None where it is taken.

    It never listens, so no request comes to it.
    """
    holder = socket.socket()
    try:
        # As in `is_free`; taken back at once, lest another holder does the same.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((LOOPBACK, port))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        # Only now: with it from the beginning the bind would succeed beside a stranger who has it too.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        holder.close()
        return None
    if answers(port):
        holder.close()
        return None
    return holder


def hold_first(*preferred: int) -> socket.socket:
    """Hold the first of these ports that is free, or the next free one of the hundred above the last, or any."""
    for port in (*preferred, *range(preferred[-1] + 1, min(preferred[-1] + 100, 65536))):
        if holder := hold(port):
            return holder
    holder = hold(any_free())
    if holder is None:
        raise OSError("no port is free")
    return holder


def strangers(port: int, sessions: Collection[int]) -> list[str]:
    """Who listens on this port of the loopback address besides programs of these sessions (process ids).

    A worker that begins to listen, or ends, while we look belongs to nobody in what we see: only who is still there
    at the last look is a stranger.
    """
    for _ in range(LOOKS - 1):
        if not (seen := _strangers_at_a_look(port, sessions)):
            return seen
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return _strangers_at_a_look(port, sessions)


def _strangers_at_a_look(port: int, sessions: Collection[int]) -> list[str]:
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS tells only root
        return []
    listening = [one for one in found if one.status == psutil.CONN_LISTEN and one.laddr.port == port]
    here = [one for one in listening if one.laddr.ip in (LOOPBACK, "0.0.0.0", "::")]
    return [_named(one.pid) for one in here if one.pid is None or _session(one.pid) not in sessions]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _named(pid: int | None) -> str:
    try:
        return f"process {pid} ({psutil.Process(pid).name()})" if pid else "a program of another account"
    except psutil.Error:
        return f"process {pid}"


def choose(preferred: int, *, not_these: frozenset[int] = frozenset()) -> int:
    """Return the preferred port or, where it is taken, the next free one of the hundred above it, or any."""
    for port in range(preferred, min(preferred + 100, 65536)):
        if port not in not_these and is_free(port):
            return port
    return any_free()
