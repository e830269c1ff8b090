"""Written by `npm run generate` from the table of operations: do not edit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from .._pages import each_once, each_once_async
from ..models import (
    Agent,
    AgentHealth,
    CancelGraphOutput,
    CancelTasksOutput,
    ClaimTasksOutput,
    CompleteTaskOutput,
    CreateKeyOutput,
    CreateTasksOutput,
    DependencyPolicy,
    DeregisterAgentOutput,
    ExplainTaskOutput,
    FindAgentsOutput,
    GetAgentStatisticsOutput,
    GetCallerOutput,
    GetGraphOutput,
    GetHealthOutput,
    GetQueueStatisticsOutput,
    GetRecommendationsOutput,
    GetRoutingStatisticsOutput,
    GraphTask,
    HeartbeatAgentHolding,
    HeartbeatAgentOutput,
    HeartbeatTaskOutput,
    HoldingEntry,
    KeySummary,
    ListDependentsOutput,
    ListGraphsGraph,
    ListGraphsOutput,
    ListKeysOutput,
    PollTasksOutput,
    Priority,
    Progress,
    QueryTasksOutput,
    RecountOutput,
    RetryGraphOutput,
    RetryTasksOutput,
    Role,
    RouteTaskOutput,
    Routing,
    SubmitGraphOutput,
    Task,
    TaskDependency,
    TaskInput,
    TaskStatus,
    TaskSummary,
)

T = TypeVar("T")


class Operations(ABC):
    """One method for each operation. Each raises MusterError when it is refused or not answered."""

    @abstractmethod
    def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        """Performs an operation; fields that are None are left out."""

    @abstractmethod
    def _pages(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> Iterator[T]:
        """Performs an operation once for each page."""

    def create_task(
        self,
        content: str,
        *,
        title: str | None = None,
        task_type: str | None = None,
        priority: Priority | None = None,
        requirements: Sequence[str] | None = None,
        dependencies: Sequence[str | TaskDependency] | None = None,
        routing: Routing | None = None,
        not_before: datetime | str | None = None,
        timeout_seconds: int | None = None,
        max_attempts: int | None = None,
        on_dependency_failure: DependencyPolicy | None = None,
        metadata: Mapping[str, Any] | None = None,
        traceparent: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Submit a task. The task becomes pending when all its dependencies are completed; it is then
        assigned to the best capable agent (routing=auto) or waits to be claimed or assigned. Returns at
        once: read the result later with get_task. For tasks that depend on each other, use
        submit_graph.

        Args:
            content: The work to do.
            title: Shown in lists; defaults to the first line of content, shortened.
            task_type: Kind of work, for filtering. Default: general.
            priority: critical always runs first; high runs before medium and medium before low,
                without starvation. Default: medium.
            requirements: Capabilities that an agent needs, all of them.
            dependencies: Ids of tasks that must complete first; their results come with the claimed
                task. {task_id, on_failure}: a policy other than on_dependency_failure, for this one.
            routing: auto: assigned to the best capable agent as soon as it is ready; manual: waits to
                be assigned or claimed. Default: auto.
            not_before: Earliest start, at most 180 days ahead.
            timeout_seconds: Time limit for one attempt. Default: 3600.
            max_attempts: Number of failed or lost runs after which the task fails. Default: 3.
            on_dependency_failure: block: wait for the dependency to be retried; cancel: cancel this
                task too; run_anyway: run without it. Default: block.
            metadata: Stored with the task, not interpreted.
            traceparent: W3C trace context that the task belongs to; defaults to the traceparent of
                the request.
            idempotency_key: The same key with the same body returns the same task.
        """
        return self._call(
            "create_task",
            Task,
            {
                "content": content,
                "title": title,
                "task_type": task_type,
                "priority": priority,
                "requirements": requirements,
                "dependencies": dependencies,
                "routing": routing,
                "not_before": not_before,
                "timeout_seconds": timeout_seconds,
                "max_attempts": max_attempts,
                "on_dependency_failure": on_dependency_failure,
                "metadata": metadata,
                "traceparent": traceparent,
                "idempotency_key": idempotency_key,
            },
        )

    def get_task(self, task_id: str) -> Task:
        """Get a task with its content, result, error and history. Use it to follow a task and read its
        result. To find out why a task is not running, use explain_task; to list tasks, use query_tasks.
        """
        return self._call("get_task", Task, {"task_id": task_id})

    def query_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> QueryTasksOutput:
        """List tasks, with filters and paging. Waiting and blocked tasks come first, then delayed,
        assigned and running ones, then ready ones, then ended ones from the newest end on; each page is
        sorted newest first, by ended_at or else created_at. A page can have fewer tasks than the limit,
        or none, and still have a next_cursor: continue until next_cursor is absent. A task that exists
        throughout the listing appears at least once, unless it moves back (is retried or released) each
        time just before the listing, which looks twice, reaches it. A task that moves may appear twice:
        drop the repeats.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return self._call(
            "query_tasks",
            QueryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        limit: int | None = None,
    ) -> Iterator[TaskSummary]:
        """Like query_tasks, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages(
            "query_tasks",
            QueryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "limit": limit,
            },
        )
        return each_once(pages, lambda page: page.tasks, lambda one: one.task_id)

    def poll_tasks(
        self,
        *,
        agent_id: str | None = None,
        status: Literal["pending", "assigned", "running"] | None = None,
        limit: int | None = None,
    ) -> PollTasksOutput:
        """List an agent's tasks, or pending tasks in the order they should run. With agent_id: the tasks
        that the agent holds, assigned and running; with status=pending, the tasks it could take, best
        first. Without agent_id: all pending tasks. Read-only: use claim_tasks to get work.

        Args:
            status: Defaults to assigned and running with agent_id, else to pending.
            limit: Default: 10.
        """
        return self._call(
            "poll_tasks",
            PollTasksOutput,
            {
                "agent_id": agent_id,
                "status": status,
                "limit": limit,
            },
        )

    def assign_task(self, task_id: str, agent_id: str, *, force: bool | None = None) -> Task:
        """Assign a pending task to a specific agent. For tasks with routing=manual, or to override the
        router: tasks with routing=auto are assigned automatically. A task that the router assigned can
        be reassigned until it is started. Ignores the retry delay. Repeating the call with the same
        agent returns the same response.

        Args:
            force: Assign even if the agent lacks required capabilities. Default: false.
        """
        return self._call(
            "assign_task",
            Task,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "force": force,
            },
        )

    def route_task(
        self,
        task_id: str,
        *,
        exclude_agents: Sequence[str] | None = None,
    ) -> RouteTaskOutput:
        """Recommend an agent for a task. Read-only: to assign the task to selected_agent, use assign_task.
        For a task that is already held, selected_agent is the holder, unless excluded.
        """
        return self._call(
            "route_task",
            RouteTaskOutput,
            {
                "task_id": task_id,
                "exclude_agents": exclude_agents,
            },
        )

    def start_task(
        self,
        task_id: str,
        *,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> Task:
        """Start an assigned task. Call it promptly: an assigned task that is not started goes to another
        agent. Tasks from claim_tasks are already started, unless start was false.

        Args:
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "start_task",
            Task,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    def complete_task(
        self,
        task_id: str,
        *,
        result: Any | None = None,
        metrics: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
        claim_next: int | None = None,
        holding: Sequence[HoldingEntry] | None = None,
        task_types: Sequence[str] | None = None,
    ) -> CompleteTaskOutput:
        """Complete a running task and report its result. Safe to repeat: the same completion counts once
        and returns the same response. With claim_next, also claims the next tasks, which may be
        dependents that this completion releases.

        Args:
            result: Any JSON value.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
            claim_next: Number of tasks to claim in the same call. Default: 0.
            holding: With claim_next: every other task that the agent is working on, so that a lost
                response can be redelivered.
            task_types: With claim_next: claim only tasks of these types.
        """
        return self._call(
            "complete_task",
            CompleteTaskOutput,
            {
                "task_id": task_id,
                "result": result,
                "metrics": metrics,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
                "claim_next": claim_next,
                "holding": holding,
                "task_types": task_types,
            },
        )

    def fail_task(
        self,
        task_id: str,
        error: str,
        *,
        should_retry: bool | None = None,
        metrics: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> TaskSummary:
        """Report that a held task failed. With should_retry, the task is retried with backoff until
        max_attempts is reached; otherwise it fails permanently. To return a task without a failure, use
        release_task.

        Args:
            error: What went wrong; text that is too long is shortened in the middle.
            should_retry: false if retrying cannot help. Default: true.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "fail_task",
            TaskSummary,
            {
                "task_id": task_id,
                "error": error,
                "should_retry": should_retry,
                "metrics": metrics,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    def heartbeat_task(
        self,
        task_id: str,
        *,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
        progress: Progress | None = None,
    ) -> HeartbeatTaskOutput:
        """Extend the lease and report progress. Call it regularly while working, well before
        lease_expires_at: a task whose lease expires goes to another agent.

        Args:
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "heartbeat_task",
            HeartbeatTaskOutput,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
                "progress": progress,
            },
        )

    def claim_tasks(
        self,
        agent_id: str,
        *,
        limit: int | None = None,
        start: bool | None = None,
        holding: Sequence[HoldingEntry] | None = None,
        task_types: Sequence[str] | None = None,
        instance: str | None = None,
    ) -> ClaimTasksOutput:
        """Claim work: tasks already assigned to the agent, then the best matching tasks. Each task comes
        with its content, the results of its dependencies and the attempt to send with every report.
        List the current tasks in holding, so that a lost response can be redelivered. An agent that
        registered with an instance names it here and in every report: tasks that an earlier instance
        held come as a new attempt.

        Args:
            limit: Default: 1.
            start: false: assign the tasks without starting them. Default: true.
            holding: Every task that the agent is working on now.
            task_types: Claim only tasks of these types.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "claim_tasks",
            ClaimTasksOutput,
            {
                "agent_id": agent_id,
                "limit": limit,
                "start": start,
                "holding": holding,
                "task_types": task_types,
                "instance": instance,
            },
        )

    def cancel_task(self, task_id: str, *, reason: str | None = None) -> Task:
        """Cancel a task that has not ended. Takes effect at once; an agent working on the task finds out
        from its next report. Dependents are blocked, cancelled or run, according to their
        on_dependency_failure.
        """
        return self._call("cancel_task", Task, {"task_id": task_id, "reason": reason})

    def retry_task(self, task_id: str) -> Task:
        """Retry a failed or cancelled task. Use it after fixing the cause. Failed runs with attempts left
        are retried automatically.
        """
        return self._call("retry_task", Task, {"task_id": task_id})

    def list_dependents(
        self,
        task_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListDependentsOutput:
        """List the tasks that depend on a task.

        Args:
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return self._call(
            "list_dependents",
            ListDependentsOutput,
            {
                "task_id": task_id,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_dependents(self, task_id: str, *, limit: int | None = None) -> Iterator[TaskSummary]:
        """Like list_dependents, but every one that matches, page by page as needed; limit is the page
        size.
        """
        pages = self._pages("list_dependents", ListDependentsOutput, {"task_id": task_id, "limit": limit})
        return each_once(pages, lambda page: page.tasks, lambda one: one.task_id)

    def cancel_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        dry_run: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        reason: str | None = None,
    ) -> CancelTasksOutput:
        """Cancel the open tasks that match a filter. Repeat with next_cursor until it is absent. For a
        whole graph, use cancel_graph.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            dry_run: Change nothing; count what would be changed. Default: false.
            limit: Default: 100.
            cursor: next_cursor of the previous page.
        """
        return self._call(
            "cancel_tasks",
            CancelTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "dry_run": dry_run,
                "limit": limit,
                "cursor": cursor,
                "reason": reason,
            },
        )

    def retry_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        dry_run: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RetryTasksOutput:
        """Retry the failed and cancelled tasks that match a filter. Repeat with next_cursor until it is
        absent. For a whole graph, use retry_graph.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            dry_run: Change nothing; count what would be changed. Default: false.
            limit: Default: 100.
            cursor: next_cursor of the previous page.
        """
        return self._call(
            "retry_tasks",
            RetryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "dry_run": dry_run,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def create_tasks(
        self,
        tasks: Sequence[TaskInput],
        *,
        traceparent: str | None = None,
    ) -> CreateTasksOutput:
        """Submit up to 100 tasks at once. Each task is created or refused individually; results are in the
        order of the tasks. One invalid task refuses the whole batch. With an idempotency_key on each
        task, it is safe to send the batch again. For tasks that depend on each other, use submit_graph.

        Args:
            traceparent: For tasks that have none of their own.
        """
        return self._call(
            "create_tasks",
            CreateTasksOutput,
            {
                "tasks": tasks,
                "traceparent": traceparent,
            },
        )

    def release_task(
        self,
        task_id: str,
        reason: str,
        *,
        exclude: bool | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> TaskSummary:
        """Release a held task without using up an attempt. The task goes back to pending and is not
        offered to the same agent for 10 minutes. With exclude=false (for a restart), it can be offered
        again at once.

        Args:
            exclude: false: the task can be offered to the same agent again at once. Default: true.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "release_task",
            TaskSummary,
            {
                "task_id": task_id,
                "reason": reason,
                "exclude": exclude,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    def explain_task(self, task_id: str) -> ExplainTaskOutput:
        """Explain why a task is not running. Start here when a task seems stuck: it names the missing
        dependency, capability, agent or time, in facts and one sentence.
        """
        return self._call("explain_task", ExplainTaskOutput, {"task_id": task_id})

    def submit_graph(
        self,
        tasks: Sequence[GraphTask],
        *,
        title: str | None = None,
        traceparent: str | None = None,
        idempotency_key: str | None = None,
        dry_run: bool | None = None,
    ) -> SubmitGraphOutput:
        """Submit a graph of dependent tasks, all or nothing. At most 5,000 dependencies in total: each is
        a key of a task in this graph or the id of an existing task. With dry_run nothing is created:
        the response has the execution order, the critical path and the tasks that no registered agent
        can do.

        Args:
            title: Shown in lists; defaults to the title of the first task.
            traceparent: For tasks that have none of their own.
            dry_run: Default: false.
        """
        return self._call(
            "submit_graph",
            SubmitGraphOutput,
            {
                "tasks": tasks,
                "title": title,
                "traceparent": traceparent,
                "idempotency_key": idempotency_key,
                "dry_run": dry_run,
            },
        )

    def get_graph(self, graph_id: str) -> GetGraphOutput:
        """Get a graph: progress and tasks. The listed tasks may be a second old, and the counts are those
        of the listed tasks. is_settled is never early.
        """
        return self._call("get_graph", GetGraphOutput, {"graph_id": graph_id})

    def list_graphs(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListGraphsOutput:
        """List graphs with their progress, newest first. Counts may be a few seconds old.

        Args:
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return self._call("list_graphs", ListGraphsOutput, {"limit": limit, "cursor": cursor})

    def iter_graphs(self, *, limit: int | None = None) -> Iterator[ListGraphsGraph]:
        """Like list_graphs, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages("list_graphs", ListGraphsOutput, {"limit": limit})
        return each_once(pages, lambda page: page.graphs, lambda one: one.graph_id)

    def cancel_graph(self, graph_id: str, *, reason: str | None = None) -> CancelGraphOutput:
        """Cancel all tasks of a graph that have not ended. Tasks that are retried afterwards are not
        cancelled again.
        """
        return self._call("cancel_graph", CancelGraphOutput, {"graph_id": graph_id, "reason": reason})

    def retry_graph(self, graph_id: str) -> RetryGraphOutput:
        """Retry all tasks of a graph that failed or were cancelled. Blocked tasks return to waiting when
        their dependencies are retried.
        """
        return self._call("retry_graph", RetryGraphOutput, {"graph_id": graph_id})

    def register_agent(
        self,
        *,
        agent_id: str | None = None,
        capabilities: Sequence[str] | None = None,
        max_concurrent_tasks: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        instance: str | None = None,
        host: str | None = None,
        takeover: bool | None = None,
    ) -> Agent:
        """Register an agent and its capabilities. Required once before the agent can receive work.
        Registering again replaces the declared capabilities and the maximum; the track record and
        learned capabilities are kept. With an instance, the agent id belongs to one process at a time:
        another one is refused until the first has stopped or been silent for 60 seconds.

        Args:
            agent_id: Defaults to the agent that the key belongs to.
            max_concurrent_tasks: Defaults to metadata.max_concurrent_tasks, or 5; never more than the
                key allows.
            instance: Names the process that runs the agent: random, chosen when the process starts.
            host: Where the instance runs, shown to others.
            takeover: Replace the instance that has the agent id: it is refused from then on, and its
                tasks come to the new one as new attempts. Default: false.
        """
        return self._call(
            "register_agent",
            Agent,
            {
                "agent_id": agent_id,
                "capabilities": capabilities,
                "max_concurrent_tasks": max_concurrent_tasks,
                "metadata": metadata,
                "instance": instance,
                "host": host,
                "takeover": takeover,
            },
        )

    def get_agent(self, agent_id: str) -> Agent:
        """Get an agent: capabilities, load, state and the tasks it holds."""
        return self._call("get_agent", Agent, {"agent_id": agent_id})

    def find_agents(
        self,
        *,
        requirements: Sequence[str] | None = None,
        exclude_agents: Sequence[str] | None = None,
        available: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> FindAgentsOutput:
        """Find agents that have all required capabilities. Without requirements, lists all agents.
        Capabilities match exactly: "sql" does not match "nosql". A page can have fewer agents than the
        limit, or none, and still have a next_cursor: continue until next_cursor is absent.

        Args:
            requirements: Capabilities that an agent needs, all of them.
            available: Only agents that can take a task now. Default: false.
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return self._call(
            "find_agents",
            FindAgentsOutput,
            {
                "requirements": requirements,
                "exclude_agents": exclude_agents,
                "available": available,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_agents(
        self,
        *,
        requirements: Sequence[str] | None = None,
        exclude_agents: Sequence[str] | None = None,
        available: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[Agent]:
        """Like find_agents, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages(
            "find_agents",
            FindAgentsOutput,
            {
                "requirements": requirements,
                "exclude_agents": exclude_agents,
                "available": available,
                "limit": limit,
            },
        )
        return each_once(pages, lambda page: page.agents, lambda one: one.agent_id)

    def deregister_agent(self, agent_id: str) -> DeregisterAgentOutput:
        """Remove an agent and requeue the tasks it holds. To keep the agent but give it no new tasks, use
        drain_agent. An unknown agent is not an error: deregistered is false.
        """
        return self._call("deregister_agent", DeregisterAgentOutput, {"agent_id": agent_id})

    def learn_capability(
        self,
        agent_id: str,
        capability: str,
        *,
        confidence: float | None = None,
    ) -> Agent:
        """Add a learned capability to an agent. Pending tasks that match are offered.

        Args:
            capability: Capability name.
            confidence: Proficiency, above 0 and up to 1. Default: 1.
        """
        return self._call(
            "learn_capability",
            Agent,
            {
                "agent_id": agent_id,
                "capability": capability,
                "confidence": confidence,
            },
        )

    def update_agent_performance(
        self,
        agent_id: str,
        success: bool,
        duration_ms: float,
        *,
        metrics: Mapping[str, Any] | None = None,
        task_id: str | None = None,
    ) -> AgentHealth:
        """Record the outcome of work done outside the queue. Not needed for queued tasks: complete_task
        and fail_task already record their outcome. With task_id, each outcome counts once: nothing is
        recorded for a queued task or one that was already reported.
        """
        return self._call(
            "update_agent_performance",
            AgentHealth,
            {
                "agent_id": agent_id,
                "success": success,
                "duration_ms": duration_ms,
                "metrics": metrics,
                "task_id": task_id,
            },
        )

    def get_agent_health(self, agent_id: str) -> AgentHealth:
        """Get an agent's track record, load and status."""
        return self._call("get_agent_health", AgentHealth, {"agent_id": agent_id})

    def heartbeat_agent(
        self,
        agent_id: str,
        *,
        holding: Sequence[HeartbeatAgentHolding] | None = None,
        instance: str | None = None,
    ) -> HeartbeatAgentOutput:
        """Send an agent heartbeat. Extends the leases of the running tasks listed in holding, and reports
        which of them the agent no longer holds and why.

        Args:
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return self._call(
            "heartbeat_agent",
            HeartbeatAgentOutput,
            {
                "agent_id": agent_id,
                "holding": holding,
                "instance": instance,
            },
        )

    def drain_agent(
        self,
        agent_id: str,
        *,
        until_registered: bool | None = None,
        instance: str | None = None,
    ) -> Agent:
        """Drain an agent: it finishes the tasks it holds and gets no new ones. The agent drains until it
        is resumed, even if it registers again. With until_registered=true (for a restart), its next
        registration ends the drain.

        Args:
            until_registered: End the drain when the agent registers again. Default: false.
            instance: Drain only if this instance has the agent id.
        """
        return self._call(
            "drain_agent",
            Agent,
            {
                "agent_id": agent_id,
                "until_registered": until_registered,
                "instance": instance,
            },
        )

    def resume_agent(self, agent_id: str) -> Agent:
        """Resume a draining agent."""
        return self._call("resume_agent", Agent, {"agent_id": agent_id})

    def get_queue_statistics(self) -> GetQueueStatisticsOutput:
        """Queue statistics: counts by status, rates and times. completed, failed and cancelled are totals
        that include deleted tasks. oldest_pending_seconds is how long the task next in line has been
        ready, the maximum over all lanes.
        """
        return self._call("get_queue_statistics", GetQueueStatisticsOutput, {})

    def get_agent_statistics(self) -> GetAgentStatisticsOutput:
        """Fleet statistics: agents, utilization, success rate and skills. With more than 10 agents it is a
        snapshot, at most a few minutes old: see as_of.
        """
        return self._call("get_agent_statistics", GetAgentStatisticsOutput, {})

    def get_routing_statistics(self) -> GetRoutingStatisticsOutput:
        """Routing statistics: assignment rate and balance across agents."""
        return self._call("get_routing_statistics", GetRoutingStatisticsOutput, {})

    def get_health(self) -> GetHealthOutput:
        """Check system health: queue, agents and routing. An empty system is healthy."""
        return self._call("get_health", GetHealthOutput, {})

    def get_recommendations(self) -> GetRecommendationsOutput:
        """Get recommended actions, with the evidence."""
        return self._call("get_recommendations", GetRecommendationsOutput, {})

    def recount(self, *, cursor: str | None = None) -> RecountOutput:
        """Recount the open tasks, page by page. Rebuilds the counts of waiting, blocked, pending, assigned
        and running tasks while work continues; totals of ended tasks do not change. Starts a recount,
        or joins the one in progress. Repeat it with next_cursor, about once a second, until there is
        none. Nothing is read in the first 15 seconds, or until the statistics have caught up.

        Args:
            cursor: next_cursor of the previous response.
        """
        return self._call("recount", RecountOutput, {"cursor": cursor})

    def create_key(
        self,
        role: Role,
        *,
        agent_id: str | None = None,
        capabilities: Sequence[str] | None = None,
        max_concurrent_tasks: int | None = None,
        name: str | None = None,
        expires_in_days: int | None = None,
    ) -> CreateKeyOutput:
        """Create an API key; it is shown only once. A key of role agent can read everything and act as its
        agent and as agents named after it (`writer@host`). It can register them with any capability, so
        they may be given any task. `capabilities` and `max_concurrent_tasks` limit that. They apply to
        later registrations, not to what the agent already has.

        Args:
            agent_id: The agent that the key belongs to; required for role agent.
            capabilities: The only capabilities that the key may register or learn; without it, any.
                Only for role agent.
            max_concurrent_tasks: Caps max_concurrent_tasks of what the key registers; without it,
                100. Only for role agent.
        """
        return self._call(
            "create_key",
            CreateKeyOutput,
            {
                "role": role,
                "agent_id": agent_id,
                "capabilities": capabilities,
                "max_concurrent_tasks": max_concurrent_tasks,
                "name": name,
                "expires_in_days": expires_in_days,
            },
        )

    def list_keys(self, *, limit: int | None = None, cursor: str | None = None) -> ListKeysOutput:
        """List API keys, without their secrets.

        Args:
            limit: Default: 50.
        """
        return self._call("list_keys", ListKeysOutput, {"limit": limit, "cursor": cursor})

    def iter_keys(self, *, limit: int | None = None) -> Iterator[KeySummary]:
        """Like list_keys, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages("list_keys", ListKeysOutput, {"limit": limit})
        return each_once(pages, lambda page: page.keys, lambda one: one.key_id)

    def revoke_key(self, key_id: str) -> KeySummary:
        """Revoke an API key; takes effect within a minute."""
        return self._call("revoke_key", KeySummary, {"key_id": key_id})

    def get_caller(self) -> GetCallerOutput:
        """Get what the key of this call may do, and where."""
        return self._call("get_caller", GetCallerOutput, {})

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 description of this service."""
        return self._call("openapi", dict[str, Any], {})


class AsyncOperations(ABC):
    """One coroutine for each operation. Each raises MusterError when it is refused or not answered."""

    @abstractmethod
    async def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        """Performs an operation; fields that are None are left out."""

    @abstractmethod
    def _pages(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> AsyncIterator[T]:
        """Performs an operation once for each page."""

    async def create_task(
        self,
        content: str,
        *,
        title: str | None = None,
        task_type: str | None = None,
        priority: Priority | None = None,
        requirements: Sequence[str] | None = None,
        dependencies: Sequence[str | TaskDependency] | None = None,
        routing: Routing | None = None,
        not_before: datetime | str | None = None,
        timeout_seconds: int | None = None,
        max_attempts: int | None = None,
        on_dependency_failure: DependencyPolicy | None = None,
        metadata: Mapping[str, Any] | None = None,
        traceparent: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Submit a task. The task becomes pending when all its dependencies are completed; it is then
        assigned to the best capable agent (routing=auto) or waits to be claimed or assigned. Returns at
        once: read the result later with get_task. For tasks that depend on each other, use
        submit_graph.

        Args:
            content: The work to do.
            title: Shown in lists; defaults to the first line of content, shortened.
            task_type: Kind of work, for filtering. Default: general.
            priority: critical always runs first; high runs before medium and medium before low,
                without starvation. Default: medium.
            requirements: Capabilities that an agent needs, all of them.
            dependencies: Ids of tasks that must complete first; their results come with the claimed
                task. {task_id, on_failure}: a policy other than on_dependency_failure, for this one.
            routing: auto: assigned to the best capable agent as soon as it is ready; manual: waits to
                be assigned or claimed. Default: auto.
            not_before: Earliest start, at most 180 days ahead.
            timeout_seconds: Time limit for one attempt. Default: 3600.
            max_attempts: Number of failed or lost runs after which the task fails. Default: 3.
            on_dependency_failure: block: wait for the dependency to be retried; cancel: cancel this
                task too; run_anyway: run without it. Default: block.
            metadata: Stored with the task, not interpreted.
            traceparent: W3C trace context that the task belongs to; defaults to the traceparent of
                the request.
            idempotency_key: The same key with the same body returns the same task.
        """
        return await self._call(
            "create_task",
            Task,
            {
                "content": content,
                "title": title,
                "task_type": task_type,
                "priority": priority,
                "requirements": requirements,
                "dependencies": dependencies,
                "routing": routing,
                "not_before": not_before,
                "timeout_seconds": timeout_seconds,
                "max_attempts": max_attempts,
                "on_dependency_failure": on_dependency_failure,
                "metadata": metadata,
                "traceparent": traceparent,
                "idempotency_key": idempotency_key,
            },
        )

    async def get_task(self, task_id: str) -> Task:
        """Get a task with its content, result, error and history. Use it to follow a task and read its
        result. To find out why a task is not running, use explain_task; to list tasks, use query_tasks.
        """
        return await self._call("get_task", Task, {"task_id": task_id})

    async def query_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> QueryTasksOutput:
        """List tasks, with filters and paging. Waiting and blocked tasks come first, then delayed,
        assigned and running ones, then ready ones, then ended ones from the newest end on; each page is
        sorted newest first, by ended_at or else created_at. A page can have fewer tasks than the limit,
        or none, and still have a next_cursor: continue until next_cursor is absent. A task that exists
        throughout the listing appears at least once, unless it moves back (is retried or released) each
        time just before the listing, which looks twice, reaches it. A task that moves may appear twice:
        drop the repeats.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return await self._call(
            "query_tasks",
            QueryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[TaskSummary]:
        """Like query_tasks, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages(
            "query_tasks",
            QueryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "limit": limit,
            },
        )
        return each_once_async(pages, lambda page: page.tasks, lambda one: one.task_id)

    async def poll_tasks(
        self,
        *,
        agent_id: str | None = None,
        status: Literal["pending", "assigned", "running"] | None = None,
        limit: int | None = None,
    ) -> PollTasksOutput:
        """List an agent's tasks, or pending tasks in the order they should run. With agent_id: the tasks
        that the agent holds, assigned and running; with status=pending, the tasks it could take, best
        first. Without agent_id: all pending tasks. Read-only: use claim_tasks to get work.

        Args:
            status: Defaults to assigned and running with agent_id, else to pending.
            limit: Default: 10.
        """
        return await self._call(
            "poll_tasks",
            PollTasksOutput,
            {
                "agent_id": agent_id,
                "status": status,
                "limit": limit,
            },
        )

    async def assign_task(self, task_id: str, agent_id: str, *, force: bool | None = None) -> Task:
        """Assign a pending task to a specific agent. For tasks with routing=manual, or to override the
        router: tasks with routing=auto are assigned automatically. A task that the router assigned can
        be reassigned until it is started. Ignores the retry delay. Repeating the call with the same
        agent returns the same response.

        Args:
            force: Assign even if the agent lacks required capabilities. Default: false.
        """
        return await self._call(
            "assign_task",
            Task,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "force": force,
            },
        )

    async def route_task(
        self,
        task_id: str,
        *,
        exclude_agents: Sequence[str] | None = None,
    ) -> RouteTaskOutput:
        """Recommend an agent for a task. Read-only: to assign the task to selected_agent, use assign_task.
        For a task that is already held, selected_agent is the holder, unless excluded.
        """
        return await self._call(
            "route_task",
            RouteTaskOutput,
            {
                "task_id": task_id,
                "exclude_agents": exclude_agents,
            },
        )

    async def start_task(
        self,
        task_id: str,
        *,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> Task:
        """Start an assigned task. Call it promptly: an assigned task that is not started goes to another
        agent. Tasks from claim_tasks are already started, unless start was false.

        Args:
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "start_task",
            Task,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    async def complete_task(
        self,
        task_id: str,
        *,
        result: Any | None = None,
        metrics: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
        claim_next: int | None = None,
        holding: Sequence[HoldingEntry] | None = None,
        task_types: Sequence[str] | None = None,
    ) -> CompleteTaskOutput:
        """Complete a running task and report its result. Safe to repeat: the same completion counts once
        and returns the same response. With claim_next, also claims the next tasks, which may be
        dependents that this completion releases.

        Args:
            result: Any JSON value.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
            claim_next: Number of tasks to claim in the same call. Default: 0.
            holding: With claim_next: every other task that the agent is working on, so that a lost
                response can be redelivered.
            task_types: With claim_next: claim only tasks of these types.
        """
        return await self._call(
            "complete_task",
            CompleteTaskOutput,
            {
                "task_id": task_id,
                "result": result,
                "metrics": metrics,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
                "claim_next": claim_next,
                "holding": holding,
                "task_types": task_types,
            },
        )

    async def fail_task(
        self,
        task_id: str,
        error: str,
        *,
        should_retry: bool | None = None,
        metrics: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> TaskSummary:
        """Report that a held task failed. With should_retry, the task is retried with backoff until
        max_attempts is reached; otherwise it fails permanently. To return a task without a failure, use
        release_task.

        Args:
            error: What went wrong; text that is too long is shortened in the middle.
            should_retry: false if retrying cannot help. Default: true.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "fail_task",
            TaskSummary,
            {
                "task_id": task_id,
                "error": error,
                "should_retry": should_retry,
                "metrics": metrics,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    async def heartbeat_task(
        self,
        task_id: str,
        *,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
        progress: Progress | None = None,
    ) -> HeartbeatTaskOutput:
        """Extend the lease and report progress. Call it regularly while working, well before
        lease_expires_at: a task whose lease expires goes to another agent.

        Args:
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "heartbeat_task",
            HeartbeatTaskOutput,
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
                "progress": progress,
            },
        )

    async def claim_tasks(
        self,
        agent_id: str,
        *,
        limit: int | None = None,
        start: bool | None = None,
        holding: Sequence[HoldingEntry] | None = None,
        task_types: Sequence[str] | None = None,
        instance: str | None = None,
    ) -> ClaimTasksOutput:
        """Claim work: tasks already assigned to the agent, then the best matching tasks. Each task comes
        with its content, the results of its dependencies and the attempt to send with every report.
        List the current tasks in holding, so that a lost response can be redelivered. An agent that
        registered with an instance names it here and in every report: tasks that an earlier instance
        held come as a new attempt.

        Args:
            limit: Default: 1.
            start: false: assign the tasks without starting them. Default: true.
            holding: Every task that the agent is working on now.
            task_types: Claim only tasks of these types.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "claim_tasks",
            ClaimTasksOutput,
            {
                "agent_id": agent_id,
                "limit": limit,
                "start": start,
                "holding": holding,
                "task_types": task_types,
                "instance": instance,
            },
        )

    async def cancel_task(self, task_id: str, *, reason: str | None = None) -> Task:
        """Cancel a task that has not ended. Takes effect at once; an agent working on the task finds out
        from its next report. Dependents are blocked, cancelled or run, according to their
        on_dependency_failure.
        """
        return await self._call("cancel_task", Task, {"task_id": task_id, "reason": reason})

    async def retry_task(self, task_id: str) -> Task:
        """Retry a failed or cancelled task. Use it after fixing the cause. Failed runs with attempts left
        are retried automatically.
        """
        return await self._call("retry_task", Task, {"task_id": task_id})

    async def list_dependents(
        self,
        task_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListDependentsOutput:
        """List the tasks that depend on a task.

        Args:
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return await self._call(
            "list_dependents",
            ListDependentsOutput,
            {
                "task_id": task_id,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_dependents(
        self,
        task_id: str,
        *,
        limit: int | None = None,
    ) -> AsyncIterator[TaskSummary]:
        """Like list_dependents, but every one that matches, page by page as needed; limit is the page
        size.
        """
        pages = self._pages("list_dependents", ListDependentsOutput, {"task_id": task_id, "limit": limit})
        return each_once_async(pages, lambda page: page.tasks, lambda one: one.task_id)

    async def cancel_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        dry_run: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        reason: str | None = None,
    ) -> CancelTasksOutput:
        """Cancel the open tasks that match a filter. Repeat with next_cursor until it is absent. For a
        whole graph, use cancel_graph.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            dry_run: Change nothing; count what would be changed. Default: false.
            limit: Default: 100.
            cursor: next_cursor of the previous page.
        """
        return await self._call(
            "cancel_tasks",
            CancelTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "dry_run": dry_run,
                "limit": limit,
                "cursor": cursor,
                "reason": reason,
            },
        )

    async def retry_tasks(
        self,
        *,
        status: TaskStatus | Sequence[TaskStatus] | None = None,
        task_type: str | None = None,
        agent_id: str | None = None,
        priority: Priority | None = None,
        created_after: datetime | str | int | None = None,
        created_before: datetime | str | int | None = None,
        graph_id: str | None = None,
        dry_run: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RetryTasksOutput:
        """Retry the failed and cancelled tasks that match a filter. Repeat with next_cursor until it is
        absent. For a whole graph, use retry_graph.

        Args:
            status: One status, or several.
            task_type: Kind of work, for filtering.
            created_after: RFC 3339 timestamp, or whole seconds since 1970.
            created_before: RFC 3339 timestamp, or whole seconds since 1970.
            dry_run: Change nothing; count what would be changed. Default: false.
            limit: Default: 100.
            cursor: next_cursor of the previous page.
        """
        return await self._call(
            "retry_tasks",
            RetryTasksOutput,
            {
                "status": status,
                "task_type": task_type,
                "agent_id": agent_id,
                "priority": priority,
                "created_after": created_after,
                "created_before": created_before,
                "graph_id": graph_id,
                "dry_run": dry_run,
                "limit": limit,
                "cursor": cursor,
            },
        )

    async def create_tasks(
        self,
        tasks: Sequence[TaskInput],
        *,
        traceparent: str | None = None,
    ) -> CreateTasksOutput:
        """Submit up to 100 tasks at once. Each task is created or refused individually; results are in the
        order of the tasks. One invalid task refuses the whole batch. With an idempotency_key on each
        task, it is safe to send the batch again. For tasks that depend on each other, use submit_graph.

        Args:
            traceparent: For tasks that have none of their own.
        """
        return await self._call(
            "create_tasks",
            CreateTasksOutput,
            {
                "tasks": tasks,
                "traceparent": traceparent,
            },
        )

    async def release_task(
        self,
        task_id: str,
        reason: str,
        *,
        exclude: bool | None = None,
        agent_id: str | None = None,
        attempt: int | None = None,
        instance: str | None = None,
    ) -> TaskSummary:
        """Release a held task without using up an attempt. The task goes back to pending and is not
        offered to the same agent for 10 minutes. With exclude=false (for a restart), it can be offered
        again at once.

        Args:
            exclude: false: the task can be offered to the same agent again at once. Default: true.
            attempt: The attempt number that came with the task, a fencing token: reports for an
                earlier attempt are refused.
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "release_task",
            TaskSummary,
            {
                "task_id": task_id,
                "reason": reason,
                "exclude": exclude,
                "agent_id": agent_id,
                "attempt": attempt,
                "instance": instance,
            },
        )

    async def explain_task(self, task_id: str) -> ExplainTaskOutput:
        """Explain why a task is not running. Start here when a task seems stuck: it names the missing
        dependency, capability, agent or time, in facts and one sentence.
        """
        return await self._call("explain_task", ExplainTaskOutput, {"task_id": task_id})

    async def submit_graph(
        self,
        tasks: Sequence[GraphTask],
        *,
        title: str | None = None,
        traceparent: str | None = None,
        idempotency_key: str | None = None,
        dry_run: bool | None = None,
    ) -> SubmitGraphOutput:
        """Submit a graph of dependent tasks, all or nothing. At most 5,000 dependencies in total: each is
        a key of a task in this graph or the id of an existing task. With dry_run nothing is created:
        the response has the execution order, the critical path and the tasks that no registered agent
        can do.

        Args:
            title: Shown in lists; defaults to the title of the first task.
            traceparent: For tasks that have none of their own.
            dry_run: Default: false.
        """
        return await self._call(
            "submit_graph",
            SubmitGraphOutput,
            {
                "tasks": tasks,
                "title": title,
                "traceparent": traceparent,
                "idempotency_key": idempotency_key,
                "dry_run": dry_run,
            },
        )

    async def get_graph(self, graph_id: str) -> GetGraphOutput:
        """Get a graph: progress and tasks. The listed tasks may be a second old, and the counts are those
        of the listed tasks. is_settled is never early.
        """
        return await self._call("get_graph", GetGraphOutput, {"graph_id": graph_id})

    async def list_graphs(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListGraphsOutput:
        """List graphs with their progress, newest first. Counts may be a few seconds old.

        Args:
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return await self._call("list_graphs", ListGraphsOutput, {"limit": limit, "cursor": cursor})

    def iter_graphs(self, *, limit: int | None = None) -> AsyncIterator[ListGraphsGraph]:
        """Like list_graphs, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages("list_graphs", ListGraphsOutput, {"limit": limit})
        return each_once_async(pages, lambda page: page.graphs, lambda one: one.graph_id)

    async def cancel_graph(self, graph_id: str, *, reason: str | None = None) -> CancelGraphOutput:
        """Cancel all tasks of a graph that have not ended. Tasks that are retried afterwards are not
        cancelled again.
        """
        return await self._call("cancel_graph", CancelGraphOutput, {"graph_id": graph_id, "reason": reason})

    async def retry_graph(self, graph_id: str) -> RetryGraphOutput:
        """Retry all tasks of a graph that failed or were cancelled. Blocked tasks return to waiting when
        their dependencies are retried.
        """
        return await self._call("retry_graph", RetryGraphOutput, {"graph_id": graph_id})

    async def register_agent(
        self,
        *,
        agent_id: str | None = None,
        capabilities: Sequence[str] | None = None,
        max_concurrent_tasks: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        instance: str | None = None,
        host: str | None = None,
        takeover: bool | None = None,
    ) -> Agent:
        """Register an agent and its capabilities. Required once before the agent can receive work.
        Registering again replaces the declared capabilities and the maximum; the track record and
        learned capabilities are kept. With an instance, the agent id belongs to one process at a time:
        another one is refused until the first has stopped or been silent for 60 seconds.

        Args:
            agent_id: Defaults to the agent that the key belongs to.
            max_concurrent_tasks: Defaults to metadata.max_concurrent_tasks, or 5; never more than the
                key allows.
            instance: Names the process that runs the agent: random, chosen when the process starts.
            host: Where the instance runs, shown to others.
            takeover: Replace the instance that has the agent id: it is refused from then on, and its
                tasks come to the new one as new attempts. Default: false.
        """
        return await self._call(
            "register_agent",
            Agent,
            {
                "agent_id": agent_id,
                "capabilities": capabilities,
                "max_concurrent_tasks": max_concurrent_tasks,
                "metadata": metadata,
                "instance": instance,
                "host": host,
                "takeover": takeover,
            },
        )

    async def get_agent(self, agent_id: str) -> Agent:
        """Get an agent: capabilities, load, state and the tasks it holds."""
        return await self._call("get_agent", Agent, {"agent_id": agent_id})

    async def find_agents(
        self,
        *,
        requirements: Sequence[str] | None = None,
        exclude_agents: Sequence[str] | None = None,
        available: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> FindAgentsOutput:
        """Find agents that have all required capabilities. Without requirements, lists all agents.
        Capabilities match exactly: "sql" does not match "nosql". A page can have fewer agents than the
        limit, or none, and still have a next_cursor: continue until next_cursor is absent.

        Args:
            requirements: Capabilities that an agent needs, all of them.
            available: Only agents that can take a task now. Default: false.
            limit: Default: 50.
            cursor: next_cursor of the previous page.
        """
        return await self._call(
            "find_agents",
            FindAgentsOutput,
            {
                "requirements": requirements,
                "exclude_agents": exclude_agents,
                "available": available,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def iter_agents(
        self,
        *,
        requirements: Sequence[str] | None = None,
        exclude_agents: Sequence[str] | None = None,
        available: bool | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Agent]:
        """Like find_agents, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages(
            "find_agents",
            FindAgentsOutput,
            {
                "requirements": requirements,
                "exclude_agents": exclude_agents,
                "available": available,
                "limit": limit,
            },
        )
        return each_once_async(pages, lambda page: page.agents, lambda one: one.agent_id)

    async def deregister_agent(self, agent_id: str) -> DeregisterAgentOutput:
        """Remove an agent and requeue the tasks it holds. To keep the agent but give it no new tasks, use
        drain_agent. An unknown agent is not an error: deregistered is false.
        """
        return await self._call("deregister_agent", DeregisterAgentOutput, {"agent_id": agent_id})

    async def learn_capability(
        self,
        agent_id: str,
        capability: str,
        *,
        confidence: float | None = None,
    ) -> Agent:
        """Add a learned capability to an agent. Pending tasks that match are offered.

        Args:
            capability: Capability name.
            confidence: Proficiency, above 0 and up to 1. Default: 1.
        """
        return await self._call(
            "learn_capability",
            Agent,
            {
                "agent_id": agent_id,
                "capability": capability,
                "confidence": confidence,
            },
        )

    async def update_agent_performance(
        self,
        agent_id: str,
        success: bool,
        duration_ms: float,
        *,
        metrics: Mapping[str, Any] | None = None,
        task_id: str | None = None,
    ) -> AgentHealth:
        """Record the outcome of work done outside the queue. Not needed for queued tasks: complete_task
        and fail_task already record their outcome. With task_id, each outcome counts once: nothing is
        recorded for a queued task or one that was already reported.
        """
        return await self._call(
            "update_agent_performance",
            AgentHealth,
            {
                "agent_id": agent_id,
                "success": success,
                "duration_ms": duration_ms,
                "metrics": metrics,
                "task_id": task_id,
            },
        )

    async def get_agent_health(self, agent_id: str) -> AgentHealth:
        """Get an agent's track record, load and status."""
        return await self._call("get_agent_health", AgentHealth, {"agent_id": agent_id})

    async def heartbeat_agent(
        self,
        agent_id: str,
        *,
        holding: Sequence[HeartbeatAgentHolding] | None = None,
        instance: str | None = None,
    ) -> HeartbeatAgentOutput:
        """Send an agent heartbeat. Extends the leases of the running tasks listed in holding, and reports
        which of them the agent no longer holds and why.

        Args:
            instance: Names the process that runs the agent: random, chosen when the process starts.
        """
        return await self._call(
            "heartbeat_agent",
            HeartbeatAgentOutput,
            {
                "agent_id": agent_id,
                "holding": holding,
                "instance": instance,
            },
        )

    async def drain_agent(
        self,
        agent_id: str,
        *,
        until_registered: bool | None = None,
        instance: str | None = None,
    ) -> Agent:
        """Drain an agent: it finishes the tasks it holds and gets no new ones. The agent drains until it
        is resumed, even if it registers again. With until_registered=true (for a restart), its next
        registration ends the drain.

        Args:
            until_registered: End the drain when the agent registers again. Default: false.
            instance: Drain only if this instance has the agent id.
        """
        return await self._call(
            "drain_agent",
            Agent,
            {
                "agent_id": agent_id,
                "until_registered": until_registered,
                "instance": instance,
            },
        )

    async def resume_agent(self, agent_id: str) -> Agent:
        """Resume a draining agent."""
        return await self._call("resume_agent", Agent, {"agent_id": agent_id})

    async def get_queue_statistics(self) -> GetQueueStatisticsOutput:
        """Queue statistics: counts by status, rates and times. completed, failed and cancelled are totals
        that include deleted tasks. oldest_pending_seconds is how long the task next in line has been
        ready, the maximum over all lanes.
        """
        return await self._call("get_queue_statistics", GetQueueStatisticsOutput, {})

    async def get_agent_statistics(self) -> GetAgentStatisticsOutput:
        """Fleet statistics: agents, utilization, success rate and skills. With more than 10 agents it is a
        snapshot, at most a few minutes old: see as_of.
        """
        return await self._call("get_agent_statistics", GetAgentStatisticsOutput, {})

    async def get_routing_statistics(self) -> GetRoutingStatisticsOutput:
        """Routing statistics: assignment rate and balance across agents."""
        return await self._call("get_routing_statistics", GetRoutingStatisticsOutput, {})

    async def get_health(self) -> GetHealthOutput:
        """Check system health: queue, agents and routing. An empty system is healthy."""
        return await self._call("get_health", GetHealthOutput, {})

    async def get_recommendations(self) -> GetRecommendationsOutput:
        """Get recommended actions, with the evidence."""
        return await self._call("get_recommendations", GetRecommendationsOutput, {})

    async def recount(self, *, cursor: str | None = None) -> RecountOutput:
        """Recount the open tasks, page by page. Rebuilds the counts of waiting, blocked, pending, assigned
        and running tasks while work continues; totals of ended tasks do not change. Starts a recount,
        or joins the one in progress. Repeat it with next_cursor, about once a second, until there is
        none. Nothing is read in the first 15 seconds, or until the statistics have caught up.

        Args:
            cursor: next_cursor of the previous response.
        """
        return await self._call("recount", RecountOutput, {"cursor": cursor})

    async def create_key(
        self,
        role: Role,
        *,
        agent_id: str | None = None,
        capabilities: Sequence[str] | None = None,
        max_concurrent_tasks: int | None = None,
        name: str | None = None,
        expires_in_days: int | None = None,
    ) -> CreateKeyOutput:
        """Create an API key; it is shown only once. A key of role agent can read everything and act as its
        agent and as agents named after it (`writer@host`). It can register them with any capability, so
        they may be given any task. `capabilities` and `max_concurrent_tasks` limit that. They apply to
        later registrations, not to what the agent already has.

        Args:
            agent_id: The agent that the key belongs to; required for role agent.
            capabilities: The only capabilities that the key may register or learn; without it, any.
                Only for role agent.
            max_concurrent_tasks: Caps max_concurrent_tasks of what the key registers; without it,
                100. Only for role agent.
        """
        return await self._call(
            "create_key",
            CreateKeyOutput,
            {
                "role": role,
                "agent_id": agent_id,
                "capabilities": capabilities,
                "max_concurrent_tasks": max_concurrent_tasks,
                "name": name,
                "expires_in_days": expires_in_days,
            },
        )

    async def list_keys(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListKeysOutput:
        """List API keys, without their secrets.

        Args:
            limit: Default: 50.
        """
        return await self._call("list_keys", ListKeysOutput, {"limit": limit, "cursor": cursor})

    def iter_keys(self, *, limit: int | None = None) -> AsyncIterator[KeySummary]:
        """Like list_keys, but every one that matches, page by page as needed; limit is the page size."""
        pages = self._pages("list_keys", ListKeysOutput, {"limit": limit})
        return each_once_async(pages, lambda page: page.keys, lambda one: one.key_id)

    async def revoke_key(self, key_id: str) -> KeySummary:
        """Revoke an API key; takes effect within a minute."""
        return await self._call("revoke_key", KeySummary, {"key_id": key_id})

    async def get_caller(self) -> GetCallerOutput:
        """Get what the key of this call may do, and where."""
        return await self._call("get_caller", GetCallerOutput, {})

    async def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 description of this service."""
        return await self._call("openapi", dict[str, Any], {})
