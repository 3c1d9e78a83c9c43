"""The lines of a logger's file, whatever its encoding, as a stream: bytes in pieces of any size. Pure and total."""

import codecs
from collections.abc import Iterable, Iterator

# A line with more characters is no line of a logger; the rest of it is left out.
MOST_LINE = 4_096
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LOOKED_AT = 4_000  # bytes by which an encoding is recognised


class FileUnreadable(ValueError):
    """A file of which nothing can be taken; the message says what to do."""


def encoding_of(beginning: bytes) -> tuple[str, int]:
    """The encoding of a file that begins so, and how many bytes its mark has. Raises FileUnreadable.

    What is neither UTF-8 nor UTF-16 is read as Windows text: every logger's program without Unicode writes that.
    """
    for mark, name in MARKS:
        if beginning.startswith(mark):
            return name, len(mark)
    sample = beginning[:LOOKED_AT]
    if not sample.strip():
        raise FileUnreadable("The file is empty.")
    even, odd = sample[::2].count(0) / len(sample), sample[1::2].count(0) / len(sample)
    if odd > 0.2 > even or even > 0.2 > odd:
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    if 0 in sample or sample.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileUnreadable("This is no text: export the readings as CSV or text from the logger's program.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252", 0
    return "utf-8", 0


def lines_of(pieces: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """Each line without its end, and whether it had one: only the last may have none. Raises FileUnreadable."""
    rest, given = "", _decoded(pieces)
    for text in given:
        *whole, rest = (rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from ((one[:MOST_LINE], True) for one in whole)
        if len(rest) > 4 * MOST_LINE:
            rest = rest[:MOST_LINE]
    if rest:
        yield rest[:MOST_LINE], False


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """The text of the pieces; a line break that falls between two of them stays whole."""
    decoder, held = None, ""
    for piece in pieces:
        if decoder is None:
            name, mark = encoding_of(piece)
            decoder, piece = codecs.getincrementaldecoder(name)(errors="replace"), piece[mark:]
        text = held + decoder.decode(piece)
        held = "\r" if text.endswith("\r") else ""
        yield text[:-1] if held else text
    if decoder is None:
        raise FileUnreadable("The file is empty.")
    yield held + decoder.decode(b"", final=True)
