"""One trace covers the caller, the agent that did the work, and the report."""

from __future__ import annotations

import asyncio

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from test_worker import agent_of, running

from muster import Agent, ClaimedTask, Context, Muster, MusterError

exporter = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def provider() -> None:
    """OpenTelemetry takes one provider for the whole process."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


@pytest.fixture(autouse=True)
def _no_spans() -> None:
    exporter.clear()


def named(name: str) -> ReadableSpan:
    [span] = [one for one in exporter.get_finished_spans() if one.name == name]
    return span


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_task_is_one_trace_from_its_creation_to_its_report(muster: Muster, skill: str, kind: str) -> None:
    agent = agent_of(skill)

    def work(_task: ClaimedTask, ctx: Context) -> None:
        ctx.metrics(input_tokens=7, output_tokens=9)
        with trace.get_tracer("test").start_as_current_span("chat"):
            pass

    async def work_in_loop(task: ClaimedTask, ctx: Context) -> None:
        await asyncio.sleep(0)
        work(task, ctx)

    agent.task("summary")(work if kind == "sync" else work_in_loop)
    with trace.get_tracer("test").start_as_current_span("program"):
        task = muster.create_task("x", task_type="summary", requirements=[skill])
    with running(agent):
        muster.wait_for(task, timeout=45)

    program, created, process, chat, report = map(
        named, ("program", "create_task summary", "process summary", "chat", "complete_task")
    )
    parents = [(one.parent.span_id if one.parent else None) for one in (created, process, chat, report)]
    assert parents == [one.context.span_id for one in (program, created, process, process)]
    assert {one.context.trace_id for one in (program, created, process, chat, report)} == {program.context.trace_id}
    assert (created.kind, process.kind, report.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.CLIENT)
    assert [link.context.span_id for link in process.links] == [created.context.span_id]
    attributes = dict(process.attributes or {})
    assert len(str(attributes.pop("messaging.client.id"))) == 10
    assert attributes == {
        "messaging.system": "muster",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "summary",
        "messaging.message.id": task.task_id,
        "messaging.consumer.group.name": skill,
        "muster.attempt": 1,
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 9,
    }
    assert dict(created.attributes or {})["messaging.message.id"] == task.task_id


def test_what_fails_is_noted_with_its_code(muster: Muster, skill: str) -> None:
    with pytest.raises(MusterError):
        muster.create_task("")
    refused = named("create_task")
    assert refused.status.status_code == StatusCode.ERROR
    assert dict(refused.attributes or {})["error.type"] == "invalid_input"

    agent: Agent = agent_of(skill)

    @agent.task()
    def fail(_task: ClaimedTask, _ctx: Context) -> None:
        raise RuntimeError("broken")

    task = muster.create_task("x", requirements=[skill], max_attempts=1)
    with running(agent):
        muster.wait_for(task, timeout=45)
    failed = named("process general")
    assert failed.status.status_code == StatusCode.ERROR
    assert dict(failed.attributes or {})["error.type"] == "RuntimeError"
    assert [event.name for event in failed.events] == ["exception"]
    assert named("fail_task").parent is not None


def test_a_trace_that_the_caller_names_is_kept_and_linked_to(muster: Muster, skill: str) -> None:
    traceparent = f"00-{'a' * 32}-{'b' * 16}-01"
    task = muster.create_task("x", task_type="named", requirements=[skill], traceparent=traceparent)
    assert task.traceparent == traceparent
    assert [link.context.span_id for link in named("create_task named").links] == [int("b" * 16, 16)]
    assert muster.submit_graph([{"key": "a", "content": "x", "requirements": [skill]}], dry_run=True).order == ["a"]
    assert not [one for one in exporter.get_finished_spans() if one.name == "submit_graph"]
