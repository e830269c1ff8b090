"""Claims work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .._async_client import AsyncMuster
from .._errors import MusterError
from .._exchange import backoff
from ..models import ClaimedTask
from .identity import Identity
from .runs import Runs
from .wake_signal import WakeSignal

CLAIM_SIZE = 10
"""The maximum number of tasks per claim."""

# What Muster suggests after work: an earlier suggestion may come from a long idle time.
_POLL_AFTER_WORK = 2.0
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 30.0


class Claims:
    """Claims work while there is room: when Muster suggests, when a slot becomes free, with backoff if unavailable.

    ``on_error`` handles a failed claim: it returns when to try again, in seconds, if the error says so, and raises if
    trying again would not help.
    """

    def __init__(
        self,
        muster: AsyncMuster,
        identity: Identity,
        runs: Runs,
        *,
        task_types: list[str] | None,
        max_poll: float,
        on_task: Callable[[ClaimedTask], None],
        on_error: Callable[[MusterError], Awaitable[float]],
    ) -> None:
        self._muster = muster.with_options(retries=0)
        self._identity = identity
        self._runs = runs
        self._task_types = task_types
        self._max_poll = max_poll
        self._on_task = on_task
        self._on_error = on_error
        self._wake_signal = WakeSignal()
        self._is_full = False
        self._is_stopped = False

    def stop(self) -> None:
        """Stops claiming."""
        self._is_stopped = True
        self._wake_signal.wake()

    def ask_now(self) -> None:
        """Wakes the claims: there is work."""
        self._wake_signal.wake()

    def slot_freed(self, is_more: bool) -> None:
        """A slot became free. ``is_more``: there may be work for it; otherwise dependents may be ready soon."""
        if is_more or self._is_full:
            self._wake_signal.wake()
        else:
            self._wake_signal.wake_within(_POLL_AFTER_WORK)

    async def run(self) -> None:
        """Claims until it is stopped."""
        failures = 0
        while not self._is_stopped:
            room = self._runs.reserve(CLAIM_SIZE)
            self._is_full = room == 0
            if self._is_full:
                await self._wake_signal.wait()
                continue
            try:
                wait = await self._claim(room)
                failures = 0
            except MusterError as error:
                failures += 1
                wait = await self._on_error(error) + backoff(failures, _FIRST_BACKOFF, _LONGEST_BACKOFF)
            await self._wake_signal.wait(wait)

    async def _claim(self, room: int) -> float:
        """Returns the seconds until the next claim."""
        fields: dict[str, Any] = {
            "holding": self._runs.holding,
            "task_types": self._task_types,
            **self._identity.fields(),
        }
        try:
            answer = await self._muster.claim_tasks(limit=room, **fields)
            for task in answer.tasks:
                self._on_task(task)
        finally:
            self._runs.unreserve(room)
        return min(answer.poll_after_ms / 1000, self._max_poll)
