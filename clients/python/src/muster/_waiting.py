"""Waiting until a task has ended."""

from __future__ import annotations

import time
from typing import Protocol, TypeAlias

from .models import Task

_FIRST, _LONGEST = 0.1, 2.0


class _HasTaskId(Protocol):
    @property
    def task_id(self) -> str: ...


Named: TypeAlias = str | _HasTaskId
"""A task, or its id."""


def id_of(task: Named) -> str:
    """The id of a task."""
    return task if isinstance(task, str) else task.task_id


def has_ended(task: Task) -> bool:
    """Whether a task will not change unless it is retried."""
    return task.status in ("completed", "failed", "cancelled")


class Patience:
    """How long to wait between checks, and in total."""

    def __init__(self, task_id: str, timeout: float | None) -> None:
        self.task_id = task_id
        self._timeout = timeout
        self._until = None if timeout is None else time.monotonic() + timeout
        self._interval = _FIRST

    def pause(self, status: str) -> float:
        """Seconds until the next check.

        Raises:
            TimeoutError: No time is left.
        """
        left = self._interval if self._until is None else self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"Task {self.task_id} is still {status} after {self._timeout:g} s.")
        pause = min(self._interval, left)
        self._interval = min(_LONGEST, self._interval * 1.5)
        return pause
