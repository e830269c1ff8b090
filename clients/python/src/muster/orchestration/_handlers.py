"""The guide's MCP tools."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol, cast

from .._errors import MusterError
from .._json import timestamp
from ..models import Priority, TaskStatus
from ._agent_registry import AgentRegistry
from ._capability_router import CapabilityRouter
from ._task_queue import TaskQueue
from ._tasks import TaskFilters

Answer = dict[str, Any]
Tool = Callable[..., Answer]


class ToolServer(Protocol):
    """An MCP server to add tools to: ``MCPServer`` of the package ``mcp``, version 2."""

    def add_tool(self, fn: Callable[..., Any], name: str | None = None) -> None:
        """Adds a function as a tool, described by its docstring and its annotations."""


class OrchestrationHandlers:
    """The 18 tools ``orchestration_*`` for your own MCP server, one method each. They use the given objects.

    Muster itself serves these tools and more at ``/mcp``, where each client has the rights of its own key. All clients
    of your own server share the key of these objects.
    """

    def __init__(self, task_queue: TaskQueue, agent_registry: AgentRegistry, router: CapabilityRouter) -> None:
        self._queue = task_queue
        self._registry = agent_registry
        self._router = router
        self._tools: tuple[Tool, ...] = (
            self.create_task,
            self.get_task_status,
            self.query_tasks,
            self.poll_tasks,
            self.assign_task,
            self.route_task,
            self.start_task,
            self.complete_task,
            self.fail_task,
            self.register_agent,
            self.find_capable_agents,
            self.deregister_agent,
            self.update_agent_performance,
            self.get_agent_health,
            self.get_queue_metrics,
            self.get_routing_stats,
            self.get_health,
            self.get_recommendations,
        )

    def register_tools(self, server: ToolServer) -> None:
        """Adds the tools to an MCP server. A refused call returns a result with ``is_error`` that says what to do."""
        for tool in self._tools:
            server.add_tool(_refusing(tool), name=f"orchestration_{tool.__name__}")

    def create_task(
        self,
        content: str,
        task_type: str | None = None,
        priority: Priority | None = None,
        requirements: list[str] | None = None,
        dependencies: list[str] | None = None,
    ) -> Answer:
        """Create a task. It is pending once the tasks with the ids in dependencies are completed. requirements are capabilities that an agent needs, all of them."""  # noqa: E501
        return self.get_task_status(self._queue.create_task(content, task_type, priority, requirements, dependencies))

    def get_task_status(self, task_id: str) -> Answer:
        """Get a task with its status, content, result, error and history."""
        return _answer(self._queue.get_task_status(task_id))

    def query_tasks(
        self,
        status: TaskStatus | list[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: int | str | None = None,
        limit: int = 50,
    ) -> Answer:
        """List the tasks that match all filters. created_after is an RFC 3339 timestamp or seconds since 1970."""
        filters = {
            "status": status,
            "task_type": task_type,
            "agent_id": agent_id,
            "priority": priority,
            "created_after": created_after,
        }
        return _answer({"tasks": self._queue.query_tasks(cast(TaskFilters, filters), limit)})

    def poll_tasks(
        self,
        agent_id: str | None = None,
        status: Literal["pending", "assigned", "running"] | None = None,
        limit: int = 10,
    ) -> Answer:
        """List the tasks that an agent holds, or with status pending those that it could take, best first."""
        tasks = self._queue.poll_tasks(agent_id, status, limit)
        return _answer({"count": len(tasks), "tasks": tasks})

    def assign_task(self, task_id: str, agent_id: str) -> Answer:
        """Assign a pending task to an agent, which then has to start it. Ask orchestration_route_task for the best agent."""  # noqa: E501
        return _answer(self._queue.assign_task(task_id, agent_id))

    def route_task(self, task_id: str, exclude_agents: list[str] | None = None) -> Answer:
        """Recommend an agent for a task, with the candidates and the reason. Read-only."""
        return _answer(self._router.recommend(task_id, exclude_agents))

    def start_task(self, task_id: str) -> Answer:
        """Start an assigned task."""
        return _answer(self._queue.start_task(task_id))

    def complete_task(self, task_id: str, result: Any = None, metrics: dict[str, Any] | None = None) -> Answer:
        """Complete a running task with its result. metrics may have duration_ms."""
        return _answer(self._queue.complete_task(task_id, result, metrics))

    def fail_task(self, task_id: str, error: str, should_retry: bool = True) -> Answer:
        """Report that a task failed. With should_retry it returns to pending until it has failed too often."""
        return _answer(self._queue.fail_task(task_id, error, should_retry))

    def register_agent(self, agent_id: str, capabilities: list[str], metadata: dict[str, Any] | None = None) -> Answer:
        """Register an agent and its capabilities. metadata may have max_concurrent_tasks, 5 by default."""
        return _answer(self._registry.register_agent(agent_id, capabilities, metadata))

    def find_capable_agents(self, requirements: list[str] | None = None) -> Answer:
        """Find the ids of the agents that have all required capabilities; without requirements, of all agents."""
        return _answer({"agents": self._registry.get_agents_by_capability(requirements or [])})

    def deregister_agent(self, agent_id: str) -> Answer:
        """Remove an agent and requeue the tasks that it holds."""
        return _answer(self._registry.deregister_agent(agent_id))

    def update_agent_performance(self, agent_id: str, success: bool, duration_ms: float) -> Answer:
        """Record the outcome of an agent's work. What was completed or failed here as a task is not counted again."""
        return _answer(self._registry.update_agent_performance(agent_id, success, duration_ms))

    def get_agent_health(self, agent_id: str | None = None) -> Answer:
        """Get an agent's track record, load and status; without agent_id, the statistics of all agents."""
        if agent_id is None:
            return _answer(self._registry.get_agent_statistics())
        return _answer(self._registry.get_agent_health(agent_id))

    def get_queue_metrics(self) -> Answer:
        """Get how many tasks have each status, rates and times."""
        return _answer(self._queue.get_queue_statistics())

    def get_routing_stats(self) -> Answer:
        """Get how many tasks were assigned, how evenly, and whether to rebalance."""
        return _answer(self._router.get_routing_statistics())

    def get_health(self) -> Answer:
        """Check queue, agents and routing."""
        return _answer(self._queue.muster.get_health())

    def get_recommendations(self) -> Answer:
        """Get recommended actions, with the evidence."""
        return _answer(self._queue.muster.get_recommendations())


def _refusing(tool: Tool) -> Tool:
    """Turns a tool's refusals into the errors that a server shows to its clients; other errors are hidden."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def call(*args: Any, **fields: Any) -> Answer:
        try:
            return tool(*args, **fields)
        except (MusterError, ValueError) as error:
            raise ToolError(str(error)) from error

    return call


def _answer(value: object) -> Answer:
    """A JSON object without absent fields; null in stored data is kept."""
    answer: Answer = _plain(value)
    return answer


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        named = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _plain(one) for field, one in named if one is not None or field.default is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return timestamp(value) if isinstance(value, datetime) else value
