"""What tells one issued document from every other, and whether a printed one still says what the record does. Pure."""

import re
from dataclasses import dataclass
from hashlib import sha256

# What is printed of it; fewer characters are asked for again.
LONGEST, SHORTEST = 64, 12
_HEX = re.compile(r"[0-9a-f]+")
_GAPS = re.compile(r"[\s:.\-–]+")


def fingerprint_of(content: str) -> str:
    """SHA-256 of the document's text in UTF-8, hexadecimal."""
    return sha256(content.encode()).hexdigest()


def printed(fingerprint: str) -> str:
    """The fingerprint as it is printed: groups of four."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def typed_fingerprint(text: str) -> str:
    """The characters of a fingerprint that was typed or scanned, its gaps taken out; empty: it is none.

    A beginning of at least SHORTEST characters is enough. An address, as the printed code has it, counts by its end.
    """
    digits = _GAPS.sub("", text.rpartition("=")[2]).lower()
    return digits if SHORTEST <= len(digits) <= LONGEST and _HEX.fullmatch(digits) else ""


@dataclass(frozen=True, slots=True)
class ReportComparison:
    """A document beside the record: whether its own text is as it was issued (`is_whole`), whether the record still
    holds each of its events as it tells them (`is_in_record`), and how many were added since (`added`)."""

    is_whole: bool
    is_in_record: bool
    added: int

    @property
    def holds(self) -> bool:
        """Whether what it says is what was recorded."""
        return self.is_whole and self.is_in_record


def compare(
    content: str, fingerprint: str, events: int, head: str, *, head_now: str, events_now: int
) -> ReportComparison:
    """`head_now`: the seal of the record's event at the document's end (empty: there is none); `events_now`: how many
    events the record holds."""
    is_whole = fingerprint_of(content) == fingerprint
    return ReportComparison(is_whole, head_now == head, max(events_now - events, 0))
