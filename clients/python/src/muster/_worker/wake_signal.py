"""Wakes one waiter."""

from __future__ import annotations

import asyncio
import math


class WakeSignal:
    """Wakes one waiter. A `wake` without a waiter is kept for the next one."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._is_awaited = False
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Ends the current wait, or the next one."""
        self._woken.set()

    def wake_within(self, seconds: float) -> None:
        """Limits the current wait to this long from now."""
        if self._is_awaited:
            self._set_timer(seconds)

    async def wait(self, seconds: float = math.inf) -> None:
        """Returns at the next `wake`, or after this long."""
        self._is_awaited = True
        self._set_timer(seconds)
        try:
            await self._woken.wait()
        finally:
            self._is_awaited = False
            self._woken.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _set_timer(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if at == math.inf or (self._timer is not None and self._timer.when() <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(at, self._woken.set)
