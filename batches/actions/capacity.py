"""Setting up pools, their places by date, and their suites."""

from datetime import datetime

import pghistory
from django.db import transaction

from batches.actions.pools import mark_pools_touched
from batches.models import Pool, PoolCapacity, Suite
from supplychain.models import Site, User


@transaction.atomic
def create_pool(
    *, site: Site, code: str, name: str, places: int, starts_at: datetime, by: User | None, now: datetime
) -> Pool:
    """Set up a pool with its first capacity; a stage names it by `code`. `by` None: a command.

    A pool that the site has already is returned, with the capacity set. Raises ValueError for fewer than 0 places.
    """
    with _recorded("create_pool", by):
        pool, _ = Pool.objects.get_or_create(site=site, code=code, defaults={"name": name})
    set_capacity(pool, places=places, starts_at=starts_at, by=by, now=now)
    return pool


@transaction.atomic
def set_capacity(pool: Pool, *, places: int, starts_at: datetime, by: User | None, now: datetime) -> PoolCapacity:
    """The pool serves `places` orders at once from `starts_at` until its next step. The only writer of capacities.

    A step at the same moment is replaced; who changed it, and from what, is kept by the database (pghistory). The
    pool is reviewed at once. Raises ValueError for fewer than 0 places.
    """
    if places < 0:
        raise ValueError(f"A pool cannot have {places} places; give 0 or more.")
    with _recorded("set_capacity", by):
        step, _ = PoolCapacity.objects.update_or_create(pool=pool, starts_at=starts_at, defaults={"places": places})
    mark_pools_touched({(pool.site_id, pool.code)}, now=now)
    return step


def create_suite(pool: Pool, *, code: str, by: User | None) -> Suite:
    """A named place of a pool, as batches and reports name it; the same one if it exists."""
    with _recorded("create_suite", by):
        return Suite.objects.get_or_create(pool=pool, code=code)[0]


def _recorded(action: str, by: User | None) -> pghistory.context:
    return pghistory.context(action=action, user=str(by.pk) if by else None)
