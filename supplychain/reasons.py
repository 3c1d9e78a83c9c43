"""What a reason is, for whatever it is given: how much it says at least, and how long it may be. Pure."""

from supplychain.hidden_characters import UNSEEN

# Letters and digits that a reason has at least.
LEAST_REASON = 4
# Characters that a reason has at most: for a change to master data, or of what is wanted with an order.
MOST_REASON = 300
# The same of a decision or request in a report (`payload.reason`), and of a promised date.
MOST_REPORTED = 1_000
TOO_SHORT = "Say it in a few words: whoever reads it later must understand why."


def says_nothing(text: str) -> bool:
    """Whether nobody sees anything of `text`: blanks and hidden characters alone."""
    return not UNSEEN.sub("", text).strip()


def is_no_reason(text: str) -> bool:
    """Whether a text is too short to say why: “x”, “ok”, “---”."""
    return sum(map(str.isalnum, text)) < LEAST_REASON
