"""Telling open pages that something changed: one short Redis message, which may be lost without harm.

A message names each changed order with the sites that take part in it, so that the stream can keep an order from
people of other sites. Pages read the news themselves; a lost message costs seconds (they also poll), never a fact.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from uuid import UUID

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "cellops:changed"
TIMEOUT_SECONDS = 0.5

log = logging.getLogger(__name__)


def publish_change(orders: Mapping[UUID, Iterable[UUID]], *, sites: Iterable[UUID] = ()) -> None:
    """Tell open pages about changed orders: each order's id with the ids of all sites that take part in it.

    `sites` are sites where something other than an order changed (a pool, a bottleneck). Call it on commit. A Redis
    that does not answer within TIMEOUT_SECONDS is logged, never raised: the change itself is already safe.
    """
    message = {
        "orders": {str(order): [str(site) for site in order_sites] for order, order_sites in orders.items()},
        "sites": [str(site) for site in sites],
    }
    if not message["orders"] and not message["sites"]:
        return
    try:
        client().publish(CHANNEL, json.dumps(message))
    except redis.RedisError as error:
        log.warning("Open pages were not told of a change: %s", error)


@cache
def client() -> redis.Redis:
    """The one Redis client of this process; it reconnects by itself, also after a fork."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # Once more at once: a connection from before a restart of Valkey fails at its first use.
        retry=Retry(NoBackoff(), 1),
    )
