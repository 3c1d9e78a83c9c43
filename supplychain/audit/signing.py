"""That somebody has just shown who they are, to sign with it."""

from typing import NamedTuple
from uuid import UUID


class Proof(NamedTuple):
    """Whose it is, and what they showed (statuses.Factor). Made by sign_in alone, of one signing, and never kept."""

    user_id: UUID
    factors: tuple[str, ...]
