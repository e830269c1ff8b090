"""JSON as Muster writes and reads it."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> bytes:
    """The JSON of a value. Datetimes become timestamps in UTC, dataclasses objects.

    Raises:
        TypeError: It cannot be serialized as JSON.
        ValueError: It contains a number that JSON does not allow, or itself.
    """
    text = json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate can only be written as an escape.
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":")).encode()


def timestamp(at: datetime) -> str:
    """An RFC 3339 timestamp in UTC; a naive datetime is local time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Sequence, Set)) and not isinstance(value, (bytes, bytearray)):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def decode(kind: type[T], value: Any) -> T:
    """Parses a response into its type. Fields unknown to this version are dropped.

    Raises:
        TypeError, ValueError, KeyError, AttributeError: It is of another type.
    """
    return cast(T, _converter(cast(Hashable, kind))(value))


def _as_is(value: Any) -> Any:
    return value


@cache
def _converter(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        [inner] = [one for one in arguments if one is not type(None)]
        convert = _converter(inner)
        return lambda value: None if value is None else convert(value)
    if origin is list:
        convert = _converter(arguments[0])
        return _as_is if convert is _as_is else lambda value: [convert(one) for one in value]
    if origin is dict:
        convert = _converter(arguments[1])
        return _as_is if convert is _as_is else lambda value: {name: convert(one) for name, one in value.items()}
    if kind is datetime:
        return datetime.fromisoformat
    if dataclasses.is_dataclass(kind):
        return _of_class(kind)
    # Enumerations too: a newer Muster may have more values.
    assert origin is Literal or kind in (str, int, float, bool, Any), kind
    return _as_is


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _of_class(kind: Any) -> Callable[[Any], Any]:
    converters = {name: _converter(hint) for name, hint in get_type_hints(kind).items()}
    optional = {field.name for field in dataclasses.fields(kind) if not _is_required(field)}

    def convert(value: Any) -> Any:
        known = {
            name: converters[name](one)
            for name, one in value.items()
            if name in converters and not (one is None and name in optional)
        }
        return kind(**known)

    return convert
