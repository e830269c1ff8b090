"""Runs a handler: a coroutine function in the loop of the handlers, any other in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from .._tracing import Span
from ..models import ClaimedTask
from .context import Context

Handler: TypeAlias = Callable[[ClaimedTask, Context], Any]
"""Does one task. Returns the result, any JSON; a raised error fails the task, which is then retried."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a handler returned or raised."""

    result: Any = None
    error: BaseException | None = None


def begin(
    handler: Handler,
    context: Context,
    span: Span,
    loop: asyncio.AbstractEventLoop,
    on_end: Callable[[Ended], None],
) -> Callable[[], None]:
    """Starts a handler. Returns a function that cancels it: a coroutine is cancelled, a thread must check its context.

    Args:
        handler: What to run.
        context: The context of the task.
        span: The span it runs in.
        loop: The loop for coroutines.
        on_end: Called once, from any thread, with the outcome.
    """
    if _is_coroutine_function(handler):
        return _begin_coroutine(handler, context, span, loop, on_end)

    def work() -> None:
        try:
            with span.active():
                ended = Ended(handler(context.task, context))
        except BaseException as error:  # noqa: BLE001 -- a handler that calls sys.exit has failed
            ended = Ended(error=error)
        on_end(ended)

    # A daemon: one that never returns must not keep the process from ending when the agent has stopped.
    name = f"muster-{context.task.task_id}"
    threading.Thread(target=contextvars.copy_context().run, args=(work,), name=name, daemon=True).start()
    return lambda: None


def _begin_coroutine(
    handler: Handler,
    context: Context,
    span: Span,
    loop: asyncio.AbstractEventLoop,
    on_end: Callable[[Ended], None],
) -> Callable[[], None]:
    tasks: list[asyncio.Task[None]] = []

    async def work() -> None:
        try:
            with span.active():
                ended = Ended(await handler(context.task, context))
        except BaseException as error:  # noqa: BLE001 -- as above
            ended = Ended(error=error)
        on_end(ended)

    def start() -> None:
        if context.stopped is None:
            tasks.append(loop.create_task(work(), name=f"muster-{context.task.task_id}"))
        else:
            on_end(Ended(error=context.stopped))

    def cancel() -> None:
        for task in tasks:
            task.cancel()

    soon(loop, start)
    return lambda: soon(loop, cancel)


def soon(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *args: object) -> None:
    """Calls a function in a loop, from any thread; does nothing if the loop is closed."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args)


def _is_coroutine_function(handler: Handler) -> bool:
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)
