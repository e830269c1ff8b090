"""Reports outcomes, each until Muster has accepted or refused it."""

from __future__ import annotations

import math
from typing import Any

from .._async_client import AsyncMuster
from .._errors import MusterError
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
        task = run.task
        match outcome:
            case Completed():
                return await self._complete(run, outcome, claim_next)
            case Failed():
                await self._fail(run, outcome.error, outcome.should_retry)
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

    async def _complete(self, run: Run, outcome: Completed, claim_next: int) -> list[ClaimedTask]:
        fields = self._fields(run)
        if claim_next > 0:
            held = [one for one in self._runs.holding if one["task_id"] != run.task.task_id]
            fields |= {"claim_next": claim_next, "holding": held, "task_types": self._task_types}
        try:
            completed = await self._muster.complete_task(run.task.task_id, result=outcome.result, **fields)
        except (TypeError, ValueError, RecursionError, MusterError) as error:
            if isinstance(error, MusterError) and error.code not in ("too_large", "invalid_input"):
                raise
            # Another attempt would produce the same result, which cannot be serialized or is not accepted.
            await self._fail(run, ValueError(f"The result was refused: {message_of(error)}"), should_retry=False)
            return []
        return completed.claimed

    async def _fail(self, run: Run, error: BaseException, should_retry: bool) -> None:
        text = shortened(message_of(error), _ERROR_LENGTH)
        await self._muster.fail_task(run.task.task_id, text, should_retry=should_retry, **self._fields(run))

    def _fields(self, run: Run) -> dict[str, Any]:
        return {"attempt": run.task.attempt, "metrics": run.metrics or None, **self._identity.fields()}
