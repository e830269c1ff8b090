"""The HTTP request that performs an operation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from ._generated.routes import ROUTES
from ._json import encode, timestamp


@dataclass(frozen=True, slots=True)
class Request:
    """The request for an operation."""

    operation: str
    method: str
    path: str
    """Includes the query."""
    body: bytes | None
    is_repeatable: bool
    """Whether sending it twice has the same effect as sending it once."""


def request_of(operation: str, given: Mapping[str, Any]) -> Request:
    """Distributes the fields of an input to the path, and the rest to the body of a POST or else to the query.

    A new task without an idempotency key gets one, so that the request can be repeated.

    Raises:
        ValueError: A field of the path is empty, or a value cannot be serialized as JSON.
        TypeError: A value cannot be serialized as JSON.
    """
    method, template, repeatable = ROUTES[operation]
    fields = {name: value for name, value in given.items() if value is not None}
    if repeatable == "idempotency_key":
        fields.setdefault("idempotency_key", _new_key())
    if operation == "create_tasks":
        fields["tasks"] = [{"idempotency_key": _new_key(), **task} for task in fields["tasks"]]
        repeatable = True
    is_repeatable = repeatable in fields if isinstance(repeatable, str) else repeatable

    def segment(match: re.Match[str]) -> str:
        value = fields.pop(match[1], None)
        if not isinstance(value, str) or value == "":
            raise ValueError(f"{operation} requires {match[1]}, a non-empty string.")
        return quote(value, safe="")

    path = re.sub(r"\{(\w+)\}", segment, template)
    if method == "POST":
        return Request(operation, method, path, encode(fields), is_repeatable)
    query = urlencode({name: _text(value) for name, value in fields.items()}, quote_via=quote)
    return Request(operation, method, f"{path}?{query}" if query else path, None, is_repeatable)


def _new_key() -> str:
    return str(uuid.uuid4())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(value)
    return value if isinstance(value, str) else ",".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
