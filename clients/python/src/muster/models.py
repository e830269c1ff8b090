"""Written by `npm run generate` from the table of operations: do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

ErrorCode: TypeAlias = Literal[
    "not_parsable",
    "unsupported_media_type",
    "too_large",
    "invalid_input",
    "invalid_key",
    "expired_key",
    "revoked_key",
    "missing_scope",
    "other_agent",
    "capability_not_granted",
    "task_not_found",
    "graph_not_found",
    "agent_not_found",
    "key_not_found",
    "own_key",
    "stale_attempt",
    "not_holder",
    "not_pending",
    "not_due",
    "not_assigned",
    "not_running",
    "not_retryable",
    "already_held",
    "already_ended",
    "task_cancelled",
    "agent_at_capacity",
    "agent_in_use",
    "agent_replaced",
    "agent_draining",
    "too_many_capabilities",
    "not_capable",
    "too_many_lanes",
    "unknown_dependency",
    "dependency_cycle",
    "idempotency_mismatch",
    "too_many_open_tasks",
    "throttled",
    "unavailable",
    "internal",
]
"""Why a request can be refused."""


Priority: TypeAlias = Literal["low", "medium", "high", "critical"]


Routing: TypeAlias = Literal["auto", "manual"]


DependencyPolicy: TypeAlias = Literal["block", "cancel", "run_anyway"]


TaskStatus: TypeAlias = Literal["waiting", "pending", "assigned", "running", "completed", "failed", "blocked", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """History entry."""

    status: TaskStatus
    at: datetime
    attempt: int | None = None
    agent_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgress:
    """Task progress."""

    percent: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Task."""

    task_id: str
    title: str
    """As given, or the first line of content; shortened in lists."""
    task_type: str
    """Kind of work, for filtering."""
    priority: Priority
    requirements: list[str]
    routing: Routing
    attempt: int
    retry_count: int
    max_attempts: int
    timeout_seconds: int
    on_dependency_failure: DependencyPolicy
    not_before: datetime | None = None
    created_at: datetime
    graph_id: str | None = None
    assigned_to: str | None
    status: TaskStatus
    content: str
    dependencies: list[str]
    dependency_policies: dict[str, DependencyPolicy] = field(default_factory=dict)
    """For dependencies whose policy is not on_dependency_failure."""
    metadata: dict[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    """W3C trace context in which it was created."""
    idempotency_key: str | None = None
    history: list[HistoryEntry]
    ready_at: datetime | None = None
    assigned_at: datetime | None = None
    lease_expires_at: datetime | None = None
    started_at: datetime | None = None
    progress: TaskProgress | None = None
    ended_at: datetime | None = None
    """When it was completed, failed or was cancelled."""
    completed_at: datetime | None = None
    execution_duration_ms: float | None = None
    result: Any = None
    """Any JSON value."""
    metrics: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    """Why it failed, was cancelled or is blocked, in short."""
    error: str | None = None


class TaskDependency(TypedDict):
    """Task dependency."""

    task_id: str
    on_failure: DependencyPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSummary:
    """Task summary."""

    task_id: str
    title: str
    """As given, or the first line of content; shortened in lists."""
    task_type: str
    """Kind of work, for filtering."""
    priority: Priority
    requirements: list[str]
    routing: Routing
    attempt: int
    retry_count: int
    max_attempts: int
    timeout_seconds: int
    on_dependency_failure: DependencyPolicy
    not_before: datetime | None = None
    created_at: datetime
    graph_id: str | None = None
    assigned_to: str | None
    status: TaskStatus
    ready_at: datetime | None = None
    assigned_at: datetime | None = None
    lease_expires_at: datetime | None = None
    started_at: datetime | None = None
    progress: TaskProgress | None = None
    ended_at: datetime | None = None
    """When it was completed, failed or was cancelled."""
    completed_at: datetime | None = None
    execution_duration_ms: float | None = None
    reason: str | None = None
    """Why it failed, was cancelled or is blocked, in short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTasksOutput:
    """The response to query_tasks."""

    tasks: list[TaskSummary]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedTask:
    """Queued task."""

    task_id: str
    title: str
    """As given, or the first line of content; shortened in lists."""
    task_type: str
    """Kind of work, for filtering."""
    priority: Priority
    requirements: list[str]
    routing: Routing
    attempt: int
    retry_count: int
    max_attempts: int
    timeout_seconds: int
    on_dependency_failure: DependencyPolicy
    not_before: datetime | None = None
    created_at: datetime
    graph_id: str | None = None
    assigned_to: str | None
    status: Literal["pending", "assigned", "running"]
    ready_at: datetime
    content: str
    dependencies: list[str]
    dependency_policies: dict[str, DependencyPolicy] = field(default_factory=dict)
    """For dependencies whose policy is not on_dependency_failure."""
    metadata: dict[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    """W3C trace context in which it was created."""
    idempotency_key: str | None = None
    assigned_at: datetime | None = None
    lease_expires_at: datetime | None = None
    started_at: datetime | None = None
    progress: TaskProgress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTasksOutput:
    """The response to poll_tasks."""

    count: int
    tasks: list[QueuedTask]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTaskCandidate:
    """Route task candidate."""

    agent_id: str
    score: float
    success_rate: float
    confidence: float
    load: int
    max_concurrent_tasks: int
    available: bool
    reason: str | None = None
    """Why it cannot take the task now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTaskOutput:
    """The response to route_task."""

    task_id: str
    selected_agent: str | None
    candidates: list[RouteTaskCandidate]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyResult:
    """Dependency result."""

    status: TaskStatus
    result: Any = None
    """Any JSON value."""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTask:
    """Claimed task."""

    task_id: str
    title: str
    """As given, or the first line of content; shortened in lists."""
    task_type: str
    """Kind of work, for filtering."""
    priority: Priority
    requirements: list[str]
    routing: Routing
    attempt: int
    retry_count: int
    max_attempts: int
    timeout_seconds: int
    on_dependency_failure: DependencyPolicy
    not_before: datetime | None = None
    created_at: datetime
    graph_id: str | None = None
    assigned_to: str
    """The agent that holds it, or held it when it ended; null if none."""
    ready_at: datetime
    assigned_at: datetime
    status: Literal["assigned", "running"]
    lease_expires_at: datetime
    content: str
    dependencies: list[str]
    dependency_policies: dict[str, DependencyPolicy] = field(default_factory=dict)
    """For dependencies whose policy is not on_dependency_failure."""
    metadata: dict[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    """W3C trace context in which it was created."""
    idempotency_key: str | None = None
    history: list[HistoryEntry]
    hold: str
    """Send it back in `holding` with the next claims."""
    dependency_results: dict[str, DependencyResult]
    """Outcomes of the dependencies."""
    omitted: list[str] = field(default_factory=list)
    """Dependencies whose results were too large to include."""
    started_at: datetime | None = None
    progress: TaskProgress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTaskOutput:
    """The response to complete_task."""

    task_id: str
    title: str
    """As given, or the first line of content; shortened in lists."""
    task_type: str
    """Kind of work, for filtering."""
    priority: Priority
    requirements: list[str]
    routing: Routing
    attempt: int
    retry_count: int
    max_attempts: int
    timeout_seconds: int
    on_dependency_failure: DependencyPolicy
    not_before: datetime | None = None
    created_at: datetime
    graph_id: str | None = None
    assigned_to: str
    """The agent that holds it, or held it when it ended; null if none."""
    ready_at: datetime
    assigned_at: datetime
    status: Literal["completed"]
    started_at: datetime
    ended_at: datetime
    """When it was completed, failed or was cancelled."""
    completed_at: datetime
    execution_duration_ms: float
    claimed: list[ClaimedTask] = field(default_factory=list)


class HoldingEntry(TypedDict):
    """Holding entry."""

    task_id: str
    attempt: int
    """The attempt number that came with the task, a fencing token: reports for an earlier attempt are
    refused.
    """
    hold: NotRequired[str]
    """As it came with the task; saves a read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatTaskOutput:
    """The response to heartbeat_task."""

    task_id: str
    attempt: int
    lease_expires_at: datetime


class Progress(TypedDict):
    """Progress."""

    percent: NotRequired[float]
    message: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTasksOutput:
    """The response to claim_tasks."""

    tasks: list[ClaimedTask]
    poll_after_ms: int
    """When to claim again, in milliseconds: 0 after work was found, soon while a task is being
    assigned to the agent, longer the longer it is idle.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDependentsOutput:
    """The response to list_dependents."""

    tasks: list[TaskSummary]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTasksRefused:
    """Cancel tasks refused."""

    task_id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTasksOutput:
    """The response to cancel_tasks."""

    changed: int
    refused: list[CancelTasksRefused]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTasksRefused:
    """Retry tasks refused."""

    task_id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTasksOutput:
    """The response to retry_tasks."""

    changed: int
    refused: list[RetryTasksRefused]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemError:
    """Problem error."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Problem."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    code: ErrorCode
    hint: str
    errors: list[ProblemError] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTasksResult:
    """Create tasks result."""

    task: Task | None = None
    error: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTasksOutput:
    """The response to create_tasks."""

    results: list[CreateTasksResult]


class TaskInput(TypedDict):
    """Task input."""

    content: str
    """The work to do."""
    title: NotRequired[str]
    """Shown in lists; defaults to the first line of content, shortened."""
    task_type: NotRequired[str]
    """Kind of work, for filtering. Default: general."""
    priority: NotRequired[Priority]
    """critical always runs first; high runs before medium and medium before low, without starvation.
    Default: medium.
    """
    requirements: NotRequired[Sequence[str]]
    """Capabilities that an agent needs, all of them."""
    dependencies: NotRequired[Sequence[str | TaskDependency]]
    """Ids of tasks that must complete first; their results come with the claimed task. {task_id,
    on_failure}: a policy other than on_dependency_failure, for this one.
    """
    routing: NotRequired[Routing]
    """auto: assigned to the best capable agent as soon as it is ready; manual: waits to be assigned or
    claimed. Default: auto.
    """
    not_before: NotRequired[datetime | str]
    """Earliest start, at most 180 days ahead."""
    timeout_seconds: NotRequired[int]
    """Time limit for one attempt. Default: 3600."""
    max_attempts: NotRequired[int]
    """Number of failed or lost runs after which the task fails. Default: 3."""
    on_dependency_failure: NotRequired[DependencyPolicy]
    """block: wait for the dependency to be retried; cancel: cancel this task too; run_anyway: run
    without it. Default: block.
    """
    metadata: NotRequired[Mapping[str, Any]]
    """Stored with the task, not interpreted."""
    traceparent: NotRequired[str]
    """W3C trace context that the task belongs to; defaults to the traceparent of the request."""
    idempotency_key: NotRequired[str]
    """The same key with the same body returns the same task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTaskDependency:
    """Explain task dependency."""

    task_id: str
    status: TaskStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTaskNearestAgent:
    """Explain task nearest agent."""

    agent_id: str
    lacks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTaskAgent:
    """Explain task agent."""

    agent_id: str
    reason: Literal["full", "draining", "leaving", "left", "stale", "excluded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTaskOutput:
    """The response to explain_task."""

    task_id: str
    status: TaskStatus
    state: Literal["waiting_on_dependencies", "blocked_by", "delayed_until", "no_capable_agent", "capable_agents_unavailable", "ready", "held", "ended"]
    sentence: str
    dependencies: list[ExplainTaskDependency] = field(default_factory=list)
    """Dependencies that the task is waiting for or that block it."""
    delayed_until: datetime | None = None
    missing_capabilities: list[str] = field(default_factory=list)
    """Required capabilities that no agent has."""
    did_you_mean: dict[str, list[str]] = field(default_factory=dict)
    """Similar known capabilities, for each missing one."""
    nearest_agents: list[ExplainTaskNearestAgent] = field(default_factory=list)
    agents: list[ExplainTaskAgent] = field(default_factory=list)
    """The capable agents, and why each is unavailable."""
    position: int | None = None
    """Position in its lane, from 1: the tasks ahead have the same requirements."""
    held_by: str | None = None
    """Agent id."""
    held_since: datetime | None = None
    lease_expires_at: datetime | None = None
    silent_seconds: int | None = None
    """Since the holder was last seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitGraphUnroutable:
    """Submit graph unroutable."""

    key: str
    """Key of the task within its graph."""
    requirements: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitGraphOutput:
    """The response to submit_graph."""

    graph_id: str | None = None
    """Absent for a dry run."""
    tasks: dict[str, str] = field(default_factory=dict)
    """Task ids by key."""
    order: list[str] = field(default_factory=list)
    """Dry run: a valid execution order."""
    critical_path: list[str] = field(default_factory=list)
    """Dry run: the longest dependency chain."""
    unroutable: list[SubmitGraphUnroutable] = field(default_factory=list)
    """Dry run: tasks whose requirements no registered agent meets."""


class GraphDependency(TypedDict):
    """Graph dependency."""

    key: NotRequired[str]
    """Key of the task within its graph."""
    task_id: NotRequired[str]
    """Key of the task within its graph."""
    on_failure: DependencyPolicy


class GraphTask(TypedDict):
    """Graph task."""

    content: str
    """The work to do."""
    title: NotRequired[str]
    """Shown in lists; defaults to the first line of content, shortened."""
    task_type: NotRequired[str]
    """Kind of work, for filtering. Default: general."""
    priority: NotRequired[Priority]
    """critical always runs first; high runs before medium and medium before low, without starvation.
    Default: medium.
    """
    requirements: NotRequired[Sequence[str]]
    """Capabilities that an agent needs, all of them."""
    dependencies: NotRequired[Sequence[str | GraphDependency]]
    """Keys of tasks in this graph, or ids of existing tasks. {key, on_failure}: a policy other than
    on_dependency_failure, for this one.
    """
    routing: NotRequired[Routing]
    """auto: assigned to the best capable agent as soon as it is ready; manual: waits to be assigned or
    claimed. Default: auto.
    """
    not_before: NotRequired[datetime | str]
    """Earliest start, at most 180 days ahead."""
    timeout_seconds: NotRequired[int]
    """Time limit for one attempt. Default: 3600."""
    max_attempts: NotRequired[int]
    """Number of failed or lost runs after which the task fails. Default: 3."""
    on_dependency_failure: NotRequired[DependencyPolicy]
    """block: wait for the dependency to be retried; cancel: cancel this task too; run_anyway: run
    without it. Default: block.
    """
    metadata: NotRequired[Mapping[str, Any]]
    """Stored with the task, not interpreted."""
    traceparent: NotRequired[str]
    """W3C trace context that the task belongs to; defaults to the traceparent of the request."""
    key: str
    """Key of the task within its graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetGraphTask(TaskSummary):
    """Get graph task."""

    key: str
    """Key of the task within its graph."""
    dependencies: list[str]
    dependency_policies: dict[str, DependencyPolicy] = field(default_factory=dict)
    """For dependencies whose policy is not on_dependency_failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetGraphOutput:
    """The response to get_graph."""

    graph_id: str
    title: str
    created_at: datetime
    total: int
    counts: dict[str, int]
    done_fraction: float
    """Completed tasks / all tasks, from 0 to 1."""
    under_way: Literal["cancel", "retry"] | None = None
    """Its tasks are being cancelled or retried by cancel_graph or retry_graph."""
    is_settled: bool
    """No task can change without intervention."""
    tasks: list[GetGraphTask]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListGraphsGraph:
    """List graphs graph."""

    graph_id: str
    title: str
    created_at: datetime
    total: int
    counts: dict[str, int]
    done_fraction: float
    """Completed tasks / all tasks, from 0 to 1."""
    under_way: Literal["cancel", "retry"] | None = None
    """Its tasks are being cancelled or retried by cancel_graph or retry_graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListGraphsOutput:
    """The response to list_graphs."""

    graphs: list[ListGraphsGraph]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelGraphOutput:
    """The response to cancel_graph."""

    graph_id: str
    changed: int
    """Tasks that were changed."""
    remaining: int
    """Tasks that are still to be changed, which needs no further call. 0: done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryGraphOutput:
    """The response to retry_graph."""

    graph_id: str
    changed: int
    """Tasks that were changed."""
    remaining: int
    """Tasks that are still to be changed, which needs no further call. 0: done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCapability:
    """Agent capability."""

    name: str
    """Capability name."""
    confidence: float
    """From 0 to 1: the initial value, adjusted by outcomes."""
    source: Literal["declared", "learned"]
    completed: int
    """Completed tasks that required it."""
    failed: int
    """Failed tasks that required it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHolding:
    """Agent holding."""

    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstance:
    """The process that runs the agent, if it registered with an instance."""

    id: str
    """Names the process that runs the agent: random, chosen when the process starts."""
    since: datetime
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHealth:
    """Agent health."""

    agent_id: str
    status: Literal["healthy", "degraded", "stale", "draining", "left"]
    success_rate: float
    """completed / (completed + failed); 1 without outcomes."""
    avg_completion_ms: float
    """Mean duration of completed tasks; 0 without outcomes."""
    total_completed: int
    total_failed: int
    max_concurrent_tasks: int
    load: int
    """Slots in use."""
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Agent."""

    agent_id: str
    state: Literal["active", "draining", "leaving", "left"]
    """active: takes work; draining: gets no new work until it is resumed; leaving: being deregistered;
    left: stopped, gets no work until it registers again.
    """
    capabilities: list[AgentCapability]
    max_concurrent_tasks: int
    load: int
    holding: list[AgentHolding]
    """Tasks that the agent holds."""
    instance: AgentInstance | None = None
    """The process that runs the agent, if it registered with an instance."""
    metadata: dict[str, Any] = field(default_factory=dict)
    registered_at: datetime
    health: AgentHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAgentsOutput:
    """The response to find_agents."""

    agents: list[Agent]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregisterAgentOutput:
    """The response to deregister_agent."""

    agent_id: str
    deregistered: bool
    state: Literal["leaving"] | None = None
    """The agent gets no more work, but an offer to it is still open: it is removed within minutes, or
    when the call is repeated after 15 seconds.
    """
    requeued: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAgentLease:
    """Heartbeat agent lease."""

    task_id: str
    attempt: int
    lease_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAgentLost:
    """Heartbeat agent lost."""

    task_id: str
    attempt: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAgentUnnamed:
    """Heartbeat agent unnamed."""

    task_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAgentOutput:
    """The response to heartbeat_agent."""

    agent_id: str
    leases: list[HeartbeatAgentLease]
    lost: list[HeartbeatAgentLost]
    """Listed in holding, but no longer held: stop working on them."""
    unnamed: list[HeartbeatAgentUnnamed]
    """Held, but not listed in holding: claim_tasks with holding redelivers them."""


class HeartbeatAgentHolding(TypedDict):
    """Heartbeat agent holding."""

    task_id: str
    attempt: int
    """The attempt number that came with the task, a fencing token: reports for an earlier attempt are
    refused.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class GetQueueStatisticsPerMinute:
    """Get queue statistics per minute."""

    minute: datetime
    """When it began."""
    created: int
    completed: int
    failed: int
    cancelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetQueueStatisticsOutput:
    """The response to get_queue_statistics."""

    waiting: int
    pending: int
    assigned: int
    running: int
    completed: int
    failed: int
    blocked: int
    cancelled: int
    total: int
    success_rate: float
    """completed / (completed + failed); 1 without outcomes."""
    avg_execution_ms: float
    avg_wait_ms: float
    """Mean time from ready to assigned."""
    oldest_pending_seconds: float
    wait_p50_ms: int
    """Half of the tasks assigned in the last hour had been ready no longer than this, within 10%; 0
    without any.
    """
    wait_p99_ms: int
    """The same for 99 of 100."""
    per_minute: list[GetQueueStatisticsPerMinute]
    """The last 60 minutes, oldest first; the last one has not ended. A task counts in the minute in
    which its change was counted.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAgentStatisticsOutput:
    """The response to get_agent_statistics."""

    total_agents: int
    available_agents: int
    """Agents that can take a task now."""
    busy_agents: int
    """Agents that hold at least one task."""
    stale_agents: int
    """Active agents that are not responding: they get no work."""
    draining_agents: int
    """Agents that finish what they hold: draining or being deregistered."""
    left_agents: int
    """Agents that stopped on purpose; not in the averages."""
    slots_used: int
    """Tasks held by agents that have not left."""
    slots_total: int
    """Sum of max_concurrent_tasks, without agents that left."""
    avg_success_rate: float
    avg_utilization: float
    skill_distribution: dict[str, int]
    """Agents by capability, for the 100 most common ones."""
    hotspot_agents: list[str]
    """Agents with at least 80% of their slots in use, up to 100 of them."""
    as_of: datetime
    """When these statistics were made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRoutingStatisticsOutput:
    """The response to get_routing_statistics."""

    total_tasks: int
    assigned_count: int
    """Tasks that are assigned or running, or that an agent completed or failed."""
    assignment_rate: float
    """assigned_count / total_tasks; 1 without tasks."""
    should_rebalance: bool
    skew: float
    """Largest difference in utilization between agents that share a capability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHealthQueue:
    """Get health queue."""

    waiting: int
    pending: int
    assigned: int
    running: int
    completed: int
    failed: int
    blocked: int
    cancelled: int
    total: int
    success_rate: float
    """completed / (completed + failed); 1 without outcomes."""
    avg_execution_ms: float
    avg_wait_ms: float
    """Mean time from ready to assigned."""
    oldest_pending_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHealthAgents:
    """Get health agents."""

    total_agents: int
    available_agents: int
    """Agents that can take a task now."""
    busy_agents: int
    """Agents that hold at least one task."""
    stale_agents: int
    """Active agents that are not responding: they get no work."""
    draining_agents: int
    """Agents that finish what they hold: draining or being deregistered."""
    left_agents: int
    """Agents that stopped on purpose; not in the averages."""
    slots_used: int
    """Tasks held by agents that have not left."""
    slots_total: int
    """Sum of max_concurrent_tasks, without agents that left."""
    avg_success_rate: float
    avg_utilization: float
    skill_distribution: dict[str, int]
    """Agents by capability, for the 100 most common ones."""
    hotspot_agents: list[str]
    """Agents with at least 80% of their slots in use, up to 100 of them."""
    as_of: datetime
    """When these statistics were made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHealthRouting:
    """Get health routing."""

    total_tasks: int
    assigned_count: int
    """Tasks that are assigned or running, or that an agent completed or failed."""
    assignment_rate: float
    """assigned_count / total_tasks; 1 without tasks."""
    should_rebalance: bool
    skew: float
    """Largest difference in utilization between agents that share a capability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHealthOutput:
    """The response to get_health."""

    status: Literal["healthy", "degraded"]
    reasons: list[str]
    queue: GetHealthQueue
    agents: GetHealthAgents
    routing: GetHealthRouting


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRecommendationsRecommendation:
    """Get recommendations recommendation."""

    code: Literal["imbalance", "deep_queue", "low_success", "no_capable_agent", "stale_agents", "old_ready_task"]
    message: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRecommendationsOutput:
    """The response to get_recommendations."""

    recommendations: list[GetRecommendationsRecommendation]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountOutput:
    """The response to recount."""

    tasks: int
    """Number of tasks that this call read."""
    next_cursor: str | None = None
    """Absent when the counts are rebuilt."""


Role: TypeAlias = Literal["admin", "producer", "agent", "viewer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateKeyOutput:
    """The response to create_key."""

    key_id: str
    role: Role
    agent_id: str | None = None
    capabilities: list[str] = field(default_factory=list)
    max_concurrent_tasks: int | None = None
    name: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    key: str
    """The secret: store it now, it is not shown again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySummary:
    """Key summary."""

    key_id: str
    role: Role
    agent_id: str | None = None
    capabilities: list[str] = field(default_factory=list)
    max_concurrent_tasks: int | None = None
    name: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKeysOutput:
    """The response to list_keys."""

    keys: list[KeySummary]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCallerOutput:
    """The response to get_caller."""

    key_id: str
    name: str | None = None
    """The name that the key was created with."""
    role: Role
    scopes: list[Literal["tasks:create", "tasks:manage", "tasks:work", "read", "agents:write", "keys:manage"]]
    agent_id: str | None = None
    """The agent that the key belongs to."""
    stage: str
    """Name of this deployment, as in its metrics."""
    region: str
    version: str
    """Version of Muster."""
