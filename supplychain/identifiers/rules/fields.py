"""What a code says that was scanned: fields, each of which names an order in its own way."""

from typing import NamedTuple

from supplychain.identifiers.statuses import IdentifierKind

TWO_CODES = "Two codes came as one: scan each by itself."


class CodeProblem(Exception):
    """A code that says what it is, and is not right; the message says what is wrong and what to do."""


class Field(NamedTuple):
    """One thing that a code says. `kind` None: it may be any kind of identifier."""

    value: str
    kind: IdentifierKind | None = None
