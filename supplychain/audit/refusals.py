"""How an action says no to master data: every field with what is wrong with it."""

from collections.abc import Collection
from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from supplychain.django_words import own_words
from supplychain.field_words import missing_words
from supplychain.reasons import MOST_REASON, TOO_SHORT, is_no_reason


class Refused(Exception):
    """What was asked for cannot be stored. `errors`: what to do, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = errors

    def as_lines(self) -> str:
        """One line a field, for a console."""
        return "\n".join(f"{field}: {text}" for field, text in self.errors.items())


def refuse_unless_valid(row: models.Model, *, but: Collection[str] = ()) -> None:
    """Check a row's fields (`but` these) and constraints. Raises Refused."""
    try:
        row.full_clean(exclude=set(but))
    except ValidationError as error:
        raise Refused(
            {
                "all" if field == NON_FIELD_ERRORS else field: " ".join(_words(row, field, one) for one in found)
                for field, found in error.error_dict.items()
            }
        ) from error


def _words(row: models.Model, field: str, error: ValidationError) -> str:
    """What is wrong with a field, in words that name it where it was left empty."""
    if field == NON_FIELD_ERRORS:
        return " ".join(own_words(text, "It") for text in error.messages)
    column = row._meta.get_field(field)
    label = f"{column.verbose_name[:1].upper()}{column.verbose_name[1:]}"
    if error.code in ("blank", "null"):
        return missing_words(label, "enter it")
    offered = [str(value) for value, _ in column.choices or ()]
    return " ".join(own_words(text, label, offered=offered) for text in error.messages)


def told_by(action: str, by: AbstractBaseUser | None, reason: str = "") -> Any:
    """A context that writes into the history what was done, who did it (None: a command) and, where asked, why."""
    told = {"action": action, "user": str(by.pk) if by else None}
    return pghistory.context(**told | ({"reason": reason} if reason else {}))


def check_reason(reason: str) -> str:
    """The reason for a change as it is kept (EU GMP Annex 11 §9). Raises Refused for none, “x” or “ok”."""
    text = " ".join(reason.replace("\x00", "").split())
    if is_no_reason(text):
        raise Refused({"reason": TOO_SHORT})
    if len(text) > MOST_REASON:
        raise Refused({"reason": f"{len(text)} characters; use at most {MOST_REASON}."})
    return text
