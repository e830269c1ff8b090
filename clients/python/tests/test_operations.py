"""Every operation, once, with the synchronous and the asynchronous client."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from waiting import until

from muster import AsyncMuster, Muster, MusterError
from muster._generated.routes import ROUTES

T = TypeVar("T")
Call = Callable[..., Any]
called: set[str] = set()


class RecordingMuster(Muster):
    def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        called.add(operation)
        return super()._call(operation, kind, fields)


class RecordingAsyncMuster(AsyncMuster):
    async def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        called.add(operation)
        return await super()._call(operation, kind, fields)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    """Calls a method of either client by name."""
    called.clear()
    if request.param == "sync":
        with RecordingMuster() as muster:
            yield lambda method, /, *args, **fields: getattr(muster, method)(*args, **fields)
        return
    with asyncio.Runner() as runner:
        client = RecordingAsyncMuster()

        async def perform(method: str, /, *args: Any, **fields: Any) -> Any:
            answer = getattr(client, method)(*args, **fields)
            return await answer if inspect.isawaitable(answer) else [one async for one in answer]

        yield lambda method, /, *args, **fields: runner.run(perform(method, *args, **fields))
        runner.run(client.close())


def test_each_operation_is_a_method_that_works(call: Call, skill: str) -> None:
    agent = call(
        "register_agent", agent_id=skill, capabilities=[skill], max_concurrent_tasks=9, metadata={"kind": "test"}
    )
    assert (agent.state, agent.max_concurrent_tasks, agent.health.status) == ("active", 9, "healthy")
    assert [one.name for one in call("learn_capability", skill, f"{skill}-more", confidence=0.5).capabilities] == [
        skill,
        f"{skill}-more",
    ]
    assert call("get_agent", skill).metadata == {"kind": "test"}
    assert [one.agent_id for one in call("iter_agents", requirements=[skill])] == [skill]
    assert call("find_agents", requirements=[skill], available=True).agents[0].agent_id == skill

    mine: dict[str, Any] = {"requirements": [skill], "routing": "manual"}
    first = call("create_task", "first", title="The first", **mine)
    assert (first.status, first.title, first.created_at.tzinfo) == ("pending", "The first", UTC)
    second, refused = call(
        "create_tasks",
        [{"content": "second", "dependencies": [first.task_id], **mine}, {"content": "x", "dependencies": ["nobody"]}],
    ).results
    assert (second.task.status, second.error) == ("waiting", None)
    assert (refused.task, refused.error.code) == (None, "unknown_dependency")
    assert [one.task_id for one in call("iter_dependents", first.task_id)] == [second.task.task_id]
    assert call("list_dependents", first.task_id).next_cursor is None
    assert call("explain_task", second.task.task_id).state == "waiting_on_dependencies"
    assert call("route_task", first.task_id).selected_agent == skill
    assert call("poll_tasks", agent_id=skill, status="pending").tasks[0].task_id == first.task_id

    assert call("assign_task", first.task_id, skill).assigned_to == skill
    started = call("start_task", first.task_id, agent_id=skill)
    assert started.status == "running"
    beat = call("heartbeat_task", first.task_id, agent_id=skill, progress={"percent": 40, "message": "half"})
    assert beat.lease_expires_at > datetime.now(UTC)
    assert call("get_task", first.task_id).progress.message == "half"
    released = call("release_task", first.task_id, "not now", agent_id=skill, attempt=started.attempt, exclude=False)
    assert released.status == "pending"
    claimed = call("claim_tasks", skill, holding=[]).tasks[0]
    assert (claimed.task_id, claimed.attempt) == (first.task_id, 2)
    held = call("heartbeat_agent", skill, holding=[{"task_id": claimed.task_id, "attempt": claimed.attempt}])
    assert (held.leases[0].task_id, held.lost) == (first.task_id, [])
    done = call(
        "complete_task",
        first.task_id,
        result={"found": [1, None]},
        agent_id=skill,
        attempt=2,
        metrics={"duration_ms": 12},
    )
    assert (done.status, done.execution_duration_ms) == ("completed", 12)
    assert call("wait_for", first).result == {"found": [1, None]}

    until(lambda: call("get_task", second.task.task_id).status == "pending")
    [next_one] = call("claim_tasks", skill).tasks
    assert next_one.dependency_results[first.task_id].result == {"found": [1, None]}
    assert call("fail_task", next_one.task_id, "broken", should_retry=False, agent_id=skill).reason == "broken"
    assert call("retry_task", next_one.task_id).status == "pending"
    assert call("cancel_task", next_one.task_id, reason="enough").status == "cancelled"
    assert [
        one.task_id
        for one in call("iter_tasks", status="cancelled", created_after=datetime.now() - timedelta(hours=1))
        if one.task_id == next_one.task_id
    ]
    assert call("query_tasks", status=["failed", "cancelled"], limit=1).tasks

    graph = call(
        "submit_graph",
        [
            {"key": "a", "content": "A", **mine},
            {"key": "b", "content": "B", "dependencies": [{"key": "a", "on_failure": "run_anyway"}], **mine},
        ],
        title=skill,
    )
    assert [one.key for one in call("get_graph", graph.graph_id).tasks if one.dependencies] == ["b"]
    assert graph.graph_id in [one.graph_id for one in call("iter_graphs", limit=50)]
    assert call("list_graphs", limit=1).graphs
    assert call("retry_tasks", graph_id=graph.graph_id, dry_run=True).changed == 0
    assert call("cancel_tasks", graph_id=graph.graph_id, status="waiting", dry_run=True).changed == 1
    assert call("cancel_graph", graph.graph_id).changed == 2
    assert call("retry_graph", graph.graph_id).changed == 2

    assert call("update_agent_performance", skill, True, 5).total_completed == 2
    assert call("get_agent_health", skill).total_failed == 1
    assert call("drain_agent", skill).state == "draining"
    assert call("resume_agent", skill).state == "active"
    assert call("get_queue_statistics").per_minute
    assert call("get_agent_statistics").as_of.tzinfo == UTC
    assert call("get_routing_statistics").assignment_rate >= 0
    assert call("get_health").queue.total >= 0
    assert isinstance(call("get_recommendations").recommendations, list)
    assert call("recount").tasks >= 0

    key = call("create_key", "viewer", name=skill, expires_in_days=1)
    assert key.key.startswith("mst_")
    assert key.key_id in [one.key_id for one in call("iter_keys")]
    assert call("list_keys", limit=1).keys
    assert call("revoke_key", key.key_id).revoked_at is not None
    assert call("get_caller").role == "admin"
    assert call("openapi")["openapi"].startswith("3.")
    assert call("deregister_agent", skill).deregistered

    assert called == set(ROUTES)


def test_a_refusal_is_an_error_with_code_fields_and_hint(call: Call) -> None:
    with pytest.raises(MusterError) as refused:
        call("create_task", "", requirements=["no blanks"])
    error = refused.value
    assert (error.status, error.code, error.operation) == (422, "invalid_input", "create_task")
    assert {one.pointer for one in error.errors} == {"/content", "/requirements/0"}
    assert error.hint
    assert error.instance
    assert not error.is_temporary


def test_an_id_with_reserved_characters_stays_one_segment(call: Call) -> None:
    with pytest.raises(MusterError, match="not found"):
        call("get_agent", "ada@host:1")
    with pytest.raises(ValueError, match="get_task requires task_id"):
        call("get_task", "")


def test_waiting_has_an_end(call: Call, skill: str) -> None:
    task = call("create_task", "never done", requirements=[skill])
    with pytest.raises(TimeoutError, match=r"still pending after 0\.05 s"):
        call("wait_for", task.task_id, timeout=0.05)


def test_every_task_is_listed_once_page_by_page(call: Call, skill: str) -> None:
    # The requirement keeps the router from assigning them to agents of other tests.
    tasks = [call("create_task", f"task {number}", task_type=skill, requirements=[skill]) for number in range(5)]
    created = [task.task_id for task in tasks]
    listed = [one.task_id for one in call("iter_tasks", task_type=skill, limit=2)]
    assert sorted(listed) == sorted(created)
