"""The one form in which an identifier is stored and looked up, whichever way it came in."""

import re
import unicodedata

from supplychain.hidden_characters import UNSEEN, numbered

# What is not in canonical form besides: a space at an end, two in a row.
LOOSE = r"^ | $|  "
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mrz|Mai|Okt|Dez)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
# What a spreadsheet leaves of a number, and what that is, by group. Of a long one “1.67683E+15”, in Germany
# “1,67683E+15” (a code such as 219E01 is none); in place of a value, in whatever language, #N/A, #NV, #BEZUG!, #DIV/0!;
# of 1-3 or 3/1 “01-Mar” or “Mar-01”, in Germany “01. Mrz”; of 1-3-26 “01/03/2026” or “01.03.2026”.
SHEET = re.compile(
    r"(?P<rounded>[$€£]? ?[+-]?(?:\d{1,3}[.,]\d* ?[eE] ?\+?|\d ?[eE] ?\+)\d{2,3})"
    r"|(?P<error>#\D*(?:/0!)?|[Ee]rr:\d{3})"
    rf"|(?P<date>\d{{1,2}}(?:-|\. ){_MONTH}|{_MONTH}[- ]\d{{2}}|{_DAY}(?P<mark>[/.]){_DAY}(?P=mark)(?:19|20)\d{{2}})"
)
# The same in other languages of Europe, where months have small letters (Italian `set` and `gen` are left out: “1-set”
# may be a number), and a date or a number as a data frame writes it.
_MONTH_ELSEWHERE = (
    "(?:jan|janv|ene|feb|febr|f[eé]vr|mar|mars|mrt|mrz|m[aä]rz|apr|avr|abr|mai|maj|may|mei|mag|jun|juin|juni|giu"
    "|jul|juil|juli|lug|aug|ago|ao[uû]t|sep|sept|oct|okt|ott|nov|dec|dez|des|dic|d[eé]c)"
)
SHEET_ELSEWHERE = re.compile(
    rf"(?P<date>\d{{1,2}}(?:-|\.? ){_MONTH_ELSEWHERE}\.?|{_MONTH_ELSEWHERE}\.?[- ]\d{{2}}"
    r"|(?:19|20)\d{2}-\d{2}-\d{2}[ T]00:00(?::00)?)"
    r"|(?P<rounded>\d{6,}\.0)"
)
SHEET_WORDS = {
    "rounded": "a number that a spreadsheet has rounded",
    "error": "what a spreadsheet shows in place of a value",
    "date": "a date that a spreadsheet has made of a number",
}
# What people and programs write where they have no number: the whole of it, in small letters.
PLACEHOLDERS = frozenset(
    {"nan", "null", "none", "nil", "na", "n/a", "n.a.", "<na>", "undefined", "unknown", "missing", "pending", "tbd",
     "tba", "true", "false", "wahr", "falsch", "unbekannt", "k.a.", "keine", "inconnu",
     "ukjent", "ukendt", "okänd", "onbekend", "sconosciuto", "desconocido", "tbc", "unk", "(null)", "vrai", "faux",
     "sant", "falskt", "falsk", "usann", "falso", "verdadero", "waar", "onwaar"}
)  # fmt: skip
# What a program writes for a letter that it could not read (Mü-1 and Mö-1 both become M\ufffd-1), and for an object.
LOST = re.compile(r"[\ufffc\ufffd]")
# Letters of other alphabets, and our own, that look like one another on a label or aloud: for showing twins only.
TWINS = str.maketrans(
    "oοоσil|ıιіӏαаβвеεѕкκнηмμпνрρсτтυуүхχјԁԛԝһ" + "օսհցո" + "øłđħŧƀ" + "ᎪᏴᏟᎬᎻᏦᎷᏢᏚᎢᏙᎳᏃ",
    "0000111111" + "1aabbeeskkhhmmnnpp" + "cttyyyxxjdqwh" + "0uhgn" + "01dhtb" + "abcehkmpstvwz",
)
# Small letters in the shape of capitals, which phonetic alphabets have: ʙ.
TWINS |= {
    code: TWINS.get(ord(name[-1].lower()), name[-1].lower())
    for code in (*range(0x250, 0x2B0), *range(0x1D00, 0x1D80), *range(0xA700, 0xA800))
    if re.fullmatch("LATIN LETTER SMALL CAPITAL [A-Z]", name := unicodedata.name(chr(code), ""))
}
_MARKS = re.compile(r"[\s_./\-\u2010-\u2015\u2212\u00ad]+")


def canonical(text: str) -> str:
    """`text` in the form in which an identifier is stored: composed (NFC), every blank one space, none at the ends."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def lookup_key(text: str) -> str:
    """The form under which it is looked up: canonical, in small letters.

    As the database's own column does it (`lower` with the collation pg_unicode_fast): ß stays ß and ı stays ı, so
    that no two different letters become one.
    """
    return canonical(text).lower()


def likeness(text: str) -> str:
    """What an identifier looks like: the same for O and 0, I and 1, Latin and Cyrillic a, dash and underscore."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", UNSEEN.sub("", canonical(text)))
        if not unicodedata.combining(character)
    )
    return _MARKS.sub("-", plain.casefold().translate(TWINS)).strip("-")[:128]


def identifier_problem(text: str, *, is_required: bool = False) -> str:
    """Why `text` cannot be an identifier, and what to do; empty if it can. The same by every way in.

    `is_required`: it cannot be left out where it was given.
    """
    given = canonical(text)
    if problem := hidden_problem(given):
        return problem
    return _lost_letter(given) or _sheet_problem(given) or _nothing_named(given, is_required)


def _lost_letter(given: str) -> str:
    if given.isascii() or not LOST.search(given):
        return ""
    return (
        f"“{visible(given)}” lost a character in an earlier conversion (it shows as \N{REPLACEMENT CHARACTER}): "
        "enter it again from its source."
    )


def _sheet_problem(given: str) -> str:
    """What a spreadsheet made of the identifier; empty for one that it left alone."""
    if (match := SHEET.fullmatch(given) or SHEET_ELSEWHERE.fullmatch(given)) is None:
        return ""
    looks = SHEET_WORDS[match.lastgroup or ""]
    return f"“{given}” is {looks}: format the column as text there, and enter the number in full from its source."


def _nothing_named(given: str, is_required: bool) -> str:
    """That it stands where somebody had no number: everybody's would be the same."""
    if given and (given.casefold() in PLACEHOLDERS or not (given[0].isalnum() or any(map(str.isalnum, given)))):
        instead = "enter the number itself" if is_required else "enter the number, or leave it empty"
        return f"“{given}” names nothing, and would be the same for all: {instead}."
    return ""


def hidden_problem(text: str) -> str:
    """Why a text in canonical form holds what nobody sees, and what to do; empty if it does not."""
    if not (text.isascii() and text.isprintable()) and (hidden := UNSEEN.search(text)):
        return f"“{visible(text)}” holds a hidden character ({_named(hidden.group())}): enter it again without it."
    return ""


def visible(text: str) -> str:
    """`text` with every character that cannot be seen, or looks like another, shown by its number: `‹U+200B›`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    code = numbered(character)
    if UNSEEN.match(character) or unicodedata.combining(character):
        return code
    return character if unicodedata.name(character, "").startswith("LATIN") else f"{character}{code}"


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    return f"{code}, {name}" if name else code
