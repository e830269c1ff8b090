"""How to run an agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..models import ClaimedTask
from .execution import Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOptions:
    """The options of an agent, which Agent documents."""

    agent_id: str
    capabilities: Sequence[str]
    max_concurrent_tasks: int
    metadata: Mapping[str, Any] | None
    per_process: bool
    takeover: bool
    grace: float
    heartbeat: float | None
    max_poll: float
    on_error: Callable[[BaseException, ClaimedTask], None] | None
    handlers: dict[str, Handler] = field(default_factory=dict)
    """By task type; ``*`` takes every other type."""
