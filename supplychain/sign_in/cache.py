"""The cache: limits of sign-in and of requests, and figures that last a minute. In Valkey, shared by all; in this
process's memory while it is away.

Without Valkey people must still get in, and guessing must still be limited: each process then counts for itself.
"""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

# How long Valkey is left alone after it did not answer: each further wait would be part of somebody's sign-in.
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


class _Valkey(RedisCache):
    """Valkey through Django's cache, and a count in one round trip."""

    def count(self, key: str, cost: int, timeout: int) -> int:
        """See SteadyCache."""
        name = self.make_and_validate_key(key)
        asked = self._client.pipeline(transaction=False)
        asked.incrby(name, cost).expire(name, timeout)
        return asked.execute()[0]

    @cached_property
    def _client(self) -> redis.Redis:
        """One for all requests: Django makes a new one for each question, which takes longer than to ask it."""
        return self._cache.get_client(write=True)


class _Memory(LocMemCache):
    """This process's memory, which can count, too."""

    def count(self, key: str, cost: int, timeout: int) -> int:
        """See SteadyCache."""
        self.add(key, 0, timeout)
        return self.incr(key, cost)


class SteadyCache(BaseCache):
    """Valkey, else memory. What was counted in the one is not known to the other."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._valkey = _Valkey(server, params)
        self._memory = _Memory("sign-in", {})
        self._away_until = 0.0

    def _ask(self, question: Callable[[Any], Any]) -> Any:
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

    def count(self, key: str, cost: int, timeout: int) -> int:
        """How much was counted under this key, `cost` included; forgotten `timeout` seconds after the last time."""
        return self._ask(lambda cache: cache.count(key, cost, timeout))

    def clear(self) -> None:
        """Refused: the database of Valkey also holds the tasks that wait for a worker."""
        raise NotImplementedError("Valkey holds more than this cache; delete single keys.")
