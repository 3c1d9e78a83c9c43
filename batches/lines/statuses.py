"""How a pool keeps up."""

from django.db.models import TextChoices


class PoolCondition(TextChoices):
    """How a pool keeps up with what arrives (names as in public stream processors). Closed: it has no place."""

    CLEAR = "clear", "Clear"
    CATCHING_UP = "catching_up", "Catching up"
    STEADY_BACKLOG = "steady_backlog", "Steady backlog"
    FALLING_BEHIND = "falling_behind", "Falling behind"
    CLOSED = "closed", "Closed"
    STUCK = "stuck", "Stuck"
