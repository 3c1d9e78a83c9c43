"""What is wrong with each field of an object that cannot be read as a struct, in words of the one who sent it. Pure."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import msgspec

from supplychain.moments import EXAMPLE

TYPES = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing",
    "array": "a list", "object": "a JSON object", "datetime": f"a moment such as {EXAMPLE}", "uuid": "an id",
}  # fmt: skip
# What msgspec says, and what people read of it; {0} and {1} are what it names.
SENTENCES = (
    (r"Expected `(.+)`, got `(.+)`", "must be {0}, not {1}"),
    (r"Expected `str` of length >= (\d+)", "must have at least {0} characters"),
    (r"Expected `str` of length <= (\d+)", "must have at most {0} characters"),
    (r"Expected `array` of length >= (\d+)", "must have at least {0} entries"),
    (r"Expected `array` of length <= (\d+)", "must have at most {0} entries"),
    (r"Expected `str` matching regex .*", "holds characters that cannot stand there"),
    (r"Expected `(?:int|float)` >= (.+)", "must be {0} or more"),
    (r"Expected `(?:int|float)` <= (.+)", "must be {0} or less"),
    (r"Expected `(?:int|float)` > (.+)", "must be more than {0}"),
    (r"Expected `(?:int|float)` < (.+)", "must be less than {0}"),
    (r"Expected `datetime` .*|Invalid RFC3339.*", f"must be a moment with its offset, such as {EXAMPLE}"),
    (r"Invalid UUID", "must be an id such as 0198a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b"),
    (r"Invalid enum value (.+)", "is none of those that there are: {0}"),
)


def field_name(field: str) -> str:
    """A field as people call it: “patient reference”."""
    return field.replace("_", " ").removesuffix(" at") if field.endswith("_at") else field.replace("_", " ")


def missing_words(label: str, deed: str) -> str:
    """That what stands under `label` was left out, and what to do."""
    return f"“{label}” is missing: {deed}."


def problem_words(message: str, field: str, hint: str = "") -> str:
    """msgspec's message about a field as a sentence that names it and says what is expected; `hint`: what to give."""
    give = f"; give {hint}" if hint else ""
    for pattern, words in SENTENCES:
        if match := re.fullmatch(pattern, message):
            said = words.format(*map(_type_words, match.groups()))
            return f"The {field_name(field)} {said}{give}."
    return f"The {field_name(field)} cannot be read{give}."


def left_out_words(field: str, kind: Any, hint: str = "") -> str:
    """That a field of this type was left out, and what to give: `hint`, or what its type says."""
    name = f"“{field}”" if field.endswith("_at") else f"The {field_name(field)}"
    return f"{name} is missing; give {hint or _wanted(kind)}."


def _wanted(kind: Any) -> str:
    """What a field of this type takes, in words: “a text”, “one of hold, cancel”."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(one.value) for one in kind)}"
    try:
        msgspec.convert(object(), kind)
    except msgspec.ValidationError as error:
        expected = re.match(r"Expected `([^`]+)`", str(error))
        return _type_words(expected.group(1)) if expected else "it"
    return "it"


def located(message: str) -> tuple[str, str]:
    """msgspec's message without its path, and the path as a field's name (`payload.promised_at`; empty: the whole)."""
    text, _, path = message.partition(" - at `$")
    return text, path.rstrip("`").lstrip(".")


def struct_problems(
    given: Mapping[str, Any], kind: type[msgspec.Struct], hints: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Why `given` cannot be read as a `kind`: every field that is missing, unknown or of another form."""
    return dict(_struct_problems(given, kind, hints or {}))


def _struct_problems(
    given: Mapping[str, Any], kind: type[msgspec.Struct], hints: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in given:
        if name not in fields:
            yield str(name), f"There is no field “{name}”; use {', '.join(fields)}."
    for name, field in fields.items():
        hint = hints.get(name, "")
        if name not in given:
            if field.required:
                yield name, left_out_words(name, field.type, hint)
            continue
        try:
            msgspec.convert(given[name], field.type)
        except msgspec.ValidationError as error:
            text, path = located(str(error))
            yield name, problem_words(text, f"{name}.{path}" if path else name, hint)


def _type_words(name: str) -> str:
    """What msgspec calls a type, or types in a row, in words; anything else as it is."""
    parts = name.split(" | ")
    if all(part in TYPES for part in parts):
        return " or ".join(TYPES[part] for part in parts if part != "null") or TYPES["null"]
    return name.strip("'").join("“”") if name.startswith("'") else name
