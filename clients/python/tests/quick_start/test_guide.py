"""The quick-start guide, line for line, on a Muster that nothing else uses."""

from __future__ import annotations

import ast
import asyncio
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from guide import FILE, Guide, reading
from mcp.client import Client
from mcp.server import MCPServer
from mcp.types import TextContent
from waiting import until

from muster import MusterError
from muster.orchestration import TaskId, TaskQueue

if "MUSTER_OF_GUIDE" not in os.environ:
    pytest.skip("MUSTER_OF_GUIDE is not set: this Muster may have other agents and tasks.", allow_module_level=True)


@pytest.fixture(scope="module")
def guide() -> Iterator[Guide]:
    """The guide, as far as the tests have run it."""
    with reading() as guide:
        yield guide


@pytest.fixture(scope="module")
def finished(guide: Guide) -> Guide:
    """The guide, after its last block."""
    guide.run(guide.blocks[-1].heading)
    return guide


def test_all_its_blocks_are_run(guide: Guide) -> None:
    assert [block.heading for block in guide.blocks] == [
        "1. Basic Setup",
        "2. Register Agents",
        "3. Create Tasks",
        "4. Route Tasks to Agents",
        "5. Execute Tasks",
        "6. Monitor Queue and Agents",
        "7. Query Tasks",
        "8. Agent Learning",
        "9. Priority and Dependencies",
        "10. Using with MCP Tools",
        "Pattern 1: Simple Task Execution",
        "Pattern 2: Load Balancing",
        "Pattern 3: Retry on Failure",
        "Pattern 4: Skill Specialization",
        "No capable agents available",
        "Agent not being selected despite capability",
        "Task stuck in assigned state",
    ]


def test_section_2_registers_agents_with_their_maximum(guide: Guide) -> None:
    guide.run("2. Register Agents")
    assert guide.agent_registry.get_agent_capability("researcher_bot") == ["python", "research", "web"]
    assert guide.agent_registry.get_agent_health("researcher_bot")["max_concurrent_tasks"] == 5
    assert guide.agent_registry.get_agent_health("analysis_bot")["max_concurrent_tasks"] == 3


def test_section_3_creates_a_task_and_one_that_depends_on_it(guide: Guide) -> None:
    guide.run("3. Create Tasks")
    research = guide.task_queue.get_task_status(guide.task_id)
    assert (research.id, research.status, research.task_type, research.priority, research.requirements) == (
        guide.task_id,
        "pending",
        "research",
        "high",
        ["python", "web"],
    )
    analysis = guide.task_queue.get_task_status(guide.analysis_task)
    assert (analysis.status, analysis.priority, analysis.dependencies) == ("waiting", "medium", [guide.task_id])
    assert isinstance(guide.task_id, TaskId)
    assert guide.task_id.id == guide.task_id


def test_section_4_routes_to_the_capable_agent(guide: Guide) -> None:
    assert guide.run("4. Route Tasks to Agents") == "Routed to: researcher_bot\n"
    assigned = guide.task_queue.get_task_status(guide.task_id)
    assert (assigned.status, assigned.assigned_to) == ("assigned", "researcher_bot")


def test_section_5_executes_the_task_and_counts_it_once(guide: Guide) -> None:
    guide.run("5. Execute Tasks")
    assert [task.id for task in guide.assigned_tasks] == [guide.task_id]
    done = guide.task_queue.get_task_status(guide.task_id)
    assert (done.status, done.result) == ("completed", "Found 5 important patterns...")
    assert done.metrics == {"duration_ms": 2500, "rows_processed": 100}
    health = guide.agent_registry.get_agent_health("researcher_bot")
    assert (health["total_completed"], health["total_failed"], health["avg_completion_ms"]) == (1, 0, 2500)


def test_section_6_prints_the_statistics(guide: Guide) -> None:
    guide.run("5. Execute Tasks")
    until(lambda: _counts(guide) == (1, 0, 0, 1))
    *lines, skills = guide.run("6. Monitor Queue and Agents").splitlines()
    assert lines == [
        "Pending: 1",
        "Assigned: 0",
        "Running: 0",
        "Completed: 1",
        "Failed: 0",
        "Success rate: 100.0%",
        "Success rate: 100.0%",
        "Avg time: 2500ms",
        "Status: healthy",
        "Total agents: 2",
        "Avg success: 100.0%",
    ]
    assert ast.literal_eval(skills.removeprefix("Skills: ")) == {
        "python": 2,
        "web": 1,
        "research": 1,
        "data_analysis": 1,
        "visualization": 1,
    }


def test_section_7_finds_tasks_by_status_agent_and_time(guide: Guide) -> None:
    guide.run("6. Monitor Queue and Agents")
    until(lambda: guide.task_queue.query_tasks({"status": "completed"}))
    guide.run("7. Query Tasks")
    assert guide.pending_research == []
    assert [task.id for task in guide.agent_work] == [guide.task_id]
    assert [task.id for task in guide.recent_work] == [guide.task_id]


def test_section_8_routes_to_the_agent_that_has_learned(guide: Guide) -> None:
    guide.run("8. Agent Learning")
    assert guide.agent == "researcher_bot"
    assert "machine_learning" in guide.agent_registry.get_agent_capability("researcher_bot")
    [candidate] = guide.router.recommend(guide.ml_task).candidates
    assert candidate.confidence == 0.8


def test_section_9_has_high_priority_first_and_steps_that_wait(guide: Guide) -> None:
    printed = guide.run("9. Priority and Dependencies")
    assert printed == f"Depends on: ['{guide.step1}']\nStatus: waiting\n"
    polled = guide.task_queue.poll_tasks(agent_id="researcher_bot", status="pending")
    assert [task.priority for task in polled] == ["high", "high", "medium"]
    assert polled[0].id == guide.urgent
    with pytest.raises(MusterError) as refused:
        guide.task_queue.assign_task(guide.step2, "researcher_bot")
    assert refused.value.code == "not_pending"

    guide.task_queue.assign_task(guide.step1, "analysis_bot")
    guide.task_queue.start_task(guide.step1)
    guide.task_queue.complete_task(guide.step1)
    until(lambda: guide.task_queue.get_task_status(guide.step2).status == "pending")
    assert guide.task_queue.get_task_status(guide.step3).status == "waiting"


def test_section_10_registers_18_tools_that_use_the_same_objects(guide: Guide) -> None:
    guide.run("10. Using with MCP Tools")
    server = MCPServer("guide")
    guide.setup_mcp_server(server)
    asyncio.run(_use_tools(server))
    assert guide.agent_registry.get_agent_health("tool_bot")["total_completed"] == 1
    guide.agent_registry.deregister_agent("tool_bot")


async def _use_tools(server: MCPServer) -> None:
    async with Client(server) as client:
        unused = {tool.name.removeprefix("orchestration_") for tool in (await client.list_tools()).tools}
        assert len(unused) == 18

        async def use(tool: str, **arguments: Any) -> Any:
            unused.discard(tool)
            result = await client.call_tool(f"orchestration_{tool}", arguments)
            [content] = result.content
            assert isinstance(content, TextContent)
            assert not result.is_error, content.text
            return result.structured_content

        await use("register_agent", agent_id="tool_bot", capabilities=["tools"])
        assert await use("find_capable_agents", requirements=["tools"]) == {"agents": ["tool_bot"]}
        task = await use("create_task", content="Use the tools", requirements=["tools"], priority="high")
        task_id = task["task_id"]
        assert task["status"] == "pending"
        assert (await use("route_task", task_id=task_id))["selected_agent"] == "tool_bot"
        await use("assign_task", task_id=task_id, agent_id="tool_bot")
        assert (await use("poll_tasks", agent_id="tool_bot", status="assigned"))["count"] == 1
        assert (await use("start_task", task_id=task_id))["status"] == "running"
        failed = await use("fail_task", task_id=task_id, error="broken")
        assert (failed["status"], failed["retry_count"], failed["assigned_to"]) == ("pending", 1, None)
        await use("assign_task", task_id=task_id, agent_id="tool_bot")
        await use("start_task", task_id=task_id)
        done = await use("complete_task", task_id=task_id, result={"found": None}, metrics={"duration_ms": 5})
        assert done["status"] == "completed"
        assert (await use("get_task_status", task_id=task_id))["result"] == {"found": None}
        health = await use("update_agent_performance", agent_id="tool_bot", success=True, duration_ms=5)
        assert (health["total_completed"], health["total_failed"]) == (1, 1)
        assert (await use("get_agent_health", agent_id="tool_bot"))["avg_completion_ms"] == 5
        assert (await use("get_agent_health"))["total_agents"] == 3
        assert (await use("query_tasks", status="pending", priority="critical", limit=1))["tasks"] == []
        assert (await use("get_queue_metrics"))["success_rate"] > 0
        assert (await use("get_routing_stats"))["should_rebalance"] is False
        assert (await use("get_health"))["queue"]["total"] >= 0
        assert isinstance((await use("get_recommendations"))["recommendations"], list)
        await use("register_agent", agent_id="other_tool_bot", capabilities=[])
        assert (await use("deregister_agent", agent_id="other_tool_bot"))["deregistered"]
        assert unused == set()

        refused = await client.call_tool("orchestration_start_task", {"task_id": task_id})
        [content] = refused.content
        assert isinstance(content, TextContent)
        assert refused.is_error
        assert "already_ended" in content.text


def test_pattern_1_executes_a_task(guide: Guide) -> None:
    guide.run("Pattern 1: Simple Task Execution")
    done = guide.task_queue.get_task_status(guide.task_id)
    assert (done.status, done.task_type, done.result) == ("completed", "analysis", "Processed 1000 records")
    assert (guide.agent, done.assigned_to) == ("analysis_bot", "analysis_bot")


def test_pattern_2_prefers_the_agent_with_free_slots(guide: Guide) -> None:
    assert guide.run("Pattern 2: Load Balancing") == ""
    _agent_with(guide, "agent_1", slots=10, completed=19, failed=1, holding=10)
    _agent_with(guide, "agent_2", slots=8, completed=4, failed=1, holding=2)
    task = guide.task_queue.create_task("Balance", requirements=["balancing"])
    found = guide.router.recommend(task)
    candidates = {one.agent_id: (one.success_rate, one.score, one.available) for one in found.candidates}
    # With few outcomes the rate is adjusted upward: 6 of 7 instead of 4 of 5.
    assert candidates == {"agent_1": (0.95, 0, False), "agent_2": (0.8, pytest.approx(6 / 7 * 0.75), True)}
    assert guide.router.route_task(task) == "agent_2"
    assert guide.router.route_task(task, exclude_agents=["agent_2"]) is None
    assert guide.router.should_rebalance()
    for agent_id in ("agent_1", "agent_2"):
        guide.agent_registry.deregister_agent(agent_id)
    assert not guide.router.should_rebalance()


def test_pattern_3_runs_a_task(guide: Guide) -> None:
    guide.run("Pattern 3: Retry on Failure")
    running = guide.task_queue.get_task_status(guide.task_id)
    assert (running.status, running.assigned_to) == ("running", "analysis_bot")


def test_pattern_4_matches_specialists(guide: Guide) -> None:
    guide.run("Pattern 4: Skill Specialization")
    assert (guide.nlp_agent, guide.vision_agent) == ("nlp_expert", "vision_expert")
    assert guide.task_queue.get_task_status(guide.nlp_task).task_type == "general"


def test_troubleshooting_shows_what_is_required_and_what_agents_can_do(guide: Guide) -> None:
    first, *others = guide.run("No capable agents available").splitlines()
    assert first == "Required: ['python']"
    assert sorted(others) == [
        "analysis_bot: ['data_analysis', 'python', 'visualization']",
        "data_expert: ['data_analysis', 'sql']",
        "nlp_expert: ['analysis', 'nlp']",
        "researcher_bot: ['machine_learning', 'python', 'research', 'web']",
        "vision_expert: ['analysis', 'cv']",
    ]
    assert guide.agent_registry.get_agent_capability("new_bot") == ["python"]


def test_troubleshooting_a_healthy_agent_prints_nothing(guide: Guide) -> None:
    assert guide.run("Agent not being selected despite capability") == ""


def test_troubleshooting_a_running_task_is_not_started_again(guide: Guide) -> None:
    assert guide.run("Task stuck in assigned state") == "Status: running\nAssigned to: analysis_bot\n"
    assert guide.task_queue.get_task_status(guide.task_id).attempt == 1


# The guide's branches that its own run does not take.


def test_section_4_without_a_capable_agent(finished: Guide) -> None:
    task_id = finished.task_queue.create_task("Fly", requirements=["wings"])
    assert finished.run_again("4. Route Tasks to Agents", task_id=task_id) == "No capable agents available\n"
    assert finished.task_queue.get_task_status(task_id).status == "pending"


def test_section_5_fails_a_task_and_counts_it_once(finished: Guide) -> None:
    class BrokenQueue(TaskQueue):
        def complete_task(self, *_args: object, **_fields: object) -> Any:
            raise ConnectionError("The connection was reset.")

    before = finished.agent_registry.get_agent_health("researcher_bot")
    task_id = finished.task_queue.create_task("Break", requirements=["research"])
    finished.task_queue.assign_task(task_id, "researcher_bot")
    finished.run_again("5. Execute Tasks", task_queue=BrokenQueue(finished.db))
    failed = finished.task_queue.get_task_status(task_id)
    assert (failed.status, failed.retry_count, failed.assigned_to) == ("pending", 1, None)
    assert failed.history[-1].reason == "failed: The connection was reset."
    after = finished.agent_registry.get_agent_health("researcher_bot")
    assert after["total_failed"] == before["total_failed"] + 1


def test_work_outside_the_queue_counts(finished: Guide) -> None:
    finished.agent_registry.register_agent("outside_bot", ["outside"])
    for _ in range(2):
        finished.agent_registry.update_agent_performance("outside_bot", success=True, duration_ms=100)
    assert finished.agent_registry.get_agent_health("outside_bot")["total_completed"] == 2


def test_pattern_3_after_a_temporary_error_the_task_can_be_reassigned(finished: Guide) -> None:
    task_id = _failed_by(finished, "TemporaryError")
    assert finished.task_queue.get_task_status(task_id).status == "pending"
    assert finished.task_queue.assign_task(task_id, "researcher_bot").attempt == 2


def test_pattern_3_after_a_permanent_error_the_task_stays_failed(finished: Guide) -> None:
    failed = finished.task_queue.get_task_status(_failed_by(finished, "PermanentError"))
    assert (failed.status, failed.error) == ("failed", "The connection was reset.")


def test_troubleshooting_an_agent_that_fails(finished: Guide) -> None:
    _agent_with(finished, "agent_id", slots=1, completed=1, failed=3, holding=0)
    edit = ('"researcher_bot"', '"agent_id"')
    printed = finished.run_again("Agent not being selected despite capability", edit)
    assert printed == "Agent has low success rate\nAgent is degraded\n"


def test_troubleshooting_a_task_that_was_never_started(finished: Guide) -> None:
    task_id = finished.task_queue.create_task("Start me", requirements=["sql"])
    finished.task_queue.assign_task(task_id, "data_expert")
    printed = finished.run_again("Task stuck in assigned state", task_id=task_id)
    assert printed == "Status: assigned\nAssigned to: data_expert\n"
    assert finished.task_queue.get_task_status(task_id).status == "running"


def test_a_report_for_an_attempt_that_was_lost_is_refused(finished: Guide) -> None:
    task_id = finished.task_queue.create_task("Fenced", requirements=["research"])
    finished.task_queue.assign_task(task_id, "researcher_bot")
    finished.task_queue.start_task(task_id)
    other = TaskQueue(finished.db)
    other.fail_task(task_id, ValueError("lost"))
    other.assign_task(task_id, "researcher_bot")
    other.start_task(task_id)
    with pytest.raises(MusterError) as refused:
        finished.task_queue.complete_task(task_id)
    assert refused.value.code == "stale_attempt"
    other.complete_task(task_id)


def test_the_set_up_in_the_docs_runs() -> None:
    docs = FILE.parents[4] / "docs" / "quick-start.md"
    [(_, text)] = re.findall(r"^```(python)\n(.*?)^```$", docs.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(text, names)
    assert names["task_queue"].query_tasks({"status": "blocked"}) == []
    names["muster"].close()


def _counts(guide: Guide) -> tuple[int, int, int, int]:
    """The numbers of pending, assigned, running and completed tasks. Statistics lag by a moment."""
    found = guide.task_queue.get_queue_statistics()
    return found.pending_count, found.assigned_count, found.running_count, found.completed_count


def _agent_with(guide: Guide, agent_id: str, *, slots: int, completed: int, failed: int, holding: int) -> None:
    """Registers an agent with this record, that has this many tasks."""
    guide.agent_registry.register_agent(agent_id, ["balancing"], metadata={"max_concurrent_tasks": slots})
    for number in range(completed + failed):
        guide.agent_registry.update_agent_performance(agent_id, success=number < completed, duration_ms=1000)
    for _ in range(holding):
        task_id = guide.task_queue.create_task("Hold", requirements=["balancing"])
        guide.task_queue.assign_task(task_id, agent_id)


def _failed_by(guide: Guide, error: str) -> TaskId:
    """The task of pattern 3, whose execution raises an error."""
    created: list[TaskId] = []

    class RecordingQueue(TaskQueue):
        def create_task(self, *args: Any, **fields: Any) -> TaskId:
            created.append(super().create_task(*args, **fields))
            return created[-1]

    edit = ("    pass\n", f"    raise {error}\n")
    guide.run_again("Pattern 3: Retry on Failure", edit, task_queue=RecordingQueue(guide.db), agent="researcher_bot")
    [task_id] = created
    return task_id
