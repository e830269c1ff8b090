"""The synchronous client."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from ._errors import MusterError
from ._exchange import DEFAULT_RETRIES, DEFAULT_TIMEOUT, Exchange, Settings
from ._generated.operations import Operations
from ._tracing import traced
from ._waiting import Named, Patience, has_ended, id_of
from .models import Task

T = TypeVar("T")


class Muster(Operations):
    """All operations of Muster: ``Muster().create_task("...")``. Thread-safe.

    Args:
        url: URL of Muster. Default: MUSTER_URL in the environment, or else http://127.0.0.1:4800.
        key: API key, ``mst_...``. Default: MUSTER_KEY in the environment.
        timeout: Seconds to wait for a connection, and for each part of a response.
        retries: How often a failed request is retried, if that is safe; ``math.inf`` for no limit.
        http_client: Replaces the client's own, for example to use a proxy. It is not closed.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.url!r})"

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retries: float = DEFAULT_RETRIES,
        http_client: httpx2.Client | None = None,
    ) -> None:
        self._settings = Settings.of(url, key, timeout, retries)
        self._http = http_client or httpx2.Client()
        self._is_own = http_client is None

    def with_options(self, *, timeout: float | None = None, retries: float | None = None) -> Self:
        """A client with different options that shares, and closes, the same connections."""
        other = copy.copy(self)
        other._settings = self._settings.but(timeout, retries)
        return other

    def wait_for(self, task: Named, *, timeout: float | None = None) -> Task:
        """Waits until a task (or the task with an id) is completed, failed or cancelled, and returns it.

        A blocked task can still be unblocked: pass a timeout to stop waiting.

        Raises:
            TimeoutError: The task has not ended after ``timeout`` seconds.
        """
        patience = Patience(id_of(task), timeout)
        while not has_ended(found := self.get_task(patience.task_id)):
            time.sleep(patience.pause(found.status))
        return found

    def close(self) -> None:
        """Closes the connections."""
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        with traced(operation, fields) as call:
            exchange = Exchange(self._settings, operation, call.fields)
            while True:
                try:
                    answer = exchange.read(kind, self._send(exchange))
                except MusterError as error:
                    time.sleep(exchange.delay_after(error))
                else:
                    call.answered(answer)
                    return answer

    def _send(self, exchange: Exchange) -> httpx2.Response:
        try:
            return self._http.request(**exchange.arguments())
        except httpx2.HTTPError as cause:
            raise exchange.no_answer(cause) from cause

    def _pages(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> Iterator[T]:
        cursor: str | None = None
        while True:
            page = self._call(operation, kind, {**fields, "cursor": cursor})
            yield page
            # A page may be short or even empty and still have a successor.
            cursor = getattr(page, "next_cursor", None)
            if cursor is None:
                return
