"""How a right of a system is named to people."""

from supplychain.systems.statuses import SCOPES


def right_words(scope: str) -> str:
    """The right in words, with its scope behind: “Report tests” (events:quality_control)."""
    return f"“{SCOPES[scope]}” ({scope})" if scope in SCOPES else f"“{scope}”"
