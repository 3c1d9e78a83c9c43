"""How often Python looks for cycles of objects that nobody reaches any more."""

import gc


def collect_seldom() -> None:
    """Search seldom, and never what is loaded by now: work here makes many short-lived rows and no cycles. A claim took
    a third longer with the usual search, a list of a thousand events a quarter."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
