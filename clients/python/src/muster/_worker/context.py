"""The second argument of a handler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .._json import encode
from ..models import ClaimedTask, DependencyResult
from .errors import AttemptStopped


class Context:
    """What a handler gets besides its task. All methods can be called from any thread."""

    def __init__(self, task: ClaimedTask, report: Callable[[float, str | None], None]) -> None:
        self.task = task
        self.cancelled = threading.Event()
        """Set when the work is no longer needed; then ``stopped`` says why."""
        self.stopped: AttemptStopped | None = None
        self._report = report
        self.measured: dict[str, Any] = {}
        """The metrics added so far."""

    @property
    def dependency_results(self) -> dict[str, DependencyResult]:
        """Outcomes of the dependencies by task id. Those that were too large are listed in ``task.omitted``."""
        return self.task.dependency_results

    def progress(self, percent: float, message: str | None = None) -> None:
        """Reports progress; at most one report a second is sent, the latest.

        Raises:
            AttemptStopped: The work is no longer needed.
        """
        self.raise_if_cancelled()
        self._report(percent, message)

    def metrics(self, **metrics: Any) -> None:
        """Adds to the metrics of the report, for example ``input_tokens``; a later value replaces an earlier one.

        Raises:
            TypeError, ValueError: A value cannot be serialized as JSON.
        """
        encode(metrics)
        self.measured.update(metrics)

    def raise_if_cancelled(self) -> None:
        """Raises if the run was stopped, for handlers that do not report progress.

        Raises:
            AttemptStopped: The work is no longer needed.
        """
        if self.stopped is not None:
            raise self.stopped
