"""What an agent does with its tasks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from waiting import until

from muster import (
    Agent,
    AsyncMuster,
    AttemptStopped,
    ClaimedTask,
    Context,
    Muster,
    MusterError,
    NotMe,
    PermanentError,
    Task,
)


@contextmanager
def running(agent: Agent) -> Iterator[None]:
    """Runs the agent in a thread until the end of the block."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            agent.run()
        except BaseException as error:  # noqa: BLE001 -- raised below
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        agent.stop()
        thread.join(30)
        assert not thread.is_alive()
    if raised:
        raise raised[0]


def agent_of(skill: str, **options: Any) -> Agent:
    return Agent(skill, capabilities=[skill], **{"max_poll": 0.05, "heartbeat": 0.1, "grace": 0, **options})


@dataclass
class Draft:
    text: str
    words: int


def test_what_a_handler_returns_is_the_result(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)

    @agent.task("async")
    async def in_loop(task: ClaimedTask, _: Context) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"said": task.content}

    @agent.task("sync")
    def in_thread(task: ClaimedTask, _: Context) -> Draft:
        return Draft(task.content, len(task.content.split()))

    @agent.task()
    def others(task: ClaimedTask, _: Context) -> None:
        assert task.task_type == "something"

    with running(agent):
        tasks = [
            muster.create_task("a b", task_type=kind, requirements=[skill]) for kind in ("async", "sync", "something")
        ]
        results = [muster.wait_for(task, timeout=45) for task in tasks]
    assert [(one.status, one.result, one.attempt) for one in results] == [
        ("completed", {"said": "a b"}, 1),
        ("completed", {"text": "a b", "words": 2}, 1),
        ("completed", None, 1),
    ]


class Broken(Mapping[str, int]):
    """Cannot be serialized: reading it raises an error."""

    def __getitem__(self, name: str) -> int:
        raise LookupError(f"no {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(["page"])

    def __len__(self) -> int:
        return 1


def test_what_a_handler_raises_says_what_becomes_of_the_task(muster: Muster, skill: str) -> None:
    heard: list[str] = []
    agent = agent_of(skill, on_error=lambda error, task: heard.append(f"{task.content}: {error}"))

    @agent.task()
    def handle(task: ClaimedTask, _: Context) -> object:
        match task.content:
            case "permanent":
                raise PermanentError("It cannot be done.")
            case "error":
                raise RuntimeError("It went wrong.")
            case "not me":
                raise NotMe("It is for others.")
            case "exit":
                raise SystemExit(1)
            case "broken":
                return Broken()
            case _:
                return object()

    with running(agent):

        def create(content: str) -> Task:
            return muster.create_task(content, requirements=[skill], max_attempts=1)

        tasks = {content: create(content) for content in ("permanent", "error", "exit", "unusable", "broken")}
        errors = {content: muster.wait_for(task, timeout=45).error for content, task in tasks.items()}
        given_back = create("not me")
        until(lambda: muster.get_task(given_back.task_id).history[-1].reason == "released: It is for others.")
    assert errors == {
        "permanent": "It cannot be done.",
        "error": "It went wrong.",
        "exit": "1",
        "unusable": "The result was refused: object cannot be written as JSON",
        "broken": "The result was refused: no page",
    }
    after = muster.get_task(given_back.task_id)
    assert (after.status, after.retry_count) == ("pending", 0)
    assert sorted(heard) == ["error: It went wrong.", "exit: 1", "permanent: It cannot be done."]


def test_metrics_that_are_too_large_are_left_out_of_the_report(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)

    @agent.task()
    def handle(task: ClaimedTask, ctx: Context) -> str:
        ctx.metrics(note="x" * 5_000)
        if task.content == "error":
            raise PermanentError("It cannot be done.")
        return "the result"

    with running(agent):
        completed = muster.create_task("result", requirements=[skill])
        failed = muster.create_task("error", requirements=[skill])
        assert muster.wait_for(completed, timeout=45).result == "the result"
        assert muster.wait_for(failed, timeout=45).error == "It cannot be done."


def test_a_handler_has_dependencies_and_reports_progress_and_metrics(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)
    may_end = threading.Event()

    @agent.task("first")
    async def first(_task: ClaimedTask, _: Context) -> int:
        return 20

    @agent.task("second")
    def second(_task: ClaimedTask, ctx: Context) -> int:
        ctx.metrics(input_tokens=7, model="small")
        ctx.progress(49.6, "drafting")
        may_end.wait(45)
        ctx.metrics(input_tokens=8)
        [dependency] = ctx.dependency_results.values()
        return int(dependency.result) + 22

    with running(agent):
        one = muster.create_task("one", task_type="first", requirements=[skill])
        two = muster.create_task("two", task_type="second", requirements=[skill], dependencies=[one.task_id])
        until(lambda: muster.get_task(two.task_id).progress)
        progress = muster.get_task(two.task_id).progress
        may_end.set()
        done = muster.wait_for(two, timeout=45)
    assert progress is not None
    assert (progress.percent, progress.message) == (50, "drafting")
    assert (done.result, done.metrics) == (42, {"input_tokens": 8, "model": "small"})


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_heartbeats_go_on_whatever_a_handler_blocks(muster: Muster, skill: str, kind: str) -> None:
    agent = agent_of(skill)
    may_end = threading.Event()

    def block(_task: ClaimedTask, _: Context) -> None:
        assert may_end.wait(45)

    async def block_the_loop(task: ClaimedTask, ctx: Context) -> None:
        block(task, ctx)

    agent.task()(block if kind == "sync" else block_the_loop)
    with running(agent):
        task = muster.create_task("x", requirements=[skill])
        until(lambda: muster.get_task(task.task_id).status == "running")
        leases: set[datetime | None] = set()

        def is_renewed() -> bool:
            leases.add(muster.get_task(task.task_id).lease_expires_at)
            return len(leases) > 3

        until(is_renewed)
        may_end.set()
        assert muster.wait_for(task, timeout=45).attempt == 1


def test_cancellation_reaches_handlers(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)
    noticed: dict[str, str] = {}

    @agent.task("async")
    async def in_loop(_task: ClaimedTask, ctx: Context) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            noticed["async"] = str(ctx.stopped)

    @agent.task("progress")
    def reporting(_task: ClaimedTask, ctx: Context) -> None:
        try:
            while True:
                ctx.progress(1)
                time.sleep(0.01)
        except AttemptStopped as stopped:
            noticed["progress"] = stopped.code
            raise

    @agent.task("event")
    def waiting(_task: ClaimedTask, ctx: Context) -> None:
        ctx.cancelled.wait()
        with pytest.raises(AttemptStopped):
            ctx.raise_if_cancelled()
        noticed["event"] = "cancelled"

    with running(agent):
        tasks = [
            muster.create_task("x", task_type=kind, requirements=[skill]) for kind in ("async", "progress", "event")
        ]
        until(lambda: all(muster.get_task(task.task_id).status == "running" for task in tasks))
        for task in tasks:
            muster.cancel_task(task.task_id)
        until(lambda: len(noticed) == 3)
        # Their slots are free.
        others = [muster.create_task("x", task_type="async", requirements=[skill]) for _ in range(5)]
        until(lambda: all(muster.get_task(task.task_id).status == "running" for task in others))
    assert (noticed["progress"], noticed["event"]) == ("cancelled", "cancelled")
    assert all(muster.get_task(task.task_id).status == "cancelled" for task in tasks)
    # On a busy machine an agent ends before its last requests are answered.
    until(lambda: all(muster.get_task(task.task_id).status == "pending" for task in others))


def test_a_task_that_exceeds_its_time_has_failed(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)

    @agent.task()
    async def sleep(_task: ClaimedTask, _: Context) -> None:
        await asyncio.Event().wait()

    with running(agent):
        task = muster.create_task("x", requirements=[skill], timeout_seconds=1, max_attempts=1)
        assert muster.wait_for(task, timeout=45).error == "Exceeded timeout_seconds (1)."


def test_no_more_tasks_at_the_same_time_than_it_may(muster: Muster, skill: str) -> None:
    agent = agent_of(skill, max_concurrent_tasks=3)
    lock = threading.Lock()
    now, most = 0, 0

    @agent.task()
    def count(_task: ClaimedTask, _: Context) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        until(lambda: most == 3)
        with lock:
            now -= 1

    with running(agent):
        tasks = muster.create_tasks([{"content": "x", "requirements": [skill]} for _ in range(12)]).results
        for one in tasks:
            assert one.task is not None
            assert muster.wait_for(one.task, timeout=45).attempt == 1
    assert most == 3


def test_what_runs_when_it_stops_may_end_within_the_grace_period(muster: Muster, skill: str) -> None:
    agent = agent_of(skill, grace=45)
    begun, may_end = threading.Event(), threading.Event()

    @agent.task()
    def handle(_task: ClaimedTask, _: Context) -> str:
        begun.set()
        assert may_end.wait(45)
        return "done"

    with running(agent):
        task = muster.create_task("x", requirements=[skill])
        assert begun.wait(45)
        agent.stop()
        until(lambda: muster.get_agent(skill).state == "left")
        may_end.set()
        assert muster.wait_for(task, timeout=45).result == "done"


def test_stopped_while_it_registers_it_does_not_keep_its_id_from_the_next_process(
    muster: Muster, skill: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = AsyncMuster.register_agent
    asked, may_go_on = threading.Event(), threading.Event()

    async def slowly(self: AsyncMuster, *args: Any, **fields: Any) -> Any:
        asked.set()
        await asyncio.to_thread(may_go_on.wait, 45)
        return await register(self, *args, **fields)

    monkeypatch.setattr(AsyncMuster, "register_agent", slowly)
    agent = agent_of(skill)
    agent.task()(lambda _task, _context: None)
    with running(agent):
        assert asked.wait(45)
        agent.stop()
        may_go_on.set()
    until(lambda: muster.get_agent(skill).state == "left")


def test_in_the_loop_of_a_program_until_it_is_cancelled(muster: Muster, skill: str) -> None:
    agent = agent_of(skill)
    loops: list[asyncio.AbstractEventLoop] = []
    begun = asyncio.Event()

    @agent.task()
    async def handle(_task: ClaimedTask, _: Context) -> None:
        loops.append(asyncio.get_running_loop())
        begun.set()
        await asyncio.Event().wait()

    async def program() -> asyncio.AbstractEventLoop:
        working = asyncio.create_task(agent.run_async())
        await asyncio.wait_for(begun.wait(), 45)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        return asyncio.get_running_loop()

    task = muster.create_task("x", requirements=[skill])
    assert asyncio.run(program()) in loops
    until(lambda: muster.get_task(task.task_id).status == "pending")
    assert muster.get_task(task.task_id).retry_count == 0


def test_an_agent_that_is_refused_says_why(skill: str) -> None:
    agent = agent_of(skill, key="mst_nobody")
    agent.task()(lambda _task, _ctx: None)
    with pytest.raises(MusterError, match="invalid_key"):
        agent.run()
    with pytest.raises(ValueError, match="There is a handler for 'report' already"):
        agent.task("report", "report")(lambda _task, _ctx: None)
    with pytest.raises(ValueError, match="The agent has no handler"):
        agent_of(skill).run()
