"""Runs handlers for the tasks of an agent and reports their outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from .._async_client import AsyncMuster
from .._errors import MusterError
from .._exchange import log
from .._tracing import usage_in
from ..models import ClaimedTask
from .claims import CLAIM_SIZE
from .context import Context
from .errors import AttemptStopped, NotMe, PermanentError
from .execution import Handler
from .identity import Identity
from .progress import ProgressReports
from .reporter import Reporter
from .run import WHY_STOPPED, Completed, Failed, Outcome, Released, Run
from .runs import Runs

OnError = Callable[[BaseException, ClaimedTask], None]


class TaskRunner:
    """Runs handlers. ``on_room`` is called when a slot becomes free; True: there may be more work for it at once."""

    def __init__(
        self,
        muster: AsyncMuster,
        identity: Identity,
        runs: Runs,
        reporter: Reporter,
        *,
        handlers: Mapping[str, Handler],
        handlers_loop: asyncio.AbstractEventLoop,
        on_begin: Callable[[Run], None],
        on_room: Callable[[bool], None],
        on_error: OnError,
    ) -> None:
        self._identity = identity
        self._runs = runs
        self._reporter = reporter
        self._handlers = handlers
        self._handlers_loop = handlers_loop
        self._progress = ProgressReports(muster, identity)
        self._on_begin = on_begin
        self._on_room = on_room
        self._on_error = on_error
        self._under_way: set[asyncio.Task[None]] = set()
        # For handlers that continue although their task is lost.
        self._lingering: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def begin(self, task: ClaimedTask) -> None:
        """Begins work on a task, unless this attempt was received before."""
        if not self._runs.is_new(task.task_id, task.attempt):
            return
        run = Run(task, self._identity, self._progress.report)
        self._runs.add(run)
        self._on_begin(run)
        _keep(self._work(run), self._under_way)

    def close(self) -> None:
        """From now on, tasks are released instead of begun."""
        self._is_closed = True

    async def idle(self) -> None:
        """Returns when everything is reported."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def returned(self) -> None:
        """Returns when no handler is running."""
        while self._lingering:
            await asyncio.wait(self._lingering)

    def cancel(self) -> None:
        """Stops reporting."""
        for one in self._under_way | self._lingering:
            one.cancel()

    async def _work(self, run: Run) -> None:
        if self._is_closed:
            outcome: Outcome = Released(WHY_STOPPED, may_return=True)
        else:
            outcome = await self._perform(run)
        run.span.end()
        run.phase = "reporting"
        wants_more = isinstance(outcome, Completed) and not self._is_closed
        more = self._runs.reserve(CLAIM_SIZE - 1) if wants_more else 0
        asked = more + 1 if wants_more else 0
        following: list[ClaimedTask] = []
        try:
            with run.span.active():
                following = await self._reporter.report(run, outcome, asked)
            log.debug("%s: %s", run, type(outcome).__name__.lower())
        except Exception as error:  # noqa: BLE001 -- whatever it is, the agent goes on
            self._unreported(run, error)
        self._runs.unreserve(more)
        run.phase = "over"
        self._free_slot(run, is_more=len(following) == asked)
        for task in following:
            self.begin(task)

    async def _perform(self, run: Run) -> Outcome:
        log.debug("%s started", run)
        outcome = await run.perform(self._handler_for(run.task), self._handlers_loop)
        self._progress.end(run)
        run.span.set(usage_in(run.metrics))
        if isinstance(outcome, Failed):
            run.span.fail(outcome.error)
            is_meant = isinstance(outcome.error, PermanentError | AttemptStopped)
            log.warning("%s failed: %s", run, outcome.error, exc_info=None if is_meant else outcome.error)
            self._on_error(outcome.error, run.task)
        return outcome

    def _free_slot(self, run: Run, *, is_more: bool) -> None:
        """A handler that continues although its task is lost keeps its slot occupied."""

        def free() -> None:
            self._runs.remove(run)
            self._on_room(is_more)

        if run.returned.is_set():
            free()
            return

        async def wait() -> None:
            await run.returned.wait()
            free()

        _keep(wait(), self._lingering)

    def _unreported(self, run: Run, error: Exception) -> None:
        if isinstance(error, MusterError) and error.is_gone:
            log.info("%s is no longer held: %s", run, error.detail)
            return
        log.error("%s: report failed: %s", run, error)
        self._on_error(error, run.task)

    def _handler_for(self, task: ClaimedTask) -> Handler:
        return self._handlers.get(task.task_type) or self._handlers.get("*") or _refuse


def _refuse(task: ClaimedTask, _: Context) -> None:
    raise NotMe(f"The agent has no handler for task type {task.task_type}.")


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Starts a coroutine and keeps a reference until it has ended: a loop alone does not keep its tasks alive."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
