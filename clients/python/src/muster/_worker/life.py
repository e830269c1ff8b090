"""The life of an agent: it registers, works until stopped, and drains."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, NoReturn

from .._async_client import AsyncMuster
from .._errors import MusterError
from .._exchange import backoff, log
from ..models import ClaimedTask
from .claims import Claims
from .heartbeats import Heartbeats
from .identity import host_name, new_identity
from .options import AgentOptions
from .reporter import Reporter
from .run import WHY_STOPPED
from .runner import TaskRunner
from .runs import Runs
from .text import message_of

# How long a registration or claim in progress may continue after a stop, and how long releasing the rest may take,
# in seconds.
_ANSWER_SECONDS = 2.0
_RELEASE_SECONDS = 5.0
# How long cancelled handlers may clean up, in seconds.
_CLEANUP_SECONDS = 1.0
# How long to wait before trying again to register an id that is in use, in seconds, and how often to log it.
_FIRST_IN_USE, _LONGEST_IN_USE, _BETWEEN_NOTES = 1.0, 10.0, 60.0
_MAX_TASK_TYPES = 100


class Life:
    """A running agent. Belongs to one loop, which no handler can block."""

    def __init__(self, options: AgentOptions, muster: AsyncMuster, handlers_loop: asyncio.AbstractEventLoop) -> None:
        self._options = options
        self._muster = muster
        self._identity = new_identity(options.agent_id, per_process=options.per_process)
        self._runs = Runs(options.max_concurrent_tasks)
        types = list(options.handlers)
        task_types = None if "*" in types or len(types) > _MAX_TASK_TYPES else types
        self._reporter = Reporter(muster, self._identity, self._runs, task_types)
        self._runner = TaskRunner(
            muster,
            self._identity,
            self._runs,
            self._reporter,
            handlers=options.handlers,
            handlers_loop=handlers_loop,
            on_begin=lambda run: self._heartbeats.watch(run),
            on_room=lambda is_more: self._claims.slot_freed(is_more),
            on_error=self._on_error,
        )
        self._claims = Claims(
            muster,
            self._identity,
            self._runs,
            task_types=task_types,
            max_poll=options.max_poll,
            on_task=self._runner.begin,
            on_error=self._recover,
        )
        self._heartbeats = Heartbeats(
            muster,
            self._identity,
            self._runs,
            interval=options.heartbeat,
            on_unnamed=self._claims.ask_now,
            on_error=self._recover_heartbeats,
        )
        self._stopping = asyncio.Event()
        self._grace_over = asyncio.Event()
        self._replaced: MusterError | None = None
        self._is_registering = False

    def stop(self) -> None:
        """Begins nothing new; running handlers may finish within the grace period. A second call ends it at once."""
        if self._stopping.is_set():
            self._grace_over.set()
            return
        self._stopping.set()
        self._runner.close()
        self._claims.stop()

    async def live(self) -> None:
        """Works until it is stopped.

        Raises:
            MusterError: Muster refuses the agent, for example its key, or another process has replaced this one.
        """
        if not await self._unless_stopped(self._register(takeover=self._options.takeover)):
            return
        heartbeats = asyncio.create_task(self._heartbeats.run())
        claims = asyncio.create_task(self._claims.run())
        try:
            await self._work(claims)
        finally:
            for task in (heartbeats, claims):
                task.cancel()
            self._runner.cancel()

    async def _work(self, claims: asyncio.Task[None]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({claims, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        # Tasks in a response still on its way are released at once; others unknown by then are found when leaving.
        await asyncio.wait({claims}, timeout=_ANSWER_SECONDS)
        error = claims.exception() if claims.done() else None
        claims.cancel()
        if error is not None:
            self._end_at_once()
        if self._replaced is None:
            await self._leave()
        else:
            await _within(_RELEASE_SECONDS, self._runner.idle())
        if self._replaced or error:
            raise self._replaced or error or AssertionError

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether something finished before the agent was stopped."""
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if self._is_registering:
                # If it succeeded unnoticed, it would keep the id from the next process for a minute.
                await asyncio.wait({working}, timeout=_ANSWER_SECONDS)
            if working.done():
                working.result()
                return True
            return False
        finally:
            working.cancel()
            stopping.cancel()

    async def _register(self, *, takeover: bool = False) -> None:
        """Waits while another process runs the agent."""
        note_at, refusals = -math.inf, 0
        loop = asyncio.get_running_loop()
        while True:
            self._is_registering = True
            try:
                return await self._register_once(takeover=takeover)
            except MusterError as error:
                if error.code != "agent_in_use":
                    raise
                if loop.time() >= note_at:
                    log.warning("Waiting: %s", error.detail)
                    note_at = loop.time() + _BETWEEN_NOTES
            finally:
                self._is_registering = False
            refusals += 1
            await asyncio.sleep(_FIRST_IN_USE / 2 + backoff(refusals, _FIRST_IN_USE, _LONGEST_IN_USE))

    async def _register_once(self, *, takeover: bool) -> None:
        """Also ends a drain left by its own last stop, but not one that an operator requested."""
        agent = await self._muster.with_options(retries=math.inf).register_agent(
            **self._identity.fields(),
            host=host_name(),
            takeover=takeover,
            capabilities=self._options.capabilities,
            max_concurrent_tasks=self._options.max_concurrent_tasks,
            metadata=self._options.metadata,
        )
        log.info("Agent %s registered.", agent.agent_id)
        if agent.state == "draining":
            log.warning("Agent %s is draining: it gets no work until it is resumed.", agent.agent_id)

    async def _leave(self) -> None:
        """Draining stops the router; tasks assigned in the meantime are released as well."""
        log.info("Agent %s is stopping: finishing the tasks it holds.", self._identity.agent_id)
        drained = asyncio.create_task(self._drain())
        idle = asyncio.create_task(self._runner.idle())
        grace = asyncio.create_task(self._grace_over.wait())
        await asyncio.wait({idle, grace}, timeout=self._options.grace, return_when=asyncio.FIRST_COMPLETED)
        for run in self._runs.held:
            run.stop("agent_stopping", WHY_STOPPED)
        await _within(_RELEASE_SECONDS, self._release_rest(drained))
        await _within(_CLEANUP_SECONDS, self._runner.returned())
        for task in (drained, idle, grace):
            task.cancel()

    async def _drain(self) -> None:
        try:
            await self._muster.drain_agent(**self._identity.fields(), until_registered=True)
        except MusterError as error:
            log.warning("Draining agent %s failed: %s", self._identity.agent_id, error)

    async def _release_rest(self, drained: asyncio.Task[None]) -> None:
        agent_id = self._identity.agent_id
        try:
            await self._runner.idle()
            await drained
            for task in await self._heartbeats.beat():
                await self._reporter.release(task.task_id, task.attempt, WHY_STOPPED, may_return=True)
            if self._options.per_process:
                await self._muster.deregister_agent(agent_id)
        except MusterError as error:
            # If it is replaced, the next process already has the id, and with it any task that is left.
            if error.code != "agent_replaced":
                log.warning("Releasing the tasks of agent %s failed: %s", agent_id, error)

    async def _recover(self, error: MusterError) -> float:
        """Handles a failed request of the agent itself.

        Returns when to try again, in seconds, if the response says so.

        Raises:
            MusterError: The error itself, if trying again would not help.
        """
        if error.code == "agent_replaced":
            for run in self._runs.held:
                run.lose("agent_replaced", str(error))
            # A stopped agent's id is free as soon as its last report is written, before the report is answered.
            if self._stopping.is_set():
                return 0.0
            self._be_replaced(error)
        if error.code == "agent_not_found":
            log.warning("Agent %s is not registered; registering again.", self._identity.agent_id)
            await self._register()
            return 0.0
        if not error.is_temporary:
            raise error
        log.warning("Retrying: %s", error)
        return error.retry_after or 0.0

    async def _recover_heartbeats(self, error: MusterError) -> None:
        try:
            await self._recover(error)
        except MusterError as refusal:
            log.error("Heartbeat failed: %s", refusal)

    def _be_replaced(self, error: MusterError) -> NoReturn:
        """Another process took over the tasks: nothing is drained or released."""
        self._replaced = error
        log.error("Stopping: %s", error)
        self._end_at_once()
        raise error

    def _end_at_once(self) -> None:
        self.stop()
        self._grace_over.set()

    def _on_error(self, error: BaseException, task: ClaimedTask) -> None:
        """An error in the user's callback does not end the agent."""
        if self._options.on_error is None:
            return
        try:
            self._options.on_error(error, task)
        except Exception as raised:  # noqa: BLE001 -- whatever it is
            log.error("on_error raised: %s", message_of(raised))


async def _within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Awaits something, with a time limit."""
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
