"""Characters that nobody sees, made visible. Pure."""

from unicodedata import category

# Controls, format characters (no width, direction), unusual blanks, line and paragraph breaks, private, unassigned.
HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


def shown(text: str) -> str:
    """The text with every hidden character by its number: “AB‹U+200B›1”; a plain blank stays."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if one == " " or category(one) not in HIDDEN else f"‹U+{ord(one):04X}›" for one in text)
