"""Tasks as in the guide, with ``id``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol, TypedDict, TypeVar

from .. import models

T = TypeVar("T")


class TaskId(str):
    """The id of a task. The guide uses the return value of ``create_task`` both as an id and as an object with one."""

    __slots__ = ()

    @property
    def id(self) -> TaskId:
        """Itself."""
        return self


class _HasTaskId(Protocol):
    @property
    def task_id(self) -> str: ...


class _Identified:
    __slots__ = ()

    @property
    def id(self: _HasTaskId) -> TaskId:
        """The id of the task, also as ``task_id``."""
        return TaskId(self.task_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(_Identified, models.Task):
    """A task with its content, result, error and history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedTask(_Identified, models.QueuedTask):
    """A task that is pending, assigned or running, with its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSummary(_Identified, models.TaskSummary):
    """A task without content, dependencies, result and history."""


class TaskFilters(TypedDict, total=False):
    """Selects the tasks that match all of these fields."""

    status: models.TaskStatus | Sequence[models.TaskStatus]
    task_type: str
    agent_id: str
    priority: models.Priority
    created_after: datetime | str | int
    """A number is seconds since 1970."""
    created_before: datetime | str | int
    graph_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatistics:
    """Number of tasks by status. Ended tasks are totals that include deleted ones."""

    waiting_count: int
    """Tasks whose dependencies are not completed; they are not pending."""
    pending_count: int
    assigned_count: int
    running_count: int
    completed_count: int
    failed_count: int
    blocked_count: int
    """Tasks with a dependency that failed."""
    cancelled_count: int
    total_count: int
    success_rate: float
    """completed / (completed + failed); 1 without outcomes."""
    avg_execution_ms: float
    avg_wait_ms: float
    """Mean time from ready to assigned."""


def with_id(kind: type[T], answer: object) -> T:
    """Converts a task of the client to one of the guide, with the fields that the response has."""
    names = [field.name for field in fields(kind) if hasattr(answer, field.name)]  # type: ignore[arg-type]
    return kind(**{name: getattr(answer, name) for name in names})
