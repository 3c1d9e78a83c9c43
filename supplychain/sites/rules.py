"""What a telephone number of a site looks like, and how a sentence gives it: as a number to dial. Pure."""

import re

FEWEST_DIGITS = 5
DIALLED = re.compile(r"\+?[\d\s()./-]+(?:(?:ext\.?|x|#)\s*\d+)?", re.IGNORECASE)


def telephone_problem(text: str) -> str:
    """Why nobody can dial it, and what to write; empty if somebody can, or if there is none."""
    if not text.strip():
        return ""
    if DIALLED.fullmatch(text.strip()) and sum(map(str.isdigit, text)) >= FEWEST_DIGITS:
        return ""
    return f"“{text}” is no telephone number: write it with its country code, such as +47 23 07 00 00."


def call_words(telephone: str) -> str:
    """The number behind whom to call, or that none is kept."""
    return f": {telephone}" if telephone else " (no number is kept here: ask your administrator for it)"
