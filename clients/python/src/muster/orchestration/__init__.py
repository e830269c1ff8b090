"""The classes of the quick-start guide, backed by Muster: its programs run with these instead of their own.

::

    muster = Muster()
    task_queue = TaskQueue(muster)
    agent_registry = AgentRegistry(muster)
    router = CapabilityRouter(agent_registry)

A refused call raises MusterError. For what the guide does not have, use the client itself: they share
tasks and agents.
"""

from ._agent_registry import AgentRegistry
from ._capability_router import CapabilityRouter
from ._handlers import OrchestrationHandlers, ToolServer
from ._task_queue import TaskQueue
from ._tasks import QueuedTask, QueueStatistics, Task, TaskFilters, TaskId, TaskSummary

__all__ = [
    "AgentRegistry",
    "CapabilityRouter",
    "OrchestrationHandlers",
    "QueueStatistics",
    "QueuedTask",
    "Task",
    "TaskFilters",
    "TaskId",
    "TaskQueue",
    "TaskSummary",
    "ToolServer",
]
