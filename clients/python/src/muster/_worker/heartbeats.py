"""Extends leases."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from .._async_client import AsyncMuster
from .._errors import MusterError
from ..models import HeartbeatAgentUnnamed
from .identity import Identity
from .run import Run
from .runs import Runs
from .wake_signal import WakeSignal

# The maximum interval, whatever the lease: it is also how soon a handler learns that its task was cancelled, and
# it is shorter than any time after which Muster takes a task away.
_LONGEST = 20.0
_SHORTEST = 1.0


class Heartbeats:
    """Extends the leases of all held tasks, and stops runs whose task was taken away.

    ``interval`` replaces the default of a third of the shortest lease; ``on_unnamed`` is called when Muster reports
    tasks of this agent that it did not name; ``on_error`` must not raise.
    """

    def __init__(
        self,
        muster: AsyncMuster,
        identity: Identity,
        runs: Runs,
        *,
        interval: float | None,
        on_unnamed: Callable[[], None],
        on_error: Callable[[MusterError], Awaitable[None]],
    ) -> None:
        self._muster = muster
        self._identity = identity
        self._runs = runs
        self._interval = interval
        self._on_unnamed = on_unnamed
        self._on_error = on_error
        self._wake_signal = WakeSignal()
        self._next_at = math.inf

    def watch(self, run: Run) -> None:
        """Notes that a run has begun."""
        self._next_at = min(self._next_at, _now() + self._interval_of(run))
        self._wake_signal.wake()

    async def run(self) -> None:
        """Sends heartbeats until it is cancelled."""
        while True:
            wait = self._next_at - _now()
            if wait > 0:
                await self._wake_signal.wait(wait)
                continue
            try:
                if self._runs.held:
                    await self.beat()
            except MusterError as error:
                await self._on_error(error)
            self._next_at = _now() + min(map(self._interval_of, self._runs.held), default=math.inf)

    async def beat(self) -> list[HeartbeatAgentUnnamed]:
        """Extends the leases, and returns the tasks that Muster says the agent holds and did not name."""
        named = {(run.task.task_id, run.task.attempt): run for run in self._runs.held}
        answer = await self._muster.heartbeat_agent(
            **self._identity.fields(),
            holding=[{"task_id": task_id, "attempt": attempt} for task_id, attempt in named],
        )
        for lost in answer.lost:
            if run := named.get((lost.task_id, lost.attempt)):
                run.lose(lost.code, lost.detail)
        unknown = [one for one in answer.unnamed if self._runs.is_new(one.task_id, one.attempt)]
        if unknown:
            self._on_unnamed()
        return unknown

    def _interval_of(self, run: Run) -> float:
        return self._interval or max(_SHORTEST, min(_LONGEST, run.lease / 3))


def _now() -> float:
    return asyncio.get_running_loop().time()
