"""The agent class for programs."""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from types import FrameType
from typing import Any, TypeVar

from .._async_client import AsyncMuster
from .._exchange import DEFAULT_TIMEOUT, Settings
from ..models import ClaimedTask
from .execution import Handler, soon
from .life import Life
from .options import AgentOptions

H = TypeVar("H", bound=Handler)

_DEFAULT_MAXIMUM = 5
_DEFAULT_GRACE = 20.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Agent:
    """Works on tasks: registers, claims while it has room, runs a handler for each task, and reports the outcomes.

    Its requests and heartbeats run in a separate thread, so that no handler can block them. Errors of handlers and
    of the network do not end it.

    Args:
        agent_id: Only one process at a time may run it: a second one waits until the first has stopped.
        capabilities: What the agent can do.
        url: URL of Muster. Default: MUSTER_URL in the environment, or else http://127.0.0.1:4800.
        key: API key, ``mst_...``. Default: MUSTER_KEY in the environment.
        max_concurrent_tasks: How many tasks it works on concurrently.
        metadata: Stored with the agent.
        per_process: Gives each process an agent id of its own, such as ``writer@host-1a2b``, which is deregistered when
            the process stops; for agents with several replicas. A key of agent ``writer`` can run all of them.
        takeover: Replaces a process that has the id, instead of waiting for it: that process stops, and its tasks come
            here.
        grace: Seconds for handlers to finish after a stop, before their tasks are released.
        heartbeat: Seconds between heartbeats. Default: a third of the shortest lease, at most 20.
        max_poll: Maximum time between claims while idle, in seconds. Default: as Muster suggests.
        timeout: Seconds to wait for a response.
        stop_signals: Signals that stop ``run()``; a second one ends the grace period.
        on_error: Called with errors of handlers and with refused reports, in a thread of the agent.
    """

    def __init__(
        self,
        agent_id: str,
        *,
        capabilities: Sequence[str],
        url: str | None = None,
        key: str | None = None,
        max_concurrent_tasks: int = _DEFAULT_MAXIMUM,
        metadata: Mapping[str, Any] | None = None,
        per_process: bool = False,
        takeover: bool = False,
        grace: float = _DEFAULT_GRACE,
        heartbeat: float | None = None,
        max_poll: float = math.inf,
        timeout: float = DEFAULT_TIMEOUT,
        stop_signals: Sequence[signal.Signals] = _STOP_SIGNALS,
        on_error: Callable[[BaseException, ClaimedTask], None] | None = None,
    ) -> None:
        self._options = AgentOptions(
            agent_id=agent_id,
            capabilities=list(capabilities),
            max_concurrent_tasks=max_concurrent_tasks,
            metadata=metadata,
            per_process=per_process,
            takeover=takeover,
            grace=grace,
            heartbeat=heartbeat,
            max_poll=max_poll,
            on_error=on_error,
        )
        self._access = (url, key, timeout)
        self._stop_signals = stop_signals
        # A signal can arrive while its thread holds the lock.
        self._lock = threading.RLock()
        self._stops = 0
        self._stop: Callable[[], None] | None = None

    def task(self, *task_types: str) -> Callable[[H], H]:
        """Makes a function the handler of some task types; without types, of every type that has no other handler.

        It is called with the task and a Context. Coroutine functions run in an event loop, others in threads.
        """

        def register(handler: H) -> H:
            for task_type in task_types or ("*",):
                if task_type in self._options.handlers:
                    raise ValueError(f"There is a handler for {task_type!r} already.")
                self._options.handlers[task_type] = handler
            return handler

        return register

    def run(self) -> None:
        """Works until a signal or ``stop()`` stops it. Coroutine functions run in an event loop in a separate thread.

        Raises:
            MusterError: Muster refuses the agent, for example its key, or another process has replaced this one.
        """
        with _running_loop() as handlers_loop, self._handling_signals():
            ended = self._begin(handlers_loop)
            # With a timeout, because on Windows a wait without one cannot be interrupted.
            while not ended.done():
                with contextlib.suppress(TimeoutError):
                    ended.exception(timeout=1)
            ended.result()

    async def run_async(self) -> None:
        """Like ``run()``, in the current event loop. Handling signals is up to the program: call ``stop()``, or cancel.

        Raises:
            MusterError: As ``run()``.
        """
        ended = asyncio.wrap_future(self._begin(asyncio.get_running_loop()))
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            self.stop()
            self.stop()
            await asyncio.wait({ended})
            raise

    def stop(self) -> None:
        """Begins nothing new and ends ``run()`` when all is done, within the grace period, which a second call ends.

        Can be called from any thread and from handlers.
        """
        with self._lock:
            self._stops += 1
            if self._stop is not None:
                self._stop()

    def _begin(self, handlers_loop: asyncio.AbstractEventLoop) -> Future[None]:
        """Runs in a separate thread, until the future is done."""
        if not self._options.handlers:
            raise ValueError("The agent has no handler: decorate a function with @agent.task(...).")
        url, key, timeout = self._access
        # Raises if they are invalid.
        Settings.of(url, key, timeout, 0)
        ended: Future[None] = Future()

        async def live() -> None:
            async with AsyncMuster(url, key, timeout=timeout) as muster:
                life = Life(self._options, muster, handlers_loop)
                loop = asyncio.get_running_loop()
                with self._lock:
                    for _ in range(self._stops):
                        life.stop()
                    self._stop = lambda: soon(loop, life.stop)
                await life.live()

        def work() -> None:
            with asyncio.Runner() as runner:
                try:
                    runner.run(live())
                except BaseException as error:  # noqa: BLE001 -- it is raised where the agent was started
                    ended.set_exception(error)
                else:
                    ended.set_result(None)

        threading.Thread(target=work, name=f"muster-{self._options.agent_id}", daemon=True).start()
        return ended

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        """Stops on signals, if called from the main thread: other threads cannot handle signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        before = {number: signal.signal(number, stop) for number in self._stop_signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def _running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a separate thread, for handlers that are coroutine functions."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="muster-handlers", daemon=True).start()
    try:
        yield loop
    finally:
        # Not waited for: a handler may block it.
        loop.call_soon_threadsafe(loop.stop)
