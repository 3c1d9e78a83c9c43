"""One step of what happens next with an order."""

from dataclasses import dataclass
from datetime import datetime

# Who decides on releases and holds.
QUALITY = "quality assurance"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next at one stage (empty: the whole order), and whose turn it is: place, and that in words.

    `due_words`: what `due` is the end of, or that none is known; `is_stored`: it is the end of the cells' storage, no
    date to act by. `since`: when it became a matter of theirs; `is_asked`: by a flag that asked them, of what may be
    older. `why`: what stops the order, and what must wait for the decision.
    """

    stage: str
    stage_name: str
    status: str
    words: str
    place: str
    whose: str
    since: datetime | None
    due: datetime | None = None
    is_stored: bool = False
    due_words: str = ""
    why: str = ""
    is_asked: bool = False
