"""One attempt of a task by an agent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .._tracing import Span, start_process_span
from ..models import ClaimedTask
from .context import Context
from .errors import AttemptStopped, NotMe, PermanentError, StopCause
from .execution import Ended, Handler, begin, soon
from .identity import Identity
from .text import message_of

WHY_STOPPED = "The agent is stopping."
"""The reason for releasing a task when its agent stops."""


@dataclass(frozen=True, slots=True)
class Completed:
    """There is a result."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """There is an error."""

    error: BaseException
    should_retry: bool


@dataclass(frozen=True, slots=True)
class Released:
    """Not done by this agent, or not now; in the latter case it ``may_return``."""

    reason: str
    may_return: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """There is nothing to report: the agent no longer holds the task."""


Outcome: TypeAlias = Completed | Failed | Released | Lost


class Run:
    """One attempt of a task. Belongs to the loop of the agent."""

    def __init__(self, task: ClaimedTask, identity: Identity, report: Callable[[Run, float, str | None], None]) -> None:
        self.task = task
        self.phase: Literal["working", "reporting", "over"] = "working"
        """``working``, then ``reporting``: the agent holds the task. ``over``: it does not."""
        self.span: Span = start_process_span(task, identity.agent_id, identity.instance)
        self._loop = asyncio.get_running_loop()
        self.context = Context(task, lambda percent, message: self._soon(report, self, percent, message))
        self._stopped: asyncio.Future[AttemptStopped] = self._loop.create_future()
        self.returned = asyncio.Event()
        """Set when the handler has returned."""
        self.returned.set()

    def __str__(self) -> str:
        return f"task {self.task.task_id}, attempt {self.task.attempt}"

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics added by the handler."""
        return self.context.measured

    @property
    def lease(self) -> float:
        """The duration of the initial lease in seconds."""
        task = self.task
        return math.inf if task.started_at is None else (task.lease_expires_at - task.started_at).total_seconds()

    def stop(self, code: StopCause, why: str) -> None:
        """The work is no longer needed. A result that already exists is still reported."""
        if self.phase == "working" and not self._stopped.done():
            self._stopped.set_result(AttemptStopped(code, why))

    def lose(self, code: str, why: str) -> None:
        """Muster refuses the attempt: the task was reassigned, cancelled or deleted."""
        self.stop("cancelled" if code == "task_cancelled" else "lost", why)

    async def perform(self, handler: Handler, handlers_loop: asyncio.AbstractEventLoop) -> Outcome:
        """Runs the handler until it finishes or is stopped."""
        worked: asyncio.Future[Ended] = self._loop.create_future()

        def on_end(ended: Ended) -> None:
            worked.set_result(ended)
            self.returned.set()

        self.returned.clear()
        cancel = begin(handler, self.context, self.span, handlers_loop, lambda ended: self._soon(on_end, ended))
        seconds = self.task.timeout_seconds
        timer = self._loop.call_later(seconds, self.stop, "timed_out", f"Exceeded timeout_seconds ({seconds}).")
        try:
            either: set[asyncio.Future[Any]] = {worked, self._stopped}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        if worked.done():
            return _outcome_of(worked.result())
        stopped = self._stopped.result()
        self.context.stopped = stopped
        self.context.cancelled.set()
        cancel()
        return _outcome_of_stop(stopped)

    def _soon(self, call: Callable[..., object], *args: object) -> None:
        """Can be called from any thread."""
        soon(self._loop, call, *args)


def _outcome_of(ended: Ended) -> Outcome:
    error = ended.error
    if error is None:
        return Completed(ended.result)
    if isinstance(error, NotMe):
        return Released(message_of(error), may_return=False)
    return Failed(error, should_retry=not isinstance(error, PermanentError))


def _outcome_of_stop(stopped: AttemptStopped) -> Outcome:
    match stopped.code:
        case "timed_out":
            return Failed(stopped, should_retry=True)
        case "agent_stopping":
            return Released(str(stopped), may_return=True)
        case _:
            return Lost()
