"""What handlers raise, and what is raised in them."""

from __future__ import annotations

from typing import Literal, TypeAlias


class PermanentError(Exception):
    """Raised by a handler: the task fails and is not retried."""


class NotMe(Exception):
    """Raised by a handler: another agent should do the task. It is released without using up an attempt."""


StopCause: TypeAlias = Literal["lost", "cancelled", "timed_out", "agent_stopping"]
"""Why a run was stopped: the task is no longer held, was cancelled or timed out, or the agent is stopping."""


class AttemptStopped(Exception):
    """Raised in a handler by its context when the work is no longer needed."""

    def __init__(self, code: StopCause, message: str) -> None:
        super().__init__(message)
        self.code: StopCause = code
