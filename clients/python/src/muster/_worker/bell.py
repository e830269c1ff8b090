"""Wakes one waiter."""

from __future__ import annotations

import asyncio
import math


class Bell:
    """Wakes one waiter. A ring that nobody waited for is kept for the next one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._is_awaited = False
        self._timer: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Ends the present wait, or the next."""
        self._rung.set()

    def ring_within(self, seconds: float) -> None:
        """Lets the present wait last no longer than this from now."""
        if self._is_awaited:
            self._set_timer(seconds)

    async def wait(self, seconds: float = math.inf) -> None:
        """Returns at the next ring, or after some time."""
        self._is_awaited = True
        self._set_timer(seconds)
        try:
            await self._rung.wait()
        finally:
            self._is_awaited = False
            self._rung.clear()
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
        self._timer = loop.call_at(at, self._rung.set)
