"""The errors that calls raise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple, TypeAlias

from .models import ErrorCode

MusterErrorCode: TypeAlias = ErrorCode | Literal["no_answer", "unexpected_answer"]
"""Muster's codes, plus one for no response and one for a response that is not from Muster."""


class FieldError(NamedTuple):
    """What is wrong with one field of an input."""

    pointer: str
    message: str


class MusterError(Exception):
    """An operation that was refused or not answered. ``detail`` says what was wrong, ``hint`` what to do next."""

    def __init__(
        self,
        operation: str,
        code: MusterErrorCode,
        detail: str,
        hint: str,
        *,
        status: int | None = None,
        errors: tuple[FieldError, ...] = (),
        instance: str | None = None,
        retry_after: float | None = None,
        was_sent: bool = True,
    ) -> None:
        super().__init__(f"{operation}: {f'{status} ' if status else ''}{code}: {detail} {hint}")
        self.operation = operation
        self.code: MusterErrorCode = code
        self.status = status
        """HTTP status; None if there was no response."""
        self.detail = detail
        self.hint = hint
        self.errors = errors
        """The fields of the input that are wrong, and why."""
        self.instance = instance
        """Identifies the request in Muster's logs."""
        self.retry_after = retry_after
        """When to try again, in seconds, if the response says so."""
        self.was_sent = was_sent
        """False if the request cannot have had an effect because there was no connection."""

    @property
    def is_temporary(self) -> bool:
        """Whether retrying the request may succeed."""
        return self.status is None or self.status == 429 or self.status >= 500

    @property
    def is_gone(self) -> bool:
        """Whether it was refused because the state has changed in the meantime."""
        return self.status in (404, 409)


def error_from(operation: str, status: int, headers: Mapping[str, str], body: Any) -> MusterError:
    """The error for an unsuccessful response."""
    retry_after = _seconds(headers.get("retry-after"))
    if isinstance(body, dict) and "code" in body and "detail" in body:
        return MusterError(
            operation,
            body["code"],
            str(body["detail"]),
            str(body.get("hint", "")),
            status=status,
            errors=tuple(FieldError(one["pointer"], one["message"]) for one in body.get("errors", ())),
            instance=body.get("instance"),
            retry_after=retry_after,
        )
    code, hint = _GATEWAY_ANSWERS.get(status, _UNEXPECTED)
    return MusterError(operation, code, _message_in(body), hint, status=status, retry_after=retry_after)


_RETRY = "Retry the request."
# Responses of API Gateway itself have a body of their own, with only a message.
_GATEWAY_ANSWERS: dict[int, tuple[MusterErrorCode, str]] = {
    401: ("invalid_key", "Use an API key of this Muster."),
    413: ("too_large", "Store large data elsewhere and send a reference."),
    429: ("throttled", "Send fewer requests at once."),
    500: ("internal", "Check the logs of Muster."),
    502: ("unavailable", _RETRY),
    503: ("unavailable", _RETRY),
    504: ("unavailable", _RETRY),
}
_UNEXPECTED: tuple[MusterErrorCode, str] = ("unexpected_answer", "Check that the URL is that of a Muster.")


def _message_in(body: Any) -> str:
    message = body["message"] if isinstance(body, dict) and "message" in body else body
    text = message if isinstance(message, str) else repr(message)
    return f"{text[:200]}…" if len(text) > 200 else text or "The response is empty."


def _seconds(header: str | None) -> float | None:
    """Retry-After is a number of seconds or a date."""
    if header is None:
        return None
    if header.isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
