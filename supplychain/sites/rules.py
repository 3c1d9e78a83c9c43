"""What a telephone number of a site looks like: it is shown as a number to dial. Pure."""

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
