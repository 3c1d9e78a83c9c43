"""Names of people, sites and things, as others read them: nothing in them that nobody sees."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Col

from supplychain.identifiers.rules.characters import canonical, hidden_problem

# ASCII alone: no two letters look alike but by a bad typeface, and none hides.
USERNAME = re.compile(r"[A-Za-z0-9@.+_-]+", re.ASCII)


def validate_name(name: str) -> None:
    """Refuse a name with hidden characters: two that look alike would be taken for one."""
    if problem := hidden_problem(name):
        raise ValidationError(problem)


def validate_username(name: str) -> None:
    """Refuse what is no user name: letters of other alphabets look like a, e, o."""
    if not USERNAME.fullmatch(name):
        raise ValidationError("Use the letters a to z, digits and @ . + - _ alone; others may look like them.")


class NameField(models.CharField):
    """A text that names something to people: blanks as one space each, no hidden characters.

    In migrations it is the text that it is in the database.
    """

    default_validators = (validate_name,)

    def to_python(self, value: Any) -> Any:
        """The name in canonical form."""
        text = super().to_python(value)
        return canonical(text) if isinstance(text, str) else text

    def get_col(self, alias: str, output_field: models.Field | None = None) -> Col:
        """As a plain text: expressions mix it with other texts."""
        return Col(alias, self, output_field or models.CharField(max_length=self.max_length))

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As a plain text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
