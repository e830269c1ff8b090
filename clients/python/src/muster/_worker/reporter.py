"""Reports outcomes, each until Muster has accepted or refused it."""

from __future__ import annotations

import math
from typing import Any

from .._async_client import AsyncMuster
from .._errors import MusterError
from .._exchange import log
from ..models import ClaimedTask
from .identity import Identity
from .run import Completed, Failed, Lost, Outcome, Released, Run
from .runs import Runs
from .text import message_of, shortened

# Keeps the request small; Muster itself would accept more.
_ERROR_LENGTH = 4_000


class Reporter:
    """Reports outcomes."""

    def __init__(self, muster: AsyncMuster, identity: Identity, runs: Runs, task_types: list[str] | None) -> None:
        self._muster = muster.with_options(retries=math.inf)
        self._identity = identity
        self._runs = runs
        self._task_types = task_types

    async def report(self, run: Run, outcome: Outcome, claim_next: int) -> list[ClaimedTask]:
        """Reports an outcome and returns the tasks claimed in the same call.

        Args:
            run: The run with this outcome.
            outcome: What to report.
            claim_next: How many tasks to claim with a completion.

        Raises:
            MusterError: The report is refused.
        """
        try:
            return await self._report(run, outcome, claim_next, run.metrics)
        except Exception as error:
            # Without the outcome, the task would be held until its lease expires, and then repeated.
            if not run.metrics or not _is_unusable(error):
                raise
            log.warning("%s: reporting without metrics: %s", run, message_of(error))
            return await self._report(run, outcome, claim_next, {})

    async def _report(self, run: Run, outcome: Outcome, claim_next: int, metrics: dict[str, Any]) -> list[ClaimedTask]:
        task = run.task
        match outcome:
            case Completed():
                return await self._complete(run, outcome, claim_next, metrics)
            case Failed():
                await self._fail(run, outcome.error, metrics, should_retry=outcome.should_retry)
            case Released():
                await self.release(task.task_id, task.attempt, outcome.reason, may_return=outcome.may_return)
            case Lost():
                pass
        return []

    async def release(self, task_id: str, attempt: int, why: str, *, may_return: bool) -> None:
        """Releases a task; ``may_return``: this agent may be given the task again at once."""
        await self._muster.release_task(
            task_id,
            shortened(why, _ERROR_LENGTH),
            attempt=attempt,
            exclude=not may_return,
            **self._identity.fields(),
        )

    async def _complete(
        self, run: Run, outcome: Completed, claim_next: int, metrics: dict[str, Any]
    ) -> list[ClaimedTask]:
        fields = self._fields(run, metrics)
        if claim_next > 0:
            held = [one for one in self._runs.holding if one["task_id"] != run.task.task_id]
            fields |= {"claim_next": claim_next, "holding": held, "task_types": self._task_types}
        try:
            completed = await self._muster.complete_task(run.task.task_id, result=outcome.result, **fields)
        except Exception as error:
            if not _is_unusable(error):
                raise
            # Another attempt would produce the same result.
            refused = ValueError(f"The result was refused: {message_of(error)}")
            await self._fail(run, refused, metrics, should_retry=False)
            return []
        return completed.claimed

    async def _fail(self, run: Run, error: BaseException, metrics: dict[str, Any], *, should_retry: bool) -> None:
        text = shortened(message_of(error), _ERROR_LENGTH)
        await self._muster.fail_task(run.task.task_id, text, should_retry=should_retry, **self._fields(run, metrics))

    def _fields(self, run: Run, metrics: dict[str, Any]) -> dict[str, Any]:
        return {"attempt": run.task.attempt, "metrics": metrics or None, **self._identity.fields()}


def _is_unusable(error: Exception) -> bool:
    """Whether the handler's result cannot be serialized or is not accepted."""
    return not isinstance(error, MusterError) or error.code in ("too_large", "invalid_input")
