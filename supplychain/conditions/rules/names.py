"""The names of loggers: serial numbers as they are printed on them. Pure."""

import re

LONGEST = 40
_NAME = re.compile(rf"[^\W_][\w .:#/()+-]{{0,{LONGEST - 1}}}")


def logger_name(text: str) -> str:
    """The name in one form; empty where it is none."""
    plain = " ".join(text.split())
    return plain.upper() if _NAME.fullmatch(plain) else ""
