"""Setting up pools, their places by date, and their suites."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model

from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.capacity.queries import why_capacity_stays
from batches.capacity.signals import capacity_changed
from supplychain.audit.actions import refuse_if_used, uses_of
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.orders.models import StageRun
from supplychain.people.models import User
from supplychain.sites.models import Site


@transaction.atomic
def create_pool(
    *,
    site: Site,
    code: str,
    name: str,
    places: int,
    starts_at: datetime,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Pool:
    """Set up a pool with its first capacity; a stage names it by `code`. `by` None: a command.

    A pool that the site has already is returned, with the capacity set. Raises ValueError for fewer than 0 places.
    """
    with told_by("create_pool", by, reason):
        pool, _ = Pool.objects.get_or_create(site=site, code=code, defaults={"name": name})
    set_capacity(pool, places=places, starts_at=starts_at, reason=reason, by=by, now=now)
    return pool


@transaction.atomic
def set_capacity(
    pool: Pool, *, places: int, starts_at: datetime, reason: str = "", by: User | None, now: datetime
) -> PoolCapacity:
    """The pool serves `places` orders at once from `starts_at` until its next step. The only writer of capacities.

    A step at the same moment is replaced; who changed it, and from what, is kept by the database (pghistory). The
    pool is reviewed at once. Raises ValueError for fewer than 0 places.
    """
    if places < 0:
        raise ValueError(f"A pool cannot have {places} places; give 0 or more.")
    with told_by("set_capacity", by, reason):
        step, _ = PoolCapacity.objects.update_or_create(pool=pool, starts_at=starts_at, defaults={"places": places})
    capacity_changed.send(sender=Pool, pool=pool, now=now)
    return step


@transaction.atomic
def withdraw_capacity(step: PoolCapacity, *, reason: str, by: User | None, now: datetime) -> None:
    """Take back a step that has not begun, or one added by mistake that began within a shift; what has been in force
    for longer stays. Raises Refused."""
    reason = check_reason(reason)
    if why := why_capacity_stays(step, now):
        raise Refused({"all": f"On this capacity rests {why}: correct its places, or set another one from now on."})
    with told_by("withdraw_capacity", by, reason):
        step.delete()
    capacity_changed.send(sender=Pool, pool=step.pool, now=now)


@transaction.atomic
def rename_pool(pool: Pool, *, name: str, reason: str, by: User | None) -> Pool:
    """Give a pool another name for people; its site and code last. Raises Refused."""
    reason = check_reason(reason)
    pool.name = name
    refuse_unless_valid(pool)
    with told_by("rename_pool", by, reason):
        pool.save(update_fields=["name"])
    return pool


def goes_with_pools() -> list[type[Model]]:
    """The tables whose rows go with a pool: its capacities, and how it keeps up (a theme above)."""
    return [PoolCapacity, Pool._meta.get_field("state").related_model]


@transaction.atomic
def delete_pool(pool: Pool, *, reason: str, by: User | None) -> None:
    """Delete a pool that no order ever needed, with its capacities. Raises Refused."""
    reason = check_reason(reason)
    refuse_if_used(pool, along=goes_with_pools())
    if StageRun.objects.filter(site=pool.site_id, pool=pool.code).exists():
        raise Refused({"all": "Orders have needed this pool: set its capacity to 0 places instead of deleting it."})
    with told_by("delete_pool", by, reason):
        pool.delete()


def create_suite(pool: Pool, *, code: str, reason: str = "", by: User | None) -> Suite:
    """A named place of a pool, as batches and reports name it; the same one if it exists."""
    with told_by("create_suite", by, reason):
        return Suite.objects.get_or_create(pool=pool, code=code)[0]


@transaction.atomic
def delete_suite(suite: Suite, *, reason: str, by: User | None) -> None:
    """Delete a named place in which nothing was ever made. Raises Refused."""
    reason = check_reason(reason)
    if uses_of(suite):
        raise Refused({"all": "Batches were made in it, and their records name it: it stays."})
    with told_by("delete_suite", by, reason):
        suite.delete()
