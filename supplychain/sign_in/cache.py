"""The cache of limits (sign-in, requests): in Valkey, shared by all; in this process's memory while it is away.

Without Valkey people must still get in, and guessing must still be limited: each process then counts for itself.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

# How long Valkey is left alone after it did not answer: each further wait would be part of somebody's sign-in.
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


class SteadyCache(BaseCache):
    """Valkey, else memory. What was counted in the one is not known to the other."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._valkey = RedisCache(server, params)
        self._memory = LocMemCache("sign-in", {})
        self._away_until = 0.0

    def _ask(self, question: Callable[[BaseCache], Any]) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return question(self._valkey)
            except redis.RedisError as error:
                self._away_until = time.monotonic() + RETRY_SECONDS
                log.warning("Valkey does not answer; sign-in limits are counted in this process: %s", error)
        return question(self._memory)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value unless there is one; tells whether it was stored."""
        return self._ask(lambda cache: cache.add(key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The stored value, else `default`."""
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value, for `timeout` seconds."""
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value for `timeout` seconds from now; tells whether there is one."""
        return self._ask(lambda cache: cache.touch(key, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget the value; tells whether there was one."""
        return self._ask(lambda cache: cache.delete(key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The value after `delta` was added to it. Raises ValueError if there is none."""
        return self._ask(lambda cache: cache.incr(key, delta, version))

    def clear(self) -> None:
        """Refused: the database of Valkey also holds the tasks that wait for a worker."""
        raise NotImplementedError("Valkey holds more than this cache; delete single keys.")
