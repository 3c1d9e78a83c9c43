"""Deleting master data that was never used; what has been used is switched off instead."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from supplychain.audit.refusals import Refused, check_reason, told_by


def uses_of(row: models.Model, *, along: Iterable[type[models.Model]] = ()) -> list[str]:
    """What refers to the row, in plural words; `along`: tables whose rows go with it and so do not count.

    One query a table; the history of the row is no use of it.
    """
    found = []
    for relation in row._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        table = relation.related_model
        if table in along or table._meta.auto_created or hasattr(table, "pgh_tracked_model"):
            continue
        if table._base_manager.filter(**{relation.field.name: row.pk}).exists():
            found.append(str(table._meta.verbose_name_plural))
    return sorted(set(found))


def refuse_if_used(row: models.Model, *, along: Iterable[type[models.Model]] = ()) -> None:
    """Raises Refused, naming what refers to the row."""
    if uses := uses_of(row, along=along):
        raise Refused({"all": f"It has been used by {', '.join(uses)}: switch it off instead of deleting it."})


def delete_unused(row: models.Model, action: str, reason: str, by: AbstractBaseUser | None) -> None:
    """Delete a row that nothing refers to; the history says why and who. Raises Refused."""
    reason = check_reason(reason)
    refuse_if_used(row)
    with told_by(action, by, reason):
        row.delete()
