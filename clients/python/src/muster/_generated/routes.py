"""Written by `npm run generate` from the table of operations: do not edit."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Route(NamedTuple):
    """Where an operation is found, and whether it is safe to send it twice: always, or when a certain field is given."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    repeatable: bool | Literal["idempotency_key", "attempt", "holding"]


ROUTES: dict[str, Route] = {
    "create_task": Route("POST", "/v1/tasks", "idempotency_key"),
    "get_task": Route("GET", "/v1/tasks/{task_id}", True),
    "query_tasks": Route("GET", "/v1/tasks", True),
    "poll_tasks": Route("GET", "/v1/queue", True),
    "assign_task": Route("POST", "/v1/tasks/{task_id}/assign", True),
    "route_task": Route("POST", "/v1/tasks/{task_id}/route", True),
    "start_task": Route("POST", "/v1/tasks/{task_id}/start", True),
    "complete_task": Route("POST", "/v1/tasks/{task_id}/complete", "attempt"),
    "fail_task": Route("POST", "/v1/tasks/{task_id}/fail", "attempt"),
    "heartbeat_task": Route("POST", "/v1/tasks/{task_id}/heartbeat", True),
    "claim_tasks": Route("POST", "/v1/agents/{agent_id}/claim", "holding"),
    "cancel_task": Route("POST", "/v1/tasks/{task_id}/cancel", True),
    "retry_task": Route("POST", "/v1/tasks/{task_id}/retry", False),
    "list_dependents": Route("GET", "/v1/tasks/{task_id}/dependents", True),
    "cancel_tasks": Route("POST", "/v1/tasks/cancel", True),
    "retry_tasks": Route("POST", "/v1/tasks/retry", False),
    "create_tasks": Route("POST", "/v1/tasks/batch", False),
    "release_task": Route("POST", "/v1/tasks/{task_id}/release", "attempt"),
    "explain_task": Route("GET", "/v1/tasks/{task_id}/explain", True),
    "submit_graph": Route("POST", "/v1/graphs", "idempotency_key"),
    "get_graph": Route("GET", "/v1/graphs/{graph_id}", True),
    "list_graphs": Route("GET", "/v1/graphs", True),
    "cancel_graph": Route("POST", "/v1/graphs/{graph_id}/cancel", True),
    "retry_graph": Route("POST", "/v1/graphs/{graph_id}/retry", False),
    "register_agent": Route("POST", "/v1/agents", True),
    "get_agent": Route("GET", "/v1/agents/{agent_id}", True),
    "find_agents": Route("GET", "/v1/agents", True),
    "deregister_agent": Route("DELETE", "/v1/agents/{agent_id}", True),
    "learn_capability": Route("POST", "/v1/agents/{agent_id}/capabilities", True),
    "update_agent_performance": Route("POST", "/v1/agents/{agent_id}/performance", False),
    "get_agent_health": Route("GET", "/v1/agents/{agent_id}/health", True),
    "heartbeat_agent": Route("POST", "/v1/agents/{agent_id}/heartbeat", True),
    "drain_agent": Route("POST", "/v1/agents/{agent_id}/drain", True),
    "resume_agent": Route("POST", "/v1/agents/{agent_id}/resume", True),
    "get_queue_statistics": Route("GET", "/v1/stats/queue", True),
    "get_agent_statistics": Route("GET", "/v1/stats/agents", True),
    "get_routing_statistics": Route("GET", "/v1/stats/routing", True),
    "get_health": Route("GET", "/v1/health", True),
    "get_recommendations": Route("GET", "/v1/recommendations", True),
    "recount": Route("POST", "/v1/stats/recount", False),
    "create_key": Route("POST", "/v1/keys", False),
    "list_keys": Route("GET", "/v1/keys", True),
    "revoke_key": Route("DELETE", "/v1/keys/{key_id}", True),
    "get_caller": Route("GET", "/v1/caller", True),
    "openapi": Route("GET", "/openapi.json", True),
}
