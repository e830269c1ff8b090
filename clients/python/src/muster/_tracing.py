"""OpenTelemetry spans, if ``opentelemetry-api`` is installed; otherwise nothing.

They follow its messaging conventions, with tasks as messages, like the spans of the other clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal, Protocol

from .models import ClaimedTask

try:
    from opentelemetry import trace
except ImportError:  # pragma: no cover -- the tests have it
    _is_installed = False
else:
    _is_installed = True

Kind = Literal["send", "process", "settle"]

# The operations that have spans: those that send tasks, and those that report outcomes.
_KINDS: dict[str, Kind] = {
    "create_task": "send",
    "create_tasks": "send",
    "submit_graph": "send",
    "complete_task": "settle",
    "fail_task": "settle",
    "release_task": "settle",
}


class Span(Protocol):
    """An open span."""

    @property
    def traceparent(self) -> str | None:
        """Its context, for child spans; None if nothing is traced."""

    def set(self, attributes: Mapping[str, Any]) -> None:
        """Sets the attributes that have a value."""

    def fail(self, error: BaseException) -> None:
        """Records an error."""

    def active(self) -> AbstractContextManager[object]:
        """Spans created within it are its children, even after it has ended."""

    def end(self) -> None:
        """Ends it."""


class _NoSpan:
    traceparent = None

    def set(self, attributes: Mapping[str, Any]) -> None:
        pass

    def fail(self, error: BaseException) -> None:
        pass

    def active(self) -> AbstractContextManager[object]:
        return nullcontext()

    def end(self) -> None:
        pass


class _OpenSpan:
    def __init__(self, operation: str, kind: Kind, destination: str | None, origin: str | None) -> None:
        creation = _context_of(origin)
        # Processing belongs to the trace of the task.
        parent = trace.set_span_in_context(trace.NonRecordingSpan(creation)) if creation and kind == "process" else None
        kinds = {"send": trace.SpanKind.PRODUCER, "process": trace.SpanKind.CONSUMER, "settle": trace.SpanKind.CLIENT}
        self._span = trace.get_tracer("muster").start_span(
            f"{operation} {destination}" if destination else operation,
            context=parent,
            kind=kinds[kind],
            links=[trace.Link(creation)] if creation else [],
        )
        self.set(
            {
                "messaging.system": "muster",
                "messaging.operation.name": operation,
                "messaging.operation.type": kind,
                "messaging.destination.name": destination,
            }
        )

    @property
    def traceparent(self) -> str | None:
        context = self._span.get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def set(self, attributes: Mapping[str, Any]) -> None:
        self._span.set_attributes({name: value for name, value in attributes.items() if value is not None})

    def fail(self, error: BaseException) -> None:
        self._span.record_exception(error)
        self._span.set_attribute("error.type", str(getattr(error, "code", type(error).__name__)))
        self._span.set_status(trace.StatusCode.ERROR)

    def active(self) -> AbstractContextManager[object]:
        return trace.use_span(self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False)

    def end(self) -> None:
        self._span.end()


def _start(operation: str, kind: Kind, destination: str | None, origin: str | None) -> Span:
    return _OpenSpan(operation, kind, destination, origin) if _is_installed else _NoSpan()


def start_process_span(task: ClaimedTask, agent_id: str, instance: str) -> Span:
    """The span of the work on a task."""
    span = _start("process", "process", task.task_type, task.traceparent)
    span.set(
        {
            "messaging.message.id": task.task_id,
            "messaging.consumer.group.name": agent_id,
            "messaging.client.id": instance,
            "muster.attempt": task.attempt,
        }
    )
    return span


def usage_in(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens that a handler has reported, named as in OpenTelemetry's generative AI conventions."""
    names = ("input_tokens", "output_tokens")
    return {f"gen_ai.usage.{name}": metrics[name] for name in names if isinstance(metrics.get(name), int | float)}


class TracedCall:
    """A call in a span, if it has one."""

    def __init__(self, span: Span, fields: Mapping[str, Any]) -> None:
        self._span = span
        self.fields = fields
        """Sent tasks continue the trace of the span, unless the caller names another."""

    def answered(self, answer: object) -> None:
        """Records the created task."""
        self._span.set({"messaging.message.id": getattr(answer, "task_id", None)})


@contextmanager
def traced(operation: str, fields: Mapping[str, Any]) -> Iterator[TracedCall]:
    """Performs a call in a span, if its operation has one. An error is recorded."""
    kind = _KINDS.get(operation)
    if kind is None or not _is_installed or fields.get("dry_run"):
        yield TracedCall(_NoSpan(), fields)
        return
    tasks = fields.get("tasks")
    span = _start(operation, kind, fields.get("task_type"), fields.get("traceparent"))
    span.set(
        {
            "messaging.message.id": fields.get("task_id"),
            "messaging.batch.message_count": None if tasks is None else len(tasks),
        }
    )
    names_trace = kind == "send" and fields.get("traceparent") is None and span.traceparent is not None
    try:
        with span.active():
            yield TracedCall(span, {**fields, "traceparent": span.traceparent} if names_trace else fields)
    except BaseException as error:
        span.fail(error)
        raise
    finally:
        span.end()


def _context_of(traceparent: str | None) -> trace.SpanContext | None:
    _, trace_id, span_id, flags, *_ = [*(traceparent or "").split("-"), "", "", ""]
    if (len(trace_id), len(span_id)) != (32, 16):
        return None
    return trace.SpanContext(int(trace_id, 16), int(span_id, 16), True, trace.TraceFlags(int(flags, 16)))
