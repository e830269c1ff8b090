"""The tasks that an agent is working on, and its free slots."""

from __future__ import annotations

from collections import OrderedDict

from ..models import ClaimedTask, HoldingEntry
from .run import Run

# For how many tasks the latest attempt is remembered: more than could arrive in late responses.
_REMEMBERED = 10_000


class Runs:
    """The runs of an agent."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._runs: dict[Run, None] = {}
        self._reserved = 0
        self._latest_attempts: OrderedDict[str, int] = OrderedDict()

    def reserve(self, wanted: int) -> int:
        """Reserves up to ``wanted`` free slots for a claim. Returns how many."""
        count = max(0, min(wanted, self._maximum - len(self._runs) - self._reserved))
        self._reserved += count
        return count

    def unreserve(self, count: int) -> None:
        """Ends a reservation: the tasks have arrived, or there are none."""
        self._reserved -= count

    def is_new(self, task_id: str, attempt: int) -> bool:
        """Whether an attempt is new: no attempt runs twice, however many responses contain it."""
        return attempt > self._latest_attempts.get(task_id, 0)

    def add(self, run: Run) -> None:
        """Adds a run."""
        task: ClaimedTask = run.task
        self._runs[run] = None
        self._latest_attempts[task.task_id] = task.attempt
        self._latest_attempts.move_to_end(task.task_id)
        if len(self._latest_attempts) > _REMEMBERED:
            self._latest_attempts.popitem(last=False)

    def remove(self, run: Run) -> None:
        """Removes a run: its slot is free."""
        del self._runs[run]

    @property
    def held(self) -> list[Run]:
        """The runs whose task the agent holds, as far as it knows."""
        return [run for run in self._runs if run.phase != "over"]

    @property
    def holding(self) -> list[HoldingEntry]:
        """The held tasks as named in claims, with their hold tokens, which prove that the agent knows them."""
        return [{"task_id": run.task.task_id, "attempt": run.task.attempt, "hold": run.task.hold} for run in self.held]
