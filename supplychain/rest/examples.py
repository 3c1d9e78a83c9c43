"""Examples in the interface's documentation."""

from typing import Any

from drf_spectacular.utils import OpenApiExample


def answer(name: str, value: Any, *codes: str) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=list(codes or ("200",)))


def request(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)
