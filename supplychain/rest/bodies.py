"""Reading a small body against a struct, all its errors at once and by field."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from supplychain.rest.problems import Unprocessable

Body = TypeVar("Body", bound=msgspec.Struct)


def read_body(data: Any, kind: type[Body]) -> Body:
    """`data`, a decoded JSON object, as a `kind`. Raises Unprocessable with the errors by field."""
    if not isinstance(data, Mapping):
        raise Unprocessable(detail="Send one JSON object.")
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in data.keys() - fields.keys():
        errors[name] = [f"There is no such field; use {', '.join(fields)}."]
    for name, field in fields.items():
        if name in data:
            try:
                values[name] = msgspec.convert(data[name], field.type)
            except msgspec.ValidationError as error:
                errors[name] = [f"{error}."]
        elif field.required:
            errors[name] = ["This field is required."]
    if errors:
        raise Unprocessable(errors)
    return kind(**values)
