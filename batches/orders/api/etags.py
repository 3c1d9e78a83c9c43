"""The version of an order for those who keep a copy or change it (RFC 9110 §8.8.3, §13.1).

`W/"7-9f86d081"`: seven events are folded in, and a digest of what was sent, for flags and forecast change without an
event. A change is held against the number alone: a flag that was raised meanwhile does not spoil it.
"""

import hashlib
import re

from django.utils.http import parse_etags

from batches.orders.api.bodies import OrderDetail
from supplychain.rest.problems import PreconditionRequired, Stale
from supplychain.rest.rendering import to_json

_ORDER_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]*)?"')


def order_etag(order: OrderDetail) -> str:
    """Its ETag. Weak, because the hours that run down from one reading to the next are left out of it."""
    slacks, lefts = [flag.slack_hours for flag in order.flags], [one.left_hours for one in order.hold_budgets]
    for flag in order.flags:
        flag.slack_hours = None
    for budget in order.hold_budgets:
        budget.left_hours = None
    digest = hashlib.blake2b(to_json(order), digest_size=8).hexdigest()
    for flag, slack in zip(order.flags, slacks, strict=True):
        flag.slack_hours = slack
    for budget, left in zip(order.hold_budgets, lefts, strict=True):
        budget.left_hours = left
    return f'W/"{order.version}-{digest}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the client says that it has this one (weak comparison)."""
    known = [value.removeprefix("W/") for value in parse_etags(if_none_match or "")]
    return "*" in known or etag.removeprefix("W/") in known


def expected_version(if_match: str | None) -> int | None:
    """The version that a change was made for; None for `*`. Raises PreconditionRequired, Stale."""
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return None
    found = _ORDER_ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Stale("If-Match must be the ETag of this order, as it was sent to you.")
    return int(found[1])
