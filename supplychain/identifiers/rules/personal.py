"""Codes that say who a patient is: no name, birth date or record number is kept (21 CFR 1271.290(c)). Pure."""

import re
from urllib.parse import unquote

from supplychain.identifiers.rules import gs1
from supplychain.identifiers.rules.codes import BREAK, GS1_SYMBOLS, SYMBOL
from supplychain.identifiers.rules.isbt128 import is_isbt

NOT_KEPT = "‹data of the patient: not kept›"
# ISBT 128: date of birth and patient.
_ISBT = re.compile(r"[=&]#")
# GS1: what 7250 to 7259 say of a person.
_KEY = re.compile(r"725[0-9]")
_IN_BRACKETS = re.compile(r"\(725[0-9]\)")
_IN_LINK = re.compile(r"[/?&;#]725[0-9][/=]")
_LINK = re.compile(r"[A-Za-z]+://|[\w-]+(?:\.[\w-]+)+/")
# Behind a separator that a scanner wrote in a way of its own.
_REWRITTEN = re.compile(r"(?:[^A-Za-z0-9]|~d029)725[0-9]")
# Without marks: a moment of birth, a name, or a wristband's number (8018) and more.
_BARE = re.compile(
    r"725[01] ?(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9].*|725[345679][^\W\d_][^\d]*|"
    r"8018[0-9]{18}725[0-9].*"
)


def names_person(code: str) -> bool:
    """Whether the code holds a field that says who somebody is: a wristband's, mostly. One that is damaged counts as
    such where it may be."""
    return any(_names_person(part.strip()) for part in BREAK.split(gs1.WRITTEN.sub(gs1.SEPARATOR, code)))


def holds_key(value: str) -> bool:
    """Whether a value that was read of such a code may hold a field of the person."""
    return _KEY.search(value) is not None


def _names_person(code: str) -> bool:
    symbol = SYMBOL.match(code)
    bare = (code[symbol.end() :] if symbol else code).strip(gs1.SEPARATOR)
    if _ISBT.search(bare) or _IN_BRACKETS.search(bare):
        return True
    if is_isbt(bare):
        return False
    if _LINK.match(bare):
        return _IN_LINK.search(unquote(bare)) is not None
    if not ((symbol and symbol.group() in GS1_SYMBOLS) or gs1.is_marked(code)):
        return _BARE.fullmatch(bare) is not None
    keys, is_whole = gs1.keys_of(bare)
    is_unsure = _KEY if not is_whole else _REWRITTEN
    return any(map(_KEY.fullmatch, keys)) or is_unsure.search(bare) is not None
