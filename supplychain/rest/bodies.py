"""Reading a small body against a struct, all its errors at once and by field."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, get_args

import msgspec

from supplychain.characters import all_storable
from supplychain.field_words import left_out_words, located, problem_words
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.rest.problems import Unprocessable

Body = TypeVar("Body", bound=msgspec.Struct)
Finding = Callable[[Mapping[str, Any]], Mapping[str, list[str]]]


def read_body(data: Any, kind: type[Body], more: Finding | None = None) -> Body:
    """`data`, a decoded JSON object, as a `kind`. Raises Unprocessable with the errors by field; `more`: what else is
    wrong with the fields that could be read, for all is said at once."""
    if not isinstance(data, Mapping):
        raise Unprocessable(detail="Send one JSON object.")
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in data.keys() - fields.keys():
        errors[name] = [f"There is no field “{name}”; use {', '.join(fields)}."]
    for name, field in fields.items():
        if name in data:
            try:
                values[name] = _value(data[name], field.type)
            except UnreadableMoment as problem:
                errors[name] = [str(problem)]
            except msgspec.ValidationError as error:
                text, path = located(str(error))
                errors[name] = [problem_words(text, f"{name}.{path}" if path else name)]
            if not all_storable(data[name]):
                errors[name] = ["A text holds a NUL character (U+0000) or half a character; remove it."]
        elif field.required:
            errors[name] = [left_out_words(name, field.type)]
    if more:
        errors = dict(more({name: value for name, value in values.items() if name not in errors})) | errors
    if errors:
        raise Unprocessable(errors)
    return kind(**values)


def _value(given: Any, kind: Any) -> Any:
    """The value of a field of type `kind`. Raises UnreadableMoment, ValidationError."""
    is_moment = isinstance(given, str) and _takes_moment(kind)
    return read_moment(given) if is_moment else msgspec.convert(given, kind)


def _takes_moment(kind: Any) -> bool:
    """Whether a field of this type (`Moment`, `Moment | None`) holds a moment."""
    return kind is datetime or any(map(_takes_moment, get_args(kind)))
