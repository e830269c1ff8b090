"""Reports the progress of runs."""

from __future__ import annotations

import asyncio
import math

from .._async_client import AsyncMuster
from .._errors import MusterError
from .._exchange import log
from ..models import Progress
from .identity import Identity
from .run import Run
from .text import shortened

# Progress is reported at most this often: each report is a write.
_INTERVAL = 1.0
# Muster keeps no more.
_MESSAGE_LENGTH = 200


class ProgressReports:
    """Reports the latest progress of each run and skips what is outdated."""

    def __init__(self, muster: AsyncMuster, identity: Identity) -> None:
        self._muster = muster
        self._identity = identity
        self._latest: dict[Run, Progress] = {}
        self._reporting: dict[Run, asyncio.Task[None]] = {}

    def report(self, run: Run, percent: float, message: str | None) -> None:
        """Takes new progress."""
        if run.phase != "working":
            return
        progress: Progress = {"percent": max(0, min(100, round(percent))) if math.isfinite(percent) else 0}
        if message:
            progress["message"] = shortened(message, _MESSAGE_LENGTH)
        self._latest[run] = progress
        if run not in self._reporting:
            self._reporting[run] = asyncio.create_task(self._report_all(run))

    def end(self, run: Run) -> None:
        """Stops reporting: the run has an outcome."""
        self._latest.pop(run, None)
        if reporting := self._reporting.pop(run, None):
            reporting.cancel()

    async def _report_all(self, run: Run) -> None:
        while run in self._latest:
            await self._report(run, self._latest.pop(run))
            await asyncio.sleep(_INTERVAL)
        del self._reporting[run]

    async def _report(self, run: Run, progress: Progress) -> None:
        task = run.task
        try:
            await self._muster.heartbeat_task(
                task.task_id, attempt=task.attempt, progress=progress, **self._identity.fields()
            )
        except MusterError as error:
            if error.is_gone:
                run.lose(error.code, error.detail)
            else:
                log.warning("%s: progress report failed: %s", run, error)
