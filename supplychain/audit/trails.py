"""The audit trail of master data, read from the history that database triggers write (21 CFR 11.10(e), Annex 11 §9).

Who changed what, when, from what to what, and why. Nothing here writes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

HIDDEN = {"id", "application", "date_joined"}
# Actions that are told in other words than their names: of roles, not of what else the same deed changed.
ROLE_ACTIONS = {"add_membership": "give a role", "remove_membership": "take a role away"}
CHANGES = {"insert": "Added", "update": "Changed", "delete": "Deleted"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a row, before and after; empty: there was nothing."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row of master data. `who` empty: a command of the machine; `row` None: it has no key here."""

    at: datetime
    kind: str
    table: str
    row: UUID | None
    subject: str
    who: str
    action: str
    reason: str
    differences: tuple[Difference, ...]


def keeps_history(model: type[models.Model]) -> bool:
    """Whether the changes of a table are kept."""
    return hasattr(model, "pgh_event_models")


@dataclass(frozen=True, slots=True)
class TrailScope:
    """The rows of one tracked table that somebody may read about; `rows` filters its history."""

    model: type[models.Model]
    rows: Q

    @property
    def history(self) -> models.QuerySet:
        """The table's history within the scope."""
        return self.model.pgh_event_model.objects.filter(self.rows)


def read_trail(
    scopes: Iterable[TrailScope], *, before: datetime | None = None, size: int, **wanted: Any
) -> list[Change]:
    """The newest `size` changes before a moment, newest first; `wanted`: lookups of the history.

    The number of queries depends on the number of tables, not on how many changes there are.
    """
    if before is not None:
        wanted["pgh_created_at__lt"] = before
    found = [
        scope.history.filter(**wanted).select_related("pgh_context").order_by("-pgh_created_at", "-pgh_id")[:size]
        for scope in scopes
    ]
    newest = islice(merge(*found, key=lambda event: event.pgh_created_at, reverse=True), size)
    return _as_changes(list(newest))


def trail_of(row: models.Model, *, size: int) -> list[Change]:
    """The newest changes of one row, newest first."""
    return read_trail([TrailScope(type(row), Q(pgh_obj_id=row.pk))], size=size)


def person_filter(user: AbstractBaseUser) -> dict[str, Any]:
    """The lookups for what one person did."""
    return {"pgh_context__metadata__user": str(user.pk)}


def _as_changes(events: Sequence[Any]) -> list[Change]:
    befores, names = _befores(events), _Names()
    names.learn(events, befores.values())
    return [_as_change(event, befores.get((type(event), event.pgh_id)), names) for event in events]


def _befores(events: Sequence[Any]) -> dict[tuple[type, int], Any]:
    """What each row said before each of these changes: its history, read once for each table."""
    rows = defaultdict(set)
    for event in events:
        if event.pgh_label == "update":
            rows[type(event)].add(event.pgh_obj_id)
    found: dict[tuple[type, int], Any] = {}
    for table, ids in rows.items():
        last: dict[UUID, Any] = {}
        for event in table.objects.filter(pgh_obj_id__in=ids).order_by("pgh_id"):
            if event.pgh_obj_id in last:
                found[table, event.pgh_id] = last[event.pgh_obj_id]
            last[event.pgh_obj_id] = event
    return found


class _Names:
    """Words for the rows that history rows refer to, learnt with one query a table."""

    def __init__(self) -> None:
        self.known: dict[tuple[type, Any], str] = {}

    def learn(self, *events: Iterable[Any]) -> None:
        wanted: dict[type, set] = defaultdict(set)
        for event in (event for some in events for event in some):
            wanted[get_user_model()].add(_told(event).get("user"))
            for field in _fields(event):
                if field.is_relation:
                    wanted[field.related_model].add(getattr(event, field.attname))
        for table, ids in wanted.items():
            # Many rows say in their words what they belong to.
            named = [f.name for f in table._meta.concrete_fields if f.is_relation and not f.null]
            rows = table._base_manager.select_related(*named).in_bulk([key for key in ids if key])
            self.known |= {(table, str(key)): str(row) for key, row in rows.items()}

    def of(self, table: type, key: Any) -> str:
        return self.known.get((table, str(key)), f"{key} (deleted)") if key else ""


def _fields(event: Any) -> Iterator[models.Field]:
    own = {field.name for field in event.pgh_tracked_model._meta.concrete_fields}
    return (f for f in event._meta.concrete_fields if f.name in own and f.name not in HIDDEN)


def _told(event: Any) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context else {}


def _as_change(event: Any, before: Any, names: _Names) -> Change:
    told, table = _told(event), event.pgh_tracked_model
    return Change(
        at=event.pgh_created_at,
        kind=CHANGES.get(event.pgh_label, event.pgh_label),
        table=str(table._meta.verbose_name),
        row=getattr(event, "pgh_obj_id", None),
        subject=_subject(event, names),
        who=names.of(get_user_model(), told.get("user")),
        action=_action_words(str(told.get("action", "")), table),
        reason=str(told.get("reason", "")),
        differences=tuple(_differences(event, before, names)),
    )


def _action_words(action: str, table: type[models.Model]) -> str:
    """What was done to a row of `table`; empty: nothing but what the change says, such as that a person was added."""
    if action not in ROLE_ACTIONS:
        return action.replace("_", " ")
    return "" if table is get_user_model() else ROLE_ACTIONS[action]


def _subject(event: Any, names: _Names) -> str:
    """What the row was called then: its code or name, else what it joins."""
    for field in ("username", "code", "name"):
        if value := getattr(event, field, ""):
            return f"{value} v{event.version}" if hasattr(event, "version") else value
    return " · ".join(names.of(f.related_model, getattr(event, f.attname)) for f in _fields(event) if f.is_relation)


def _differences(event: Any, before: Any, names: _Names) -> Iterator[Difference]:
    """What is another value than before; of a deleted row everything that it had."""
    old, new = (event, None) if event.pgh_label == "delete" else (before, event)
    for field in _fields(event):
        was, became = (getattr(one, field.attname) if one else None for one in (old, new))
        if was != became and not (_says_nothing(was) and _says_nothing(became)):
            yield Difference(str(field.verbose_name), _shown(was, field, names), _shown(became, field, names))


def _says_nothing(value: Any) -> bool:
    """Nothing, an empty text or an empty list; 0 and “no” are values that somebody set."""
    return value is None or value in ("", [], {})


def _shown(value: Any, field: models.Field, names: _Names) -> str:
    if field.is_relation:
        return names.of(field.related_model, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(dict(field.flatchoices or ()).get(value, value))
