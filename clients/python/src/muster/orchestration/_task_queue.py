"""The guide's task queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from .._client import Muster
from ..models import Priority, Routing
from ._outcomes import outcomes_of
from ._tasks import QueuedTask, QueueStatistics, Task, TaskFilters, TaskId, TaskSummary, with_id


class _Hold(NamedTuple):
    agent_id: str
    attempt: int


class TaskQueue:
    """Creates tasks, assigns them to agents and receives their reports.

    Args:
        muster: The client for the Muster that stores the tasks.
        graph: The guide's second store. Muster keeps both in one, so this has no effect.
        routing: Of the tasks that it creates. ``manual``, as in the guide: a task is pending until it is assigned.
            ``auto``: Muster assigns it to the best agent.
    """

    def __init__(self, muster: Muster, graph: object = None, *, routing: Routing = "manual") -> None:
        self.muster = muster
        self._routing: Routing = routing
        self._outcomes = outcomes_of(muster)
        # Reports include the attempt, so that a report for a lost attempt is refused.
        self._holds: dict[str, _Hold] = {}

    def create_task(
        self,
        content: str,
        task_type: str | None = None,
        priority: Priority | None = None,
        requirements: Sequence[str] | None = None,
        dependencies: Sequence[str] | None = None,
    ) -> TaskId:
        """Creates a task and returns its id.

        Args:
            content: The work to do.
            task_type: Kind of work. Default: general.
            priority: Default: medium.
            requirements: Capabilities that an agent needs, all of them.
            dependencies: Tasks that must be completed first. Until then it is waiting.
        """
        task = self.muster.create_task(
            content,
            task_type=task_type,
            priority=priority,
            requirements=requirements,
            dependencies=dependencies,
            routing=self._routing,
        )
        return TaskId(task.task_id)

    def get_task_status(self, task_id: str) -> Task:
        """The current task."""
        return with_id(Task, self.muster.get_task(task_id))

    def query_tasks(self, filters: TaskFilters | None = None, limit: int | None = None) -> list[TaskSummary]:
        """The tasks that match all filters; with a limit, no more than that."""
        found = self.muster.iter_tasks(**(filters or {}))
        return [with_id(TaskSummary, task) for task in islice(found, limit)]

    def poll_tasks(
        self,
        agent_id: str | None = None,
        status: Literal["pending", "assigned", "running"] | None = None,
        limit: int = 10,
    ) -> list[QueuedTask]:
        """The tasks that an agent holds, or with status pending those that it could take, best first.

        Args:
            agent_id: Without it, all pending tasks.
            status: Default: assigned and running with an agent, else pending.
            limit: At most 100.
        """
        polled = self.muster.poll_tasks(agent_id=agent_id, status=status, limit=limit).tasks
        for task in polled:
            self._remember(task.task_id, task.assigned_to, task.attempt)
        return [with_id(QueuedTask, task) for task in polled]

    def assign_task(self, task_id: str, agent_id: str) -> Task:
        """Assigns a pending task to an agent, which then has to start it."""
        return self._held(with_id(Task, self.muster.assign_task(task_id, agent_id)))

    def start_task(self, task_id: str) -> Task:
        """Starts the task on behalf of the agent it is assigned to."""
        return self._held(with_id(Task, self.muster.start_task(task_id)))

    def complete_task(self, task_id: str, result: Any = None, metrics: Mapping[str, Any] | None = None) -> TaskSummary:
        """Completes the task on behalf of its agent.

        Args:
            result: Any JSON value.
            metrics: ``duration_ms`` is used in place of the measured time; others are stored.
        """
        attempt = self._attempt(task_id)
        done = self.muster.complete_task(task_id, result=result, metrics=metrics, attempt=attempt)
        self._report(task_id, success=True)
        return with_id(TaskSummary, done)

    def fail_task(self, task_id: str, error: str | BaseException, should_retry: bool = True) -> TaskSummary:
        """Fails the task on behalf of its agent.

        Args:
            error: What went wrong.
            should_retry: The task returns to pending, unless it has failed ``max_attempts`` times.
        """
        attempt = self._attempt(task_id)
        text = str(error) or type(error).__name__
        failed = self.muster.fail_task(task_id, text, should_retry=should_retry, attempt=attempt)
        self._report(task_id, success=False)
        return with_id(TaskSummary, failed)

    def get_queue_statistics(self) -> QueueStatistics:
        """Counts by status, rates and times. They may lag by a moment."""
        found = self.muster.get_queue_statistics()
        return QueueStatistics(
            waiting_count=found.waiting,
            pending_count=found.pending,
            assigned_count=found.assigned,
            running_count=found.running,
            completed_count=found.completed,
            failed_count=found.failed,
            blocked_count=found.blocked,
            cancelled_count=found.cancelled,
            total_count=found.total,
            success_rate=found.success_rate,
            avg_execution_ms=found.avg_execution_ms,
            avg_wait_ms=found.avg_wait_ms,
        )

    def _held(self, task: Task) -> Task:
        self._remember(task.task_id, task.assigned_to, task.attempt)
        return task

    def _remember(self, task_id: str, agent_id: str | None, attempt: int) -> None:
        if agent_id is not None:
            self._holds[task_id] = _Hold(agent_id, attempt)

    def _attempt(self, task_id: str) -> int | None:
        hold = self._holds.get(task_id)
        return hold.attempt if hold else None

    def _report(self, task_id: str, *, success: bool) -> None:
        hold = self._holds.pop(task_id, None)
        if hold is not None:
            self._outcomes.add(hold.agent_id, success, task_id)
