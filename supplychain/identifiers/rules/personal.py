"""Codes that say who a patient is: no name, birth date or record number is kept (21 CFR 1271.290(c)). Pure."""

import re

# ISBT 128: date of birth and patient (`=#`, `&#`); GS1: what 7250 to 7259 say of a person, in brackets or behind FNC1.
_PERSONAL = re.compile(r"[=&]#|\(725[0-9]\)|\A\s*\][A-Za-z][0-9]\x1d?725[0-9]|\x1d725[0-9]")
NOT_KEPT = "‹data of the patient: not kept›"


def names_person(code: str) -> bool:
    """Whether the code holds a field that says who somebody is: a wristband's, mostly."""
    return _PERSONAL.search(code) is not None
