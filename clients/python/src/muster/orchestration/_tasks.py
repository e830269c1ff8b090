"""Tasks as the guide has them: with ``id``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol, TypedDict, TypeVar

from .. import models

T = TypeVar("T")


class TaskId(str):
    """The id of a task. The guide uses what ``create_task`` returns as the id, and also as something that has one."""

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
    """Which tasks to find: those that match all of these."""

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
    """How many tasks have each status. Those that ended are totals, with the ones that were deleted since."""

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
    """A task of the client as one of the guide, with those of its fields that the answer has."""
    names = [field.name for field in fields(kind) if hasattr(answer, field.name)]  # type: ignore[arg-type]
    return kind(**{name: getattr(answer, name) for name in names})
