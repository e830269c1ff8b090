"""Outcomes that a program reports twice: with the task, and as the performance of its agent."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from .._client import Muster

_AT_MOST = 1000


class Outcomes:
    """The tasks of each agent that ended in this process, until their performance is reported too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: defaultdict[tuple[str, bool], deque[str]] = defaultdict(lambda: deque(maxlen=_AT_MOST))

    def add(self, agent_id: str, success: bool, task_id: str) -> None:
        """Records that a task of the agent was completed or failed."""
        with self._lock:
            self._tasks[agent_id, success].append(task_id)

    def take(self, agent_id: str, success: bool) -> str | None:
        """The task that a report of performance is about, the earliest first; None if it is about other work."""
        with self._lock:
            tasks = self._tasks.get((agent_id, success))
            return tasks.popleft() if tasks else None

    def put_back(self, agent_id: str, success: bool, task_id: str) -> None:
        """Returns a task whose report did not arrive."""
        with self._lock:
            self._tasks[agent_id, success].appendleft(task_id)


_of_url: defaultdict[str, Outcomes] = defaultdict(Outcomes)


def outcomes_of(muster: Muster) -> Outcomes:
    """The outcomes for one URL: queue and registry of a process share them, whatever client each uses."""
    return _of_url[muster._settings.url]
