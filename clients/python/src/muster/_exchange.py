"""The exchange of one call: what to send, what the response means, and whether to retry."""

from __future__ import annotations

import json
import logging
import os
import platform
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2

from ._errors import MusterError, error_from
from ._generated.version import VERSION
from ._json import decode
from ._request import request_of

T = TypeVar("T")

log = logging.getLogger("muster")

DEFAULT_URL = "http://127.0.0.1:4800"
DEFAULT_TIMEOUT = 30.0
DEFAULT_RETRIES = 4

_USER_AGENT = f"muster-agents/{VERSION} python/{platform.python_version()}"
# Whether to wait longer than this is up to the caller.
_LONGEST_RETRY_AFTER = 60.0
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def backoff(failures: int, first: float = 0.2, longest: float = 10.0) -> float:
    """Seconds to wait before retrying: a random time up to a limit that doubles with each failure ("full jitter").

    Clients that failed together then do not retry together.
    """
    return random.random() * min(longest, first * 2.0 ** min(failures - 1, 30))


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client calls Muster."""

    url: str
    key: str
    timeout: float
    retries: float

    @classmethod
    def of(cls, url: str | None, key: str | None, timeout: float, retries: float) -> Settings:
        """Settings that are not given come from the environment."""
        url = (url or os.environ.get("MUSTER_URL") or DEFAULT_URL).rstrip("/")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise ValueError(f"url must be an address such as {DEFAULT_URL}, not {url!r}.")
        key = key or os.environ.get("MUSTER_KEY")
        if not key:
            raise ValueError("A key is required: pass key, or set MUSTER_KEY.")
        return cls(url, key, timeout, retries)

    def but(self, timeout: float | None, retries: float | None) -> Settings:
        """The same settings with the given options replaced."""
        return Settings(
            self.url,
            self.key,
            self.timeout if timeout is None else timeout,
            self.retries if retries is None else retries,
        )

    def __repr__(self) -> str:
        # Keeps the key out of logs.
        return f"Settings(url={self.url!r}, timeout={self.timeout}, retries={self.retries})"


class Exchange:
    """One operation, from input to output, including retries."""

    def __init__(self, settings: Settings, operation: str, fields: Mapping[str, Any]) -> None:
        self._settings = settings
        self._request = request_of(operation, fields)
        self._failures = 0

    def arguments(self) -> dict[str, Any]:
        """The request, in the form httpx accepts."""
        headers = {"authorization": f"Bearer {self._settings.key}", "user-agent": _USER_AGENT}
        if self._request.body is not None:
            headers["content-type"] = "application/json"
        return {
            "method": self._request.method,
            "url": self._settings.url + self._request.path,
            "content": self._request.body,
            "headers": headers,
            "timeout": self._settings.timeout,
        }

    def read(self, kind: type[T], response: httpx2.Response) -> T:
        """The output in a response.

        Raises:
            MusterError: The response is a refusal, or not from Muster.
        """
        request, status = self._request, response.status_code
        log.debug("%s: %s %s: %s", request.operation, request.method, request.path, status)
        body: Any
        try:
            body = json.loads(response.content)
        except ValueError:
            body = response.text
        else:
            if response.is_success:
                return self._decode(kind, body, status)
        raise error_from(request.operation, status, response.headers, body)

    def _decode(self, kind: type[T], body: Any, status: int) -> T:
        try:
            return decode(kind, body)
        except (TypeError, ValueError, KeyError, AttributeError) as cause:
            hint = "Check that the URL is that of a Muster, and its version."
            error = MusterError(self._request.operation, "unexpected_answer", str(cause), hint, status=status)
            raise error from cause

    def no_answer(self, cause: httpx2.HTTPError) -> MusterError:
        """The error for a request that was not answered."""
        settings = self._settings
        within = f" within {settings.timeout:g} s" if isinstance(cause, httpx2.TimeoutException) else ""
        return MusterError(
            self._request.operation,
            "no_answer",
            f"{settings.url} did not respond{within} ({cause or type(cause).__name__}).",
            "Check that Muster is running there.",
            was_sent=not isinstance(cause, _NEVER_SENT),
        )

    def delay_after(self, error: MusterError) -> float:
        """Seconds to wait before retrying the request.

        Raises:
            MusterError: The error itself, if retrying is not safe or would not help.
        """
        self._failures += 1
        if self._failures > self._settings.retries or not self._may_repeat(error):
            raise error
        delay = (error.retry_after or 0.0) + backoff(self._failures)
        log.warning("Retrying in %.1f s: %s", delay, error)
        return delay

    def _may_repeat(self, error: MusterError) -> bool:
        """429 means that nothing was done; a request with any other failure may have had an effect."""
        if (error.retry_after or 0.0) > _LONGEST_RETRY_AFTER:
            return False
        return error.status == 429 or not error.was_sent or (self._request.is_repeatable and error.is_temporary)
